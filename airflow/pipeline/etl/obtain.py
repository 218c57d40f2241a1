"""First stage, ``raw/``: the rows of a catalogue file, or synthetic ones, as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.etl.stage import Progress, Record, digest_file, run_stage, silent
from pipeline.etl.tables import read_catalogue, synthetic, write_parquet
from pipeline.objects import open_file, open_root
from pipeline.synth import PARAMETERS_FILE

RAW = "raw/catalogue.parquet"
DEFAULT_ROWS = 10_000


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
    with _source(source, rows, seed) as (inputs, batches):

        def make(folder: Path) -> tuple[dict[str, Path], Record]:
            path = folder / "raw.parquet"
            return {RAW: path}, {"rows": write_parquet(path, _told(batches, progress))}

        return run_stage(objects, "obtain", inputs, make, force=force)


@contextmanager
def _source(source: str | None, rows: int, seed: int) -> Iterator[tuple[dict[str, Any], Iterator[pa.RecordBatch]]]:
    """What tells the source from others, and its rows."""
    if source is None:
        drawn = digest_file(PARAMETERS_FILE)
        yield {"source": "synthetic", "rows": rows, "seed": seed, "sha256": drawn}, synthetic(rows, seed)
        return
    with open_file(source) as path:
        yield {"source": Path(source).name, "sha256": digest_file(path)}, read_catalogue(path)


def _told(batches: Iterator[pa.RecordBatch], progress: Progress) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        progress("obtain", batch.num_rows)
        yield batch
