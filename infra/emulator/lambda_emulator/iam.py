"""Reading statements of resource policies: what of them can be judged on this machine.

Mirrors "API Gateway resource policy examples" and "IAM JSON policy elements".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_SOURCE_IP = "aws:sourceip"
ADDRESS_OPERATORS = {"IpAddress": True, "NotIpAddress": False}
"""The operators that are judged here, and whether the address has to be among the values."""


def unknown_parts(document: Mapping[str, Any]) -> list[str]:
    """What in a policy cannot be known here: condition keys, and principals other than everyone."""
    found: dict[str, None] = {}
    for statement in statements(document):
        found |= dict.fromkeys(key for operator, key, _ in conditions(statement) if not is_known(operator, key))
        if not is_everyone(statement):
            found["principals"] = None
    return list(found)


def asks_for_addresses(document: Mapping[str, Any]) -> bool:
    """Whether a policy looks at the address that a request comes from."""
    return any(is_known(operator, key) for each in statements(document) for operator, key, _ in conditions(each))


def statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The statements of a policy."""
    return [each for each in list_of(document.get("Statement")) if isinstance(each, Mapping)]


def conditions(statement: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Operator, key and values of each condition."""
    written = statement.get("Condition")
    for operator, keys in (written if isinstance(written, Mapping) else {}).items():
        for key, values in (keys if isinstance(keys, Mapping) else {}).items():
            yield str(operator), str(key), [str(value) for value in list_of(values)]


def is_known(operator: str, key: str) -> bool:
    """Whether a condition is judged here."""
    return operator in ADDRESS_OPERATORS and key.lower() == _SOURCE_IP


def is_everyone(statement: Mapping[str, Any]) -> bool:
    """Whether a statement is about every caller."""
    principal = statement.get("Principal")
    return "*" in list_of(principal.get("AWS") if isinstance(principal, Mapping) else principal)


def list_of(value: Any) -> list[Any]:
    """A list; IAM lets a list of one be written without its brackets."""
    return value if isinstance(value, list) else [] if value is None else [value]
