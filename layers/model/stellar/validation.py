"""Objects in, columns out: ten thousand rows are checked in a few array operations, one row without any.

There is one meaning of "valid", that of ``schema.StarFeatures``. The quick ways check plain numbers and can only
accept; a row that they do not accept goes to the pydantic model, which accepts it after all or says what is wrong.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from stellar.schema import DIGITS, FIELD_BY_NAME, FIELDS, MAGNITUDES, SENTINEL, Identifier, StarFeatures

_COLUMNS = tuple(field.name for field in FIELDS)
_values_of = itemgetter(*_COLUMNS)
_PLACE = {name: place for place, name in enumerate(_COLUMNS)}
_MINIMUM = np.array([field.minimum for field in FIELDS])
_MAXIMUM = np.array([np.inf if field.maximum is None else field.maximum for field in FIELDS])
_INTEGRAL = np.array([field.type is int for field in FIELDS])
_LOW, _HIGH = np.array(
    [field.typical if field.is_measured and field.typical else (-np.inf, np.inf) for field in FIELDS]
).T
_BANDS = [_PLACE[name] for name in MAGNITUDES]
_REDSHIFT = _PLACE["redshift"]
ZERO_REDSHIFT = "redshift = 0 to the last digit is seldom a measurement: leave it out if there is none"
"""In the shipped model's training data it is on galaxies alone, in the midst of the redshifts of stars."""

_NUMBERS = frozenset({int, float})
_ABSENT = (math.nan,) * len(FIELDS)
# The same limits for one row: infinity is above the maximum, and NaN is below nothing.
_LIMITS = [
    (field.minimum, sys.float_info.max if field.maximum is None else field.maximum, field.type is int)
    for field in FIELDS
]
_TYPICAL = [(place, *field.typical) for place, field in enumerate(FIELDS) if field.is_measured and field.typical]
# What stands for a column that an object does not have: a valid value where it may be absent, else none.
_FILL = [(field.name, math.nan if field.is_measured else float(field.example), field.identifier) for field in FIELDS]
_TEXT_BRANCH = "constrained-str"
_NO_DIGITS = "The text of an identifier is its digits, 20 at most"
_is_digits = re.compile(DIGITS, re.ASCII).fullmatch


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with an object. ``field`` is empty where the object itself is not one."""

    field: str
    message: str
    limit: str | None = None
    value: Any = None

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with the ``index``-th row of a request."""

    index: int
    violations: tuple[Violation, ...]


class InvalidObjectError(ValueError):
    """The object cannot be classified; ``violations`` says why."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("; ".join(map(str, violations)))
        self.violations = violations


Identifiers = tuple[Identifier | None, Identifier | None]
"""obj_ID and spec_obj_ID of an object, as they came."""

_NO_IDENTIFIERS: Identifiers = (None, None)


@dataclass(frozen=True, slots=True)
class Batch:
    """The valid rows of a request as columns, in order, and what is wrong with the others.

    ``magnitudes`` is float64 of shape (n, 5), ugriz; ``redshift`` is float64 of shape (n,), NaN where absent;
    ``indices`` says which row of the request each is; ``warnings`` holds out-of-range texts by position, sparsely;
    ``identifiers`` are obj_ID and spec_obj_ID of each object as they came, or empty where no object has any.
    """

    indices: NDArray[np.intp]
    magnitudes: NDArray[np.float64]
    redshift: NDArray[np.float64]
    warnings: Mapping[int, list[str]]
    errors: tuple[RowError, ...] = ()
    identifiers: Sequence[Identifiers] = ()

    def __len__(self) -> int:
        return len(self.indices)


@dataclass(frozen=True, slots=True)
class ValidObject:
    """One valid object: its ugriz ``magnitudes``, its ``redshift`` (NaN where absent), texts for unusual values."""

    magnitudes: Sequence[float]
    redshift: float
    warnings: list[str]
    identifiers: Identifiers = _NO_IDENTIFIERS


def validate(rows: Sequence[object]) -> Batch:
    """Check rows against the contract. Never raises: rows that are wrong are in ``errors`` of the batch."""
    plain = [_plain(row) for row in rows]
    try:
        table = np.array(plain, dtype=np.float64).reshape(len(rows), len(FIELDS))
    except OverflowError:  # an integer beyond float64: rare enough to take every row the precise way
        table = np.array([_ABSENT] * len(rows))
    accepted = _within_limits(table)
    errors = []
    for index in np.flatnonzero(~accepted).tolist():
        try:
            table[index] = _precise(rows[index])
            accepted[index] = True
        except InvalidObjectError as error:
            errors.append(RowError(index, error.violations))
    indices = np.flatnonzero(accepted)
    valid = table[indices]
    identifiers = [_identifiers(rows[index]) for index in indices.tolist()]
    return Batch(indices, valid[:, _BANDS], valid[:, _REDSHIFT], _warnings(valid), tuple(errors), identifiers)


def validate_one(row: object) -> ValidObject:
    """Check a single object. Raises InvalidObjectError.

    Without arrays: a server that has just been woken by a request spends more on getting NumPy's code back into the
    processor's caches than on all the arithmetic.
    """
    values = _plain(row)
    if not _keeps_limits(values):
        values = _precise(row)
    unusual = [place for place, low, high in _TYPICAL if values[place] < low or values[place] > high]
    warnings = [_warning(place, values[place]) for place in unusual]
    if values[_REDSHIFT] == 0:
        warnings.append(ZERO_REDSHIFT)
    return ValidObject(values[_BANDS[0] : _BANDS[-1] + 1], values[_REDSHIFT], warnings, _identifiers(row))


def _identifiers(row: Any) -> Identifiers:
    """Of a valid row, which is a mapping."""
    return row.get("obj_ID"), row.get("spec_obj_ID")


def _plain(row: object) -> Sequence[float]:
    """The values of a row that has the plain types, in the order of the columns; else a row that keeps no limit."""
    if type(row) is not dict:
        return _ABSENT
    redshift = row.get("redshift")
    if redshift is not None and redshift != redshift:  # a NaN that was sent is not an absent value
        return _ABSENT
    try:
        values: Sequence[float] = _values_of(row)
    except KeyError:
        values = _filled(row)
    if _NUMBERS.issuperset(map(type, values)):
        return values
    values = _filled(row)
    return values if _NUMBERS.issuperset(map(type, values)) else _ABSENT


def _filled(row: dict[Any, Any]) -> list[Any]:
    """The values of a row that has not every column, or has an identifier in text."""
    values = []
    for name, fill, identifier in _FILL:
        value = row.get(name)
        if value is None or (identifier and type(value) is str and _is_digits(value)):
            value = fill
        values.append(value)
    return values


def _within_limits(table: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows keep every hard limit. NaN keeps none, except that an absent redshift is one."""
    good = (table >= _MINIMUM) & (table <= _MAXIMUM) & np.isfinite(table)
    good &= ~_INTEGRAL | (table == np.floor(table))
    good[:, _REDSHIFT] |= np.isnan(table[:, _REDSHIFT])
    good[:, _BANDS] &= table[:, _BANDS] != SENTINEL
    return np.asarray(good.all(axis=1))


