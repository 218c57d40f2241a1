"""What cells mean: numbers, identifiers, classes; and which of them are missing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stellar.schema import CLASSES, SENTINEL

MISSING = ("", "nan", "null", "none", "n/a", "na", "--", "-", "masked", "\\n")
"""What stands for a value that is not there, in lower case; -9999 does so among numbers."""

_MISSING = pa.array(MISSING)
_PLACES = {name: CLASSES.index(name) for name in CLASSES} | dict.fromkeys(("QUASAR", "OSO"), CLASSES.index("QSO"))


def numbers(column: pa.Array, *, sentinels: bool = False) -> tuple[NDArray[np.float64], dict[int, str]]:
    """The numbers of a column as float64 of shape (n,), NaN where there is none; by row, cells that are no number.

    ``sentinels`` leaves -9999 as it is, for who counts what was not measured.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return numbers(column.dictionary_decode(), sentinels=sentinels)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _floats(column.cast(pa.float64(), safe=False), sentinels), {}
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan), {}
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _of_text(column.cast(pa.string()), sentinels)
    return np.full(len(column), np.nan), {
        row: str(value) for row, value in enumerate(column.to_pylist()) if value is not None
    }


def present(column: pa.Array) -> pa.Array:
    """The cells of a column of text without the spaces around them, null for those that stand for no value."""
    text = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.is_in(pc.utf8_lower(text), value_set=_MISSING), pa.scalar(None, pa.string()), text)


def labels(column: pa.Array) -> tuple[NDArray[np.int8], dict[int, str]]:
    """Places in ``stellar.schema.CLASSES``, -1 where there is no class; by row, cells that name none."""
    coded = column if pa.types.is_dictionary(column.type) else column.cast(pa.string()).dictionary_encode()
    names = [str(name or "").strip() for name in coded.dictionary.to_pylist()]
    known = np.array([_PLACES.get(name.upper(), -1) for name in names] + [-1], dtype=np.int8)
    rows = coded.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)
    wrong = [place for place, name in enumerate(names) if known[place] < 0 and name.lower() not in MISSING]
    return known[rows], {row: names[rows[row]] for row in np.flatnonzero(np.isin(rows, wrong)).tolist()}


def _floats(column: pa.Array, sentinels: bool) -> NDArray[np.float64]:
    found: NDArray[np.float64] = column.to_numpy(zero_copy_only=False)
    if not sentinels and np.any(gone := found == SENTINEL):
        found = np.where(gone, np.nan, found)
    return found


def _of_text(column: pa.Array, sentinels: bool) -> tuple[NDArray[np.float64], dict[int, str]]:
    text = present(column)
    try:
        return _floats(text.cast(pa.float64()), sentinels), {}
    except pa.ArrowInvalid:
        pass
    found, wrong = np.full(len(column), np.nan), {}
    for row, cell in enumerate(text.to_pylist()):
        if cell is None:
            continue
        if (number := _number(cell)) is None:
            wrong[row] = cell
        elif sentinels or number != SENTINEL:
            found[row] = number
    return found, wrong


def _number(cell: str) -> float | None:
    """Fortran's exponents and a decimal comma are numbers too; Python's underscores are not."""
    if "_" in cell:
        return None
    for text in (cell, cell.replace(",", ".", 1), cell.lower().replace("d", "e", 1)):
        try:
            return float(text)
        except ValueError:
            continue
    return None
