"""First stage, ``raw/``: the rows of a catalogue, or synthetic ones, as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from stellar_pipeline.data.synth import PARAMETERS_FILE
from stellar_pipeline.etl.stage import Progress, Record, run_stage, silent
from stellar_pipeline.etl.tables import synthetic, write_parquet
from stellar_pipeline.object_store import identify, open_root
from stellar_pipeline.reading.catalogue import find
from stellar_pipeline.reading.training import read_rows

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
    mapping: Mapping[str, str] | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> Record:
    """Put the rows of ``source`` (a file, folder, glob or ``s3://`` address), or synthetic ones, into ``raw/``.

    ``mapping`` says which column is which field. ``rows`` and ``seed`` are those of the synthetic catalogue.
    Raises CatalogueError, StorageError, OSError.
    """
    objects = open_root(root)

    def make(folder: Path) -> tuple[dict[str, Path], Record]:
        path = folder / "raw.parquet"
        batches = synthetic(rows, seed) if source is None else read_rows([source], mapping)
        return {RAW: path}, {"rows": write_parquet(path, _told(batches, progress))}

    inputs = _synthetic_inputs(rows, seed) if source is None else _file_inputs(source, mapping or {})
    return run_stage(objects, "obtain", inputs, make, force=force)


def _synthetic_inputs(rows: int, seed: int) -> dict[str, Any]:
    return {"source": SYNTHETIC, "rows": rows, "seed": seed, **identify(str(PARAMETERS_FILE))}


def _file_inputs(source: str, mapping: Mapping[str, str]) -> dict[str, Any]:
    files = find([source])
    found = identify(files[0]) if files == [source] else {"files": {file: identify(file) for file in files}}
    return {"source": Path(source).name, **found, **({"map": dict(mapping)} if mapping else {})}


def _told(batches: Iterator[pa.RecordBatch], progress: Progress) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        progress("obtain", batch.num_rows)
        yield batch
