"""Catalogue rows as Parquet, read and written a batch at a time, so that memory holds no whole catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stellar_pipeline.data.synth import generate
from stellar_pipeline.reading.training import SCHEMA

BATCH = 100_000
"""Rows of a batch, and of a row group in the files: about 13 MB."""


_COMPRESSION = {"compression": "zstd", "compression_level": 1}


def read_parquet(path: Path, columns: Iterable[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file, in order."""
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(BATCH, columns=list(columns) if columns else None, use_threads=False)


def write_parquet(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema = SCHEMA) -> int:
    """Write rows in groups of ``BATCH``, whatever the size of the batches; gives their number."""
    total, waiting, held = 0, [], 0
    with pq.ParquetWriter(path, schema, **_COMPRESSION) as writer:
        for batch in batches:
            waiting.append(batch)
            held += batch.num_rows
            total += batch.num_rows
            if held >= BATCH:
                writer.write_table(pa.Table.from_batches(waiting, schema), BATCH)
                waiting, held = [], 0
        if held or not total:
            writer.write_table(pa.Table.from_batches(waiting, schema), BATCH)
    return total


def write_synthetic(path: Path, rows: int, seed: int) -> Iterator[int]:
    """Write a synthetic catalogue as Parquet; yields the rows of each chunk as it is written. Raises OSError."""
    with pq.ParquetWriter(path, SCHEMA, **_COMPRESSION) as writer:
        for batch in synthetic(rows, seed):
            writer.write_batch(batch)
            yield batch.num_rows


def synthetic(rows: int, seed: int) -> Iterator[pa.RecordBatch]:
    """The rows of ``stellar_pipeline.data.synth.generate``."""
    for chunk in generate(rows, seed):
        yield pa.RecordBatch.from_pydict(chunk, schema=SCHEMA)
