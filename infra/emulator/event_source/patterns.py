"""Event patterns: compiled once, matched against many events.

Mirrors "Filter rule syntax" of the Lambda Developer Guide and "Creating event patterns" of the EventBridge User
Guide. Fields of one pattern are ANDed, the rules of one field ORed. A field that is an array matches if any of its
elements does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Match = Callable[[Any], bool]
"""Says whether a value matches; ``ABSENT`` stands for a field that is not there."""

ABSENT = object()
_COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "=": lambda value, limit: value == limit,
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
}


class InvalidPatternError(ValueError):
    """A pattern that is none. AWS says no more than "Invalid filter pattern definition."."""


class Number(str):
    """A JSON number as it was written: equality compares characters, so 300 is not 300.0."""

    __slots__ = ()


def parse_json(text: str | bytes) -> Any:
    """JSON whose numbers keep their spelling. Raises ValueError."""
    return json.loads(text, parse_float=Number, parse_int=Number, parse_constant=_no_constant)


def compile_pattern(pattern: Any) -> Match:
    """The match of a pattern made by ``parse_json``: an object of fields, or the list of rules of one value.

    Raises InvalidPatternError.
    """
    if isinstance(pattern, dict):
        return _fields(pattern)
    if isinstance(pattern, list):
        return _rules(pattern)
    raise InvalidPatternError("a pattern is an object of fields or a list of rules")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _fields(pattern: Mapping[str, Any]) -> Match:
    if not pattern:
        raise InvalidPatternError("an empty object matches nothing that could be meant")
    alternatives = [_alternatives(value) for name, value in pattern.items() if name == "$or"]
    fields = [(name, compile_pattern(value)) for name, value in pattern.items() if name != "$or"]

    def match(value: Any) -> bool:
        if isinstance(value, list):
            return any(match(element) for element in value)
        if not isinstance(value, dict):
            # Only rules that ask for absence can match below what is not there.
            return value is ABSENT and match({})
        return all(test(value.get(name, ABSENT)) for name, test in fields) and all(test(value) for test in alternatives)

    return match


def _alternatives(value: Any) -> Match:
    if not isinstance(value, list) or len(value) < 2 or not all(isinstance(each, dict) for each in value):
        raise InvalidPatternError("$or takes a list of at least two objects")
    tests = [_fields(each) for each in value]
    return lambda event: any(test(event) for test in tests)


def _rules(rules: list[Any]) -> Match:
    if not rules:
        raise InvalidPatternError("a list of rules has at least one")
    tests = [_rule(rule) for rule in rules]

    def match(value: Any) -> bool:
        if isinstance(value, list):
            # An empty list has no leaf, as if the field were not there.
            return any(match(element) for element in value) if value else match(ABSENT)
        leaf = ABSENT if isinstance(value, dict) else value
        return any(test(leaf) for test in tests)

    return match


def _rule(rule: Any) -> Match:
    if not isinstance(rule, dict):
        return _equal(rule)
    if len(rule) != 1:
        raise InvalidPatternError("a rule has one operator")
    [(operator, operand)] = rule.items()
    if operator == "exists":
        if not isinstance(operand, bool):
            raise InvalidPatternError("exists takes true or false")
        return lambda value: (value is not ABSENT) is operand
    if operator == "anything-but":
        return _anything_but(operand)
    if operator == "numeric":
        return _numeric(operand)
    return _text_rule(operator, operand)


def _equal(expected: Any) -> Match:
    if isinstance(expected, list):
        raise InvalidPatternError("rules are not nested")
    kind = type(expected)  # 1 is not true, and "300" is not 300
    return lambda value: type(value) is kind and value == expected


def _text_rule(operator: str, operand: Any) -> Match:
    """The operators on text; also those inside ``anything-but``."""
    if operator in ("prefix", "suffix") and isinstance(operand, dict) and list(operand) == ["equals-ignore-case"]:
        operand = _text(operand["equals-ignore-case"]).casefold()
        folded = _text_rule(operator, operand)
        return lambda value: type(value) is str and folded(value.casefold())
    text = _text(operand)
    if operator == "prefix":
        return lambda value: type(value) is str and value.startswith(text)
    if operator == "suffix":
        return lambda value: type(value) is str and value.endswith(text)
    if operator == "equals-ignore-case":
        text = text.casefold()
        return lambda value: type(value) is str and value.casefold() == text
    raise InvalidPatternError(f"{operator!r} is no operator")


def _anything_but(operand: Any) -> Match:
    if isinstance(operand, dict):
        if len(operand) != 1:
            raise InvalidPatternError("a rule has one operator")
        [(operator, inner)] = operand.items()
        excluded = [_text_rule(operator, each) for each in (inner if isinstance(inner, list) else [inner])]
    else:
        excluded = [_equal(each) for each in (operand if isinstance(operand, list) else [operand])]
    if not excluded:
        raise InvalidPatternError("anything-but takes at least one value")
    return lambda value: value is not ABSENT and not any(test(value) for test in excluded)


def _numeric(operand: Any) -> Match:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        raise InvalidPatternError("numeric takes one or two comparisons")
    tests = []
    for operator, limit in zip(operand[::2], operand[1::2], strict=True):
        if operator not in _COMPARISONS or not isinstance(limit, Number):
            raise InvalidPatternError("numeric takes =, <, <=, > or >= and a number")
        tests.append((_COMPARISONS[operator], Decimal(limit)))

    def match(value: Any) -> bool:
        return isinstance(value, Number) and all(test(Decimal(value), limit) for test, limit in tests)

    return match


def _text(value: Any) -> str:
    if type(value) is not str:
        raise InvalidPatternError("the operand is text")
    return value
