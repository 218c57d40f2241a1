"""How a model store is: the rule that every protocol answers by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from stellar import ModelStore
from stellar.store import Source

State = Literal["ok", "degraded", "unavailable"]


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a model answers, and which.

    ``degraded`` where the champion in S3 could not be used and another model answers, ``unavailable`` where none does.
    ``checked_at`` is when S3 was last asked, ``last_error`` what went wrong then.
    """

    status: State
    model_version: str | None = None
    source: Source | None = None
    loaded_at: datetime | None = None
    checked_at: datetime | None = None
    last_error: str | None = None


def health_of(store: ModelStore | None) -> Health:
    """The health of a store; of none where no model could be loaded at all."""
    if store is None:
        return Health("unavailable")
    found = store.status()
    state: State = "degraded" if found.last_error else "ok"
    return Health(state, found.version, found.source, found.loaded_at, found.checked_at, found.last_error)
