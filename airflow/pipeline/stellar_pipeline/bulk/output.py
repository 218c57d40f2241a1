"""A file that grows, and can be cut at a settled place and gone on with."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from pathlib import Path

import pyarrow as pa

from stellar_pipeline.reading.errors import CatalogueError


class Output(ABC):
    """``settle`` makes all that was added part of the file and returns its length; ``finish`` ends the file."""

    typed = True
    """Whether columns of text are to become numbers where they hold such."""

    def __init__(self, path: Path, length: int = 0, schema: pa.Schema | None = None) -> None:
        """A new file, or one that is cut at a length and gone on with, whose rows have that schema."""
        self._file = path.open("r+b" if schema is not None else "w+b")
        self.schema = schema
        if schema is not None:
            self._file.truncate(length)
            self._resume(length)
            self._file.seek(0, io.SEEK_END)

    def add(self, rows: pa.RecordBatch) -> None:
        """Take rows. Raises CatalogueError where their columns are not those of the rows before."""
        rows = _as_text(rows)
        if self.schema is None:
            self.schema = rows.schema
            self._begin(rows)
        elif not rows.schema.equals(self.schema):
            rows = _as_before(rows, self.schema)
        self._write(rows)

    def settle(self) -> int:
        """Everything so far is written; the file's length."""
        self._file.flush()
        return self._file.tell()

    def finish(self) -> None:
        """Nothing more comes."""
        self.settle()
        self._file.close()

    def close(self) -> None:
        """Leave the file as it is."""
        self._file.close()

    def _begin(self, rows: pa.RecordBatch) -> None:
        """What stands before the first row."""
        return

    def _resume(self, length: int) -> None:
        """Learn from what is there."""
        return

    @abstractmethod
    def _write(self, rows: pa.RecordBatch) -> None: ...


def _as_before(rows: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    missing = [name for name in schema.names if name not in rows.schema.names]
    further = [name for name in rows.schema.names if name not in schema.names]
    if missing or further:
        told = [f"lacks {', '.join(missing)}"] if missing else []
        told += [f"has {', '.join(further)} besides"] if further else []
        raise CatalogueError(f"a file {' and '.join(told)}: files of one run have the same columns; run it by itself")
    try:
        return rows.select(schema.names).cast(schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise CatalogueError(f"a file's columns are of other types than those of the first: {error}") from None


def _as_text(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Columns that not every output can hold, such as lists and bytes, as text."""
    columns = [
        column.dictionary_decode()
        if pa.types.is_dictionary(column.type)
        else pa.array([None if v is None else _text(v) for v in column.to_pylist()], pa.string())
        if pa.types.is_nested(column.type) or pa.types.is_binary(column.type)
        else column
        for column in rows.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=rows.schema.names)


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
