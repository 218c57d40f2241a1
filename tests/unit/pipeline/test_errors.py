"""Which errors another try may not meet."""

from __future__ import annotations

import pytest

from stellar_pipeline.drift.collect import BrokerUnreachableError
from stellar_pipeline.errors import is_transient
from stellar_pipeline.object_store import ConflictError, MissingObjectError, StorageError, StorageUnreachableError
from stellar_pipeline.tracking.server import TrackingUnavailableError


class NamedAlikeError(StorageUnreachableError):
    """A kind of a transient error, by another name."""


StorageErrorOfAnother = type("StorageUnreachableError", (RuntimeError,), {})


@pytest.mark.parametrize(
    "kind", [StorageUnreachableError, NamedAlikeError, TrackingUnavailableError, BrokerUnreachableError, TimeoutError]
)
def test_what_was_away_may_be_back(kind):
    assert is_transient(kind("…"))


@pytest.mark.parametrize(
    "kind", [StorageError, MissingObjectError, ConflictError, StorageErrorOfAnother, ValueError, RuntimeError]
)
def test_the_rest_is_final_whatever_it_is_called(kind):
    assert not is_transient(kind("…"))
