"""Event patterns: compiled once, matched against many events.

Mirrors "Filter rule syntax" of the Lambda Developer Guide and "Creating event patterns" of the EventBridge User
Guide. Fields of one pattern are ANDed, the rules of one field ORed. A field that is an array matches if any of its
elements does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
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
_LOWER, _UPPER = (">", ">="), ("<", "<=")


class InvalidPatternError(ValueError):
    """A pattern that is none. AWS says no more than "Invalid filter pattern definition."."""


class Number(str):
    """A JSON number as it was written: equality compares characters, so 300 is not 300.0."""

    __slots__ = ()


def parse_json(text: str | bytes) -> Any:
    """JSON whose numbers keep their spelling. Raises ValueError, for what is nested too deeply as well."""
    try:
        return json.loads(text, parse_float=Number, parse_int=Number, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


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
    return _within([_alternatives(value) if name == "$or" else _field(name, value) for name, value in pattern.items()])


def _within(tests: list[Match]) -> Match:
    """All of these tests on one object, or on one of a list's."""

    def match(value: Any) -> bool:
        if isinstance(value, list):
            objects = [element for element in _elements(value) if isinstance(element, dict)]
            return any(match(element) for element in objects) if objects else match(ABSENT)
        # Below what is no object there are no fields: only rules that ask for absence can match.
        found = value if isinstance(value, dict) else {}
        return all(test(found) for test in tests)

    return match


def _field(name: str, pattern: Any) -> Match:
    """The field of an object. A dot in its name can stand for a step down, as in EventBridge's patterns."""
    test = compile_pattern(pattern)
    outer, dot, inner = name.partition(".")
    if not dot:
        return lambda found: test(found.get(name, ABSENT))
    below = _within([_field(inner, pattern)])
    return lambda found: test(found[name]) if name in found else below(found.get(outer, ABSENT))


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
        # An object, or a list that holds no more than objects, has no leaf, as if the field were not there.
        elements = _elements(value) if isinstance(value, list) else [value]
        leaves = [element for element in elements if not isinstance(element, dict)] or [ABSENT]
        return any(test(leaf) for leaf in leaves for test in tests)

    return match


def _elements(values: list[Any]) -> Iterator[Any]:
    """What a list holds, and the lists in it, in no order. Without recursion: events may be nested deeply."""
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        else:
            yield value


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
        texts = inner if isinstance(inner, list) else [inner]
        if operator in ("prefix", "suffix") and not all(isinstance(each, str) and each for each in texts):
            raise InvalidPatternError(f"{operator} within anything-but takes text that is not empty")
        excluded = [_text_rule(operator, each) for each in texts]
    else:
        values = operand if isinstance(operand, list) else [operand]
        if len({type(value) for value in values}) > 1 or not all(isinstance(value, str) for value in values):
            raise InvalidPatternError("anything-but takes either texts or numbers")
        excluded = [_equal(value) for value in values]
    if not excluded:
        raise InvalidPatternError("anything-but takes at least one value")
    return lambda value: value is not ABSENT and not any(test(value) for test in excluded)


def _numeric(operand: Any) -> Match:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        raise InvalidPatternError("numeric takes one comparison or a range")
    operators, limits = operand[::2], operand[1::2]
    if not all(operator in list(_COMPARISONS) for operator in operators):
        raise InvalidPatternError("numeric takes =, <, <=, > or >=")
    if not all(isinstance(limit, Number) for limit in limits):
        raise InvalidPatternError("numeric compares with numbers")
    bounds = [_decimal(limit) for limit in limits]
    if len(bounds) == 2 and not (operators[0] in _LOWER and operators[1] in _UPPER and bounds[0] < bounds[1]):
        raise InvalidPatternError("a numeric range goes from > or >= up to < or <=")
    tests = [(_COMPARISONS[operator], bound) for operator, bound in zip(operators, bounds, strict=True)]

    def match(value: Any) -> bool:
        if not isinstance(value, Number):
            return False
        number = _decimal(value)
        return all(test(number, bound) for test, bound in tests)

    return match


def _decimal(number: Number) -> Decimal:
    """The number; zero or infinite if its exponent is beyond all reckoning."""
    try:
        return Decimal(number)
    except InvalidOperation:
        return Decimal(float(number))


def _text(value: Any) -> str:
    if type(value) is not str:
        raise InvalidPatternError("the operand is text")
    return value
