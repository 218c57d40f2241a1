"""JSON values with the methods that mapping templates call on them: those of Java's classes, in which AWS has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson


class Flag(int):
    """A boolean that is written as in Java."""

    def __str__(self) -> str:
        return "true" if self else "false"


class Items(list[Any]):
    """A list, with the methods of ``java.util.List``. Written out it is JSON."""

    def size(self) -> int:
        return len(self)

    def get(self, index: int) -> Any:
        return self[index]

    def add(self, value: Any) -> Flag:
        self.append(value)
        return Flag(True)

    def set(self, index: int, value: Any) -> Any:
        before, self[index] = self[index], value
        return before

    def contains(self, value: Any) -> Flag:
        return Flag(value in self)

    def isEmpty(self) -> Flag:  # noqa: N802 - Java's name
        return Flag(not self)

    def __str__(self) -> str:
        return orjson.dumps(self, default=str).decode()


class Table(dict[str, Any]):
    """A mapping, with the methods of ``java.util.Map``. Written out it is ``{key=value}``, as in Java."""

    def size(self) -> int:
        return len(self)

    def isEmpty(self) -> Flag:  # noqa: N802
        return Flag(not self)

    def keySet(self) -> Items:  # noqa: N802
        return Items(self)

    def entrySet(self) -> Items:  # noqa: N802
        return Items(Table(key=key, value=value) for key, value in self.items())

    def containsKey(self, key: str) -> Flag:  # noqa: N802
        return Flag(key in self)

    def put(self, key: str, value: Any) -> Any:
        before, self[key] = self.get(key), value
        return before

    def putAll(self, values: dict[str, Any]) -> None:  # noqa: N802
        self.update(values)

    def remove(self, key: str) -> Any:
        return self.pop(key, None)

    def __str__(self) -> str:
        return f"{{{', '.join(f'{key}={_written(value)}' for key, value in self.items())}}}"

    toString = __str__  # noqa: N815


def java(value: Any) -> Any:
    """A JSON value as the template sees it."""
    if isinstance(value, bool):
        return Flag(value)
    if isinstance(value, dict):
        return Table((key, java(item)) for key, item in value.items())
    return Items(map(java, value)) if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """A template's value as JSON has it."""
    if isinstance(value, Flag):
        return bool(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return list(map(plain, value)) if isinstance(value, list) else value


def _written(value: Any) -> str:
    return "null" if value is None else str(value)


def _substring(text: str, start: int, end: int | None = None) -> str:
    return text[start:end]


STRING_METHODS: dict[str, Callable[..., Any]] = {
    "concat": lambda text, other: text + other,
    "contains": lambda text, other: Flag(other in text),
    "endsWith": lambda text, other: Flag(text.endswith(other)),
    "equals": lambda text, other: Flag(text == other),
    "equalsIgnoreCase": lambda text, other: Flag(text.lower() == str(other).lower()),
    "indexOf": lambda text, other: text.find(other),
    "isEmpty": lambda text: Flag(not text),
    "length": len,
    "matches": lambda text, pattern: Flag(re.fullmatch(pattern, text) is not None),
    "replaceAll": lambda text, pattern, new: re.sub(pattern, re.sub(r"\$(\d)", r"\\\1", new), text),
    "split": lambda text, pattern: Items(re.split(pattern, text)),
    "startsWith": lambda text, other: Flag(text.startswith(other)),
    "substring": _substring,
    "toLowerCase": str.lower,
    "toString": str,
    "toUpperCase": str.upper,
    "trim": str.strip,
}
"""The methods of ``java.lang.String``. Those that Python's texts have under the same name are found there first."""
