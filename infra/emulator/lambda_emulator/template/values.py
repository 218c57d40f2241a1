"""Settled values in the form that a reader needs, whatever their author wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def as_text(value: Any) -> str:
    """A scalar as CloudFormation writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def as_mapping(value: Any) -> Mapping[str, Any]:
    """A mapping; empty where ``value`` is something else."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: Any) -> Sequence[Any]:
    """A list; empty where there is nothing, and of one item where ``value`` is no list."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
