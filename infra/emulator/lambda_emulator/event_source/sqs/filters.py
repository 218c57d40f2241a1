"""Which messages of a queue a mapping passes on.

Mirrors "Filtering events from an Amazon SQS event source": a pattern names fields of the message, ``body`` above all. A
message whose body is not in the format of the pattern (JSON or text) does not match it. What matches no filter is
deleted from the queue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambda_emulator.event_source.batches.filters import checked, parse_document, read_object
from lambda_emulator.event_source.batches.patterns import ABSENT, InvalidPatternError, Match, compile_pattern
from lambda_emulator.event_source.values import Properties


@dataclass(frozen=True, slots=True)
class _Filter:
    """One pattern. ``wants_json`` is None where it does not look at the body."""

    match: Match
    wants_json: bool | None


class MessageFilters:
    """The filters of one mapping, ORed. None at all passes everything."""

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self._filters = [each for pattern in patterns for each in _read(pattern)]

    @classmethod
    def read(cls, criteria: Properties) -> MessageFilters:
        """The filters of a ``FilterCriteria``. Raises InvalidMappingError."""
        return cls(checked(criteria, _read))

    def passes(self, record: Mapping[str, Any]) -> bool:
        """Whether a message, in its form in an event, goes to the function."""
        if not self._filters:
            return True
        body = parse_document(record["body"])
        parsed = {**record, "body": body}
        return any(
            each.match(parsed if each.wants_json else record)
            for each in self._filters
            if each.wants_json is None or each.wants_json is (body is not ABSENT)
        )


def _read(text: str) -> list[_Filter]:
    """The filters of one pattern: alternatives are filters of their own. Raises InvalidPatternError."""
    pattern = read_object(text)
    options = pattern["$or"] if list(pattern) == ["$or"] and isinstance(pattern["$or"], list) else [pattern]
    return [_one(option) for option in options]


def _one(pattern: Any) -> _Filter:
    if not isinstance(pattern, dict):
        raise InvalidPatternError("a pattern is an object")
    body = pattern.get("body")
    try:
        return _Filter(compile_pattern(pattern), None if body is None else isinstance(body, dict))
    except RecursionError:
        raise InvalidPatternError("a pattern is not nested that deeply") from None
