"""Catalogue rows as Parquet, read and written a batch at a time, so that memory holds no whole catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from stellar.schema import FIELD_BY_NAME
from stellar_pipeline.data.catalogue import CatalogueError, ColumnValueError, MissingColumnError
from stellar_pipeline.data.columns import COLUMNS
from stellar_pipeline.data.synth import generate

BATCH = 100_000
"""Rows of a batch, and of a row group in the files: about 13 MB."""


def _kind(name: str) -> pa.DataType:
    if name == "class":
        return pa.string()
    field = FIELD_BY_NAME.get(name)
    return pa.float64() if field is not None and field.type is float else pa.int64()


SCHEMA = pa.schema([(name, _kind(name)) for name in COLUMNS])
"""The 18 columns. ``obj_ID`` and ``spec_obj_ID`` are float64, as the data set writes them."""

_COMPRESSION = {"compression": "zstd", "compression_level": 1}


def read_csv(path: Path) -> Iterator[pa.RecordBatch]:
    """The 18 columns of a CSV file; columns beyond them are ignored.

    Raises MissingColumnError; ColumnValueError where a number is none, CatalogueError where the file is not CSV.
    """
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        header = file.readline().strip().replace('"', "").split(",")
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise MissingColumnError(path, missing)
    # Whole numbers are read as float64 too, because tools write 3606 as 3606.0, and are exact up to 2**53.
    kinds = {name: pa.string() if name == "class" else pa.float64() for name in COLUMNS}
    try:
        reader = pyarrow.csv.open_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(block_size=8 << 20, use_threads=False),
            convert_options=pyarrow.csv.ConvertOptions(include_columns=list(COLUMNS), column_types=kinds),
        )
        with reader:
            for batch in reader:
                yield _cast(batch, path)
    except pa.ArrowInvalid as error:
        raise ColumnValueError(f"{path.name}: {str(error).splitlines()[0]}") from None


def read_parquet(path: Path, columns: Iterable[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file, in order."""
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(BATCH, columns=list(columns) if columns else None, use_threads=False)


def read_catalogue(path: Path) -> Iterator[pa.RecordBatch]:
    """The 18 columns of a catalogue in a CSV or Parquet file. Raises as ``read_csv``."""
    if path.suffix != ".parquet":
        yield from read_csv(path)
        return
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
    except pa.ArrowInvalid:
        raise CatalogueError(f"{path.name} is not a Parquet file") from None
    if missing := [name for name in COLUMNS if name not in names]:
        raise MissingColumnError(path, missing)
    for batch in read_parquet(path, COLUMNS):
        yield _cast(batch, path)


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


def _cast(batch: pa.RecordBatch, path: Path) -> pa.RecordBatch:
    """The columns in order, as ``SCHEMA`` has them."""
    try:
        return batch.select(list(COLUMNS)).cast(SCHEMA)
    except pa.ArrowInvalid as error:
        raise ColumnValueError(f"a column of {path.name} is not of its kind: {error}") from None
