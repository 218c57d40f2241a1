"""The JSONPath expressions of mapping templates and parameter mappings.

Names, indexes, wildcards and ``..`` are known, as in ``$.pets[0]['name']``, ``$..id`` and ``$.items[*].price``;
slices and filters are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

_STEP = re.compile(
    r"""(?P<deep>\.\.)?(?:\.?(?P<name>[^.\[\]'"\s]+)|\[\s*(?:'(?P<one>[^']*)'|"(?P<two>[^"]*)"|(?P<index>-?\d+|\*))\s*\])"""
)


class JsonPathError(ValueError):
    """The expression is none that is known here."""


def find(data: Any, expression: str) -> Any:
    """What the expression finds: one value, a list of them where there can be several, None where there is none.

    Raises JsonPathError.
    """
    steps = _steps(expression)
    found: Iterable[Any] = [data]
    for deep, key in steps:
        found = _next(_below(found) if deep else found, key)
    results = list(found)
    if any(deep or key == "*" for deep, key in steps):
        return results
    return results[0] if results else None


@lru_cache(maxsize=512)
def _steps(expression: str) -> tuple[tuple[bool, str | int], ...]:
    text = expression.strip()
    if text[:1] == "$":
        text = text[1:]
    elif text[:1] not in ("", ".", "["):
        text = f".{text}"
    steps: list[tuple[bool, str | int]] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            raise JsonPathError(f"{expression!r} is no JSONPath expression that is known here")
        index = match["index"]
        name = next((match[group] for group in ("name", "one", "two") if match[group] is not None), "")
        steps.append((bool(match["deep"]), int(index) if index and index != "*" else index or name))
        position = match.end()
    return tuple(steps)


def _next(values: Iterable[Any], key: str | int) -> Iterator[Any]:
    for value in values:
        if key == "*":
            yield from value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        elif isinstance(key, int):
            if isinstance(value, list) and -len(value) <= key < len(value):
                yield value[key]
        elif isinstance(value, dict) and key in value:
            yield value[key]


def _below(values: Iterable[Any]) -> Iterator[Any]:
    """The values and everything in them, in the order of writing."""
    waiting = list(values)[::-1]
    while waiting:
        value = waiting.pop()
        yield value
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting += list(inner)[::-1]