def _keeps_limits(values: Sequence[float]) -> bool:
    """``_within_limits`` for one row."""
    for place, (minimum, maximum, integral) in enumerate(_LIMITS):
        value = values[place]
        if not minimum <= value <= maximum and not (place == _REDSHIFT and math.isnan(value)):
            return False
        if integral and value % 1:
            return False
    return True


def _precise(row: object) -> list[float]:
    """The values of a row that pydantic accepts, in the order of the columns. Raises InvalidObjectError."""
    if not isinstance(row, Mapping):
        raise InvalidObjectError((Violation("", f"An object is expected, not {_kind(row)}", value=row),))
    try:
        features = StarFeatures.model_validate(row)
    except ValidationError as error:
        found = {str(d["loc"][0]): d for d in error.errors(include_url=False) if _is_of_the_kind(d)}
        raise InvalidObjectError(tuple(_violation(name, detail, row) for name, detail in found.items())) from None
    return [_as_float(getattr(features, name)) for name in _COLUMNS]


def _as_float(value: Identifier | None) -> float:
    """NaN for an absent value; infinity for an integer beyond float64, which only an identifier can be."""
    if value is None:
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _is_of_the_kind(detail: Any) -> bool:
    """Whether it is about what was sent: an identifier's text is compared with numbers as well, and the other way."""
    is_for_text = detail["loc"][-1] == _TEXT_BRANCH
    return len(detail["loc"]) == 1 or isinstance(detail["input"], str) == is_for_text


def _violation(name: str, detail: Any, row: Mapping[Any, Any]) -> Violation:
    missing = detail["type"] == "missing"
    message = _NO_DIGITS if detail["type"] == "string_pattern_mismatch" else detail["msg"]
    return Violation(name, message, FIELD_BY_NAME[name].limit, None if missing else row[name])


def _kind(value: object) -> str:
    names = {type(None): "null", bool: "a boolean", str: "a string", list: "a list", int: "a number", float: "a number"}
    return names.get(type(value), type(value).__name__)


def _warnings(table: NDArray[np.float64]) -> dict[int, list[str]]:
    """Texts for values outside their typical range, by row."""
    found: dict[int, list[str]] = {}
    for row, place in np.argwhere((table < _LOW) | (table > _HIGH)).tolist():
        found.setdefault(row, []).append(_warning(place, table[row, place]))
    for row in np.flatnonzero(table[:, _REDSHIFT] == 0).tolist():
        found.setdefault(row, []).append(ZERO_REDSHIFT)
    return found


def _warning(place: int, value: float) -> str:
    text = f"{_COLUMNS[place]} = {value:.10g} is outside the typical range"
    return f"{text} {_LOW[place]:g} … {_HIGH[place]:g}"
