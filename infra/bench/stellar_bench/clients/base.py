"""What all clients share: the objects that they send, and when an answer counts as right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]

LABELS = frozenset({"GALAXY", "QSO", "STAR"})


@dataclass(frozen=True, slots=True)
class Workload:
    """The objects to send, ``batch`` to a request, over and over."""

    rows: Sequence[Row]
    batch: int = 1

    def request(self, index: int) -> list[Row]:
        """The objects of the ``index``-th request."""
        start = index * self.batch
        return [self.rows[(start + offset) % len(self.rows)] for offset in range(self.batch)]

    @property
    def distinct(self) -> int:
        """How many requests differ before the objects come round again."""
        return max(1, len(self.rows) // self.batch)


class UnexpectedAnswerError(RuntimeError):
    """A service answered the first, unmeasured request wrongly: there is no point in measuring it."""
