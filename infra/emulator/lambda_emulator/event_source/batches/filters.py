"""Which records a mapping passes on.

Mirrors "Filtering events from Amazon MSK and self-managed Apache Kafka event sources": only a record's ``value`` can
be filtered by. A filter whose format is not the value's (a JSON pattern and a plain text, text rules and a JSON
object, or a value that is not UTF-8) is passed over, and so drops nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lambda_emulator.event_source.batches.patterns import (
    ABSENT,
    InvalidPatternError,
    Match,
    compile_pattern,
    parse_json,
)
from lambda_emulator.event_source.values import InvalidMappingError, Properties

MAX_FILTERS = 5
MAX_PATTERN = 4096  # characters
_INVALID = "Invalid filter pattern definition."
_SHOWN_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class _Filter:
    """One filter: what the value has to match, as JSON or as text. Alternatives are filters of their own."""

    match: Match
    wants_json: bool


class Filters:
    """The filters of one mapping, ORed. None at all passes everything."""

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self.patterns = tuple(patterns)
        self._filters = [each for pattern in patterns for each in _read_pattern(pattern)]

    @classmethod
    def read(cls, criteria: Properties) -> Filters:
        """The filters of a ``FilterCriteria``. Raises InvalidMappingError."""
        return cls(checked(criteria, _read_pattern))

    def __bool__(self) -> bool:
        return bool(self._filters)

    def passes(self, value: bytes | None) -> bool:
        """Whether a record with this value goes to the function."""
        if not self._filters:
            return True
        try:
            text = None if value is None else value.decode()
        except UnicodeDecodeError:
            text = None
        if text is None:
            return True
        data = parse_document(text)
        is_json = data is not ABSENT
        return any(each.wants_json is not is_json or each.match(data if is_json else text) for each in self._filters)


def checked(criteria: Properties, read: Callable[[str], object]) -> list[str]:
    """The patterns of a ``FilterCriteria``, each of which ``read`` takes. Raises InvalidMappingError."""
    if (number := len(criteria.list("Filters", sys.maxsize))) > MAX_FILTERS:
        raise InvalidMappingError(f"FilterCriteria can have at most {MAX_FILTERS} filters, not {number}.")
    patterns = [str(each.get("Pattern")) for each in criteria.tables("Filters", MAX_FILTERS) if each.get("Pattern")]
    for pattern in patterns:
        try:
            read(pattern)
        except InvalidPatternError as error:
            detail = f"{_INVALID} {pattern[:_SHOWN_CHARACTERS]}: {error}"
            raise InvalidMappingError(_INVALID, detail=detail) from None
    return patterns


def parse_document(text: str) -> Any:
    """The JSON object or array that the text is, or ABSENT: a bare JSON number or string is plain text."""
    if text.lstrip()[:1] not in ("{", "["):
        return ABSENT
    try:
        return parse_json(text)
    except ValueError:
        return ABSENT


def read_object(text: str) -> dict[str, Any]:
    """The object that a pattern is. Raises InvalidPatternError."""
    if len(text) > MAX_PATTERN:
        raise InvalidPatternError(f"a pattern has at most {MAX_PATTERN} characters")
    try:
        pattern = parse_json(text)
    except ValueError:
        raise InvalidPatternError("a pattern is JSON") from None
    if not isinstance(pattern, dict):
        raise InvalidPatternError("a pattern is an object")
    return pattern


def _read_pattern(text: str) -> list[_Filter]:
    """The filters of one pattern. Raises InvalidPatternError."""
    pattern = read_object(text)
    if list(pattern) == ["$or"] and isinstance(pattern["$or"], list):
        return [_value_filter(option) for option in pattern["$or"]]
    return [_value_filter(pattern)]


def _value_filter(pattern: Any) -> _Filter:
    if not isinstance(pattern, dict) or list(pattern) != ["value"]:
        raise InvalidPatternError("Kafka records are filtered by their value alone")
    try:
        match = compile_pattern(pattern["value"])
    except RecursionError:
        raise InvalidPatternError("a pattern is not nested that deeply") from None
    return _Filter(match, wants_json=isinstance(pattern["value"], dict))
