"""First stage, ``raw/``: the rows of a catalogue file, or synthetic ones, as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from stellar_pipeline.data.synth import PARAMETERS_FILE
from stellar_pipeline.etl.stage import Progress, Record, run_stage, silent
from stellar_pipeline.etl.tables import read_catalogue, synthetic, write_parquet
from stellar_pipeline.object_store import identify, open_file, open_root

RAW = "raw/catalogue.parquet"
DEFAULT_ROWS = 10_000
SYNTHETIC = "synthetic"
"""The source of rows that were made up, in what the stage writes down."""


def obtain(
    root: str,
    source: str | None = None,
    *,
    rows: int = DEFAULT_ROWS,
    seed: int = 0,
    force: bool = False,
    progress: Progress = silent,
) -> Record:
    """Put the rows of ``source`` (a CSV or Parquet file, local or ``s3://``), or synthetic ones, into ``raw/``.

    ``rows`` and ``seed`` are those of the synthetic catalogue. Raises CatalogueError, StorageError.
    """
    objects = open_root(root)

    def make(folder: Path) -> tuple[dict[str, Path], Record]:
        path = folder / "raw.parquet"
        with _rows(source, rows, seed) as batches:
            return {RAW: path}, {"rows": write_parquet(path, _told(batches, progress))}

    inputs = _synthetic_inputs(rows, seed) if source is None else {"source": Path(source).name, **identify(source)}
    return run_stage(objects, "obtain", inputs, make, force=force)


def _synthetic_inputs(rows: int, seed: int) -> dict[str, Any]:
    return {"source": SYNTHETIC, "rows": rows, "seed": seed, **identify(str(PARAMETERS_FILE))}


@contextmanager
def _rows(source: str | None, rows: int, seed: int) -> Iterator[Iterator[pa.RecordBatch]]:
    if source is None:
        yield synthetic(rows, seed)
        return
    with open_file(source) as path:
        yield read_catalogue(path)


def _told(batches: Iterator[pa.RecordBatch], progress: Progress) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        progress("obtain", batch.num_rows)
        yield batch
