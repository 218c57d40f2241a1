"""Counts of what was classified, and how fast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from stellar_local_stack.page.live.records import Findings

CLASSES = ("GALAXY", "QSO", "STAR")
_WINDOW_MS = 2_000
_BIN_MS = 100


class Tally:
    """Adds findings up. The rate is that of the records' own timestamps, so that reading old ones is no burst."""

    def __init__(self) -> None:
        self._classes: Counter[str] = Counter()
        self._dead_letters = 0
        self._bins: Counter[int] = Counter()

    def add(self, found: Findings) -> None:
        self._classes.update(found.classes)
        self._dead_letters += found.dead_letters
        self._bins.update(moment // _BIN_MS for moment in found.moments)

    def snapshot(self, now_ms: int) -> dict[str, Any]:
        """Predictions each second, their number, that of each class, and that of the dead letters."""
        first = (now_ms - _WINDOW_MS) // _BIN_MS
        self._drop(each for each in list(self._bins) if each < first)
        return {
            "rate": round(self._bins.total() * 1000 / _WINDOW_MS, 1),
            "total": self._classes.total(),
            "classes": {name: self._classes[name] for name in CLASSES},
            "dlq": self._dead_letters,
        }

    def _drop(self, bins: Iterable[int]) -> None:
        for each in bins:
            del self._bins[each]
