"""Who may do what, where callers must say who they are: one table for every protocol.

A role is a scope of the caller's access token. A higher one may do all that a lower one may.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """From the lowest to the highest."""

    READER = "reader"  # sees what there is and how it is
    PREDICTOR = "predictor"  # has objects classified
    OPERATOR = "operator"  # promotes models, makes and changes mappings


def allowed(needed: Role) -> tuple[Role, ...]:
    """The roles that may do what ``needed`` may, the lowest first."""
    roles = tuple(Role)
    return roles[roles.index(needed) :]


def may(scopes: Iterable[str], needed: Role) -> bool:
    """Whether a caller with these scopes may do what ``needed`` may."""
    return not frozenset(scopes).isdisjoint(allowed(needed))
