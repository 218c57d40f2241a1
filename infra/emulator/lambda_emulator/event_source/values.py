"""Reading properties of a mapping one by one, with the error that AWS gives for a bad one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any


class InvalidMappingError(ValueError):
    """A mapping that AWS would refuse. ``code`` is the name of the API's exception for it.

    ``detail`` says more than AWS's message does, for people who look for the mistake.
    """

    def __init__(self, message: str, code: str = "InvalidParameterValueException", *, detail: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.detail = detail or message


class Properties:
    """A table of properties. A property that is null counts as one that is not there."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content

    def get(self, name: str) -> Any:
        return self._content.get(name)

    def table(self, name: str) -> Properties:
        """A property that is a table itself; an empty one where it is not there."""
        value = self.get(name)
        if not isinstance(value, Mapping | None):
            raise InvalidMappingError(f"{name} must be an object, not {value!r}.")
        return Properties(value or {})

    def integer(self, name: str, low: int, high: int, default: int) -> int:
        """A whole number between two others. CloudFormation also takes one that is written as text."""
        value = self.get(name)
        if value is None:
            return default
        try:
            number = int(value)
            if isinstance(value, bool) or number != float(value):
                raise ValueError
        except (TypeError, ValueError):
            raise InvalidMappingError(f"{name} must be a whole number, not {value!r}.") from None
        if number < low:
            raise _outside(name, value, f"Member must have value greater than or equal to {low}")
        if number > high:
            raise _outside(name, value, f"Member must have value less than or equal to {high}")
        return number

    def flag(self, name: str, default: bool) -> bool:
        value = self.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        if str(value).lower() in ("true", "false"):
            return str(value).lower() == "true"
        raise InvalidMappingError(f"{name} must be true or false, not {value!r}.")

    def text(self, name: str, shortest: int = 0, longest: int = 10_000) -> str | None:
        value = self.get(name)
        if value is None:
            return None
        if not shortest <= len(str(value)) <= longest:
            raise InvalidMappingError(f"{name} must be {shortest} to {longest} characters long.")
        return str(value)

    def choice(self, name: str, allowed: Sequence[str]) -> str | None:
        value = self.get(name)
        if value is not None and value not in allowed:
            raise _outside(name, value, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
        return None if value is None else str(value)

    def tables(self, name: str, longest: int) -> list[Properties]:
        """A list of tables."""
        return [Properties({name: item}).table(name) for item in self.list(name, longest)]

    def list(self, name: str, longest: int) -> list[Any]:
        value = self.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise InvalidMappingError(f"{name} must be a list.")
        if len(value) > longest:
            raise _outside(name, value, f"Member must have length less than or equal to {longest}")
        return value

    def seconds(self, name: str) -> float | None:
        """A moment as seconds since the epoch, given as such or in ISO 8601."""
        value = self.get(name)
        if value is None:
            return None
        try:
            return float(value)
        except ValueError:
            pass
        try:
            return datetime.fromisoformat(str(value)).timestamp()
        except ValueError:
            raise InvalidMappingError(f"{name} must be a time in Unix seconds, not {value!r}.") from None


def _outside(name: str, value: object, constraint: str) -> InvalidMappingError:
    member = name[0].lower() + name[1:]
    message = f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
    return InvalidMappingError(message, "ValidationException")
