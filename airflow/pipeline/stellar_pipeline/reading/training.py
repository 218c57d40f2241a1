"""Catalogues to learn from: their rows under the names and types of the 18 columns, whatever the files call them.

A catalogue to classify may have lines that are none, and they are listed; one to learn from must be right throughout,
so the first value that is not of its kind is an error that names its line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from stellar.schema import CLASSES, FIELD_BY_NAME, MAGNITUDES
from stellar_pipeline.data.columns import COLUMNS
from stellar_pipeline.reading.catalogue import Opened, find, open_catalogue
from stellar_pipeline.reading.errors import CatalogueError, ColumnValueError
from stellar_pipeline.reading.table import Piece
from stellar_pipeline.reading.values import labels, numbers

REQUIRED = (*MAGNITUDES, "class", "redshift")
"""Columns that training cannot do without."""

_EXACT = 2.0**53
"""The largest whole number up to which float64 has every one."""


def _kind(name: str) -> pa.DataType:
    if name == "class":
        return pa.string()
    field = FIELD_BY_NAME.get(name)
    return pa.float64() if field is not None and field.type is float else pa.int64()


SCHEMA = pa.schema([(name, _kind(name)) for name in COLUMNS])
"""The 18 columns. Identifiers are float64, as the data set writes them: no model learns from them."""


def read_rows(
    inputs: Sequence[str | Path], mapping: Mapping[str, str] | None = None, required: Sequence[str] = REQUIRED
) -> Iterator[pa.RecordBatch]:
    """The rows of files, folders, globs and ``s3://`` addresses; a column that a file has not is null.

    Raises CatalogueError (ColumnValueError names the line), StorageError, OSError.
    """
    for opened, piece in _pieces(inputs, mapping, required):
        yield _batch(opened, piece)


def read_cells(
    inputs: Sequence[str | Path], mapping: Mapping[str, str] | None = None, required: Sequence[str] = REQUIRED
) -> Iterator[pa.RecordBatch]:
    """The same rows, checked, with cells as the files have them, of those of the 18 columns that they have.

    Raises as ``read_rows``.
    """
    for opened, piece in _pieces(inputs, mapping, required):
        _batch(opened, piece)
        names = [name for name in COLUMNS if name in opened.columns]
        yield pa.RecordBatch.from_arrays([piece.rows.column(opened.columns[name]) for name in names], names=names)


def read(
    inputs: Sequence[str | Path], mapping: Mapping[str, str] | None = None, required: Sequence[str] = REQUIRED
) -> pd.DataFrame:
    """All rows of ``read_rows`` in one frame, without ``rerun_ID``, which is one and the same number in all of them."""
    table = pa.Table.from_batches(read_rows(inputs, mapping, required), SCHEMA)
    frame: pd.DataFrame = table.drop_columns("rerun_ID").to_pandas()
    return frame


def _pieces(
    inputs: Sequence[str | Path], mapping: Mapping[str, str] | None, required: Sequence[str]
) -> Iterator[tuple[Opened, Piece]]:
    count = 0
    for file in find([str(each) for each in inputs]):
        with open_catalogue(file, mapping, required) as opened:
            for piece in opened.table.pieces():
                if piece.bad:
                    first = piece.bad[0]
                    raise ColumnValueError(f"{first.source}, line {first.line}: {first.reason}")
                if piece.rows.num_rows:
                    count += piece.rows.num_rows
                    yield opened, piece
    if not count:
        raise CatalogueError(f"{', '.join(Path(each).name for each in inputs)} has no rows")


def _batch(opened: Opened, piece: Piece) -> pa.RecordBatch:
    arrays = []
    for name in COLUMNS:
        column = opened.columns.get(name)
        if column is None:
            arrays.append(pa.nulls(piece.rows.num_rows, SCHEMA.field(name).type))
        elif name == "class":
            arrays.append(_classes(opened, piece, piece.rows.column(column)))
        else:
            arrays.append(_numbers(opened, piece, name, piece.rows.column(column)))
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _classes(opened: Opened, piece: Piece, column: pa.Array) -> pa.Array:
    places, wrong = labels(column)
    for row in np.flatnonzero(places < 0).tolist():
        raise _error(opened, piece, row, f"class is {wrong.get(row, '')!r}, not one of {', '.join(CLASSES)}")
    return pa.DictionaryArray.from_arrays(pa.array(places), pa.array(CLASSES)).dictionary_decode()


def _numbers(opened: Opened, piece: Piece, name: str, column: pa.Array) -> pa.Array:
    values, wrong = numbers(column, sentinels=name in MAGNITUDES)
    for row, cell in wrong.items():
        raise _error(opened, piece, row, f"{name} is {cell[:40]!r}, which is no number")
    missing = np.isnan(values)
    if pa.types.is_integer(SCHEMA.field(name).type):
        whole = np.where(missing, 0.0, values)
        for row in np.flatnonzero(_not_whole(whole)).tolist():
            raise _error(opened, piece, row, f"{name} is {values[row]:.17g}, which is no whole number")
        return pa.array(whole.astype(np.int64), mask=missing)
    return pa.array(values, mask=missing)


def _not_whole(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    wrong: NDArray[np.bool_] = (np.floor(values) != values) | (np.abs(values) > _EXACT)
    return wrong


def _error(opened: Opened, piece: Piece, row: int, text: str) -> ColumnValueError:
    return ColumnValueError(f"{opened.table.name}, line {piece.lines[row]}: {text}")
