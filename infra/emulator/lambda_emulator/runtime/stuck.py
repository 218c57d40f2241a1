"""Telling a process that answers nobody from one that is merely slow.

The kernel knows. A process that a signal has stopped says so in its state. One whose event lies unread in its socket
while it sleeps and wants no core does not read any more: a slow one, on however busy a machine, would want a core.
"""

from __future__ import annotations

from collections.abc import Callable

from lambda_emulator.runtime.growth import COMPUTING, wanted_seconds
from lambda_emulator.runtime.memory import MemoryMeter

STUCK_SECONDS = 1.0
"""For how long a process must have been so."""

STOPPED = "is stopped by a signal"
DEAF = "does not take its event"


class StuckWatch:
    """Checks one process again and again. ``unread`` tells how many bytes of an event it has yet to read."""

    def __init__(self, pid: int, meter: MemoryMeter, unread: Callable[[], int]) -> None:
        self._pid = pid
        self._meter = meter
        self._unread = unread
        self._since: float | None = None
        self._seen = (0.0, 0, 0.0)  # time, unread bytes and wanted seconds at the last check
        self._taken = True

    def event_sent(self) -> None:
        """An event is on its way to the process."""
        self._taken = False

    def check(self, now: float) -> str | None:
        """What is wrong with the process, once it has been so for long enough."""
        wrong = STOPPED if self._meter.is_stopped() else self._deaf(now)
        if wrong is None:
            self._since = None
        elif self._since is None:
            self._since = now
        return wrong if self._since is not None and now - self._since >= STUCK_SECONDS else None

    def _deaf(self, now: float) -> str | None:
        if self._taken:
            return None
        before, unread = self._seen, self._unread()
        self._taken = unread == 0
        self._seen = now, unread, wanted_seconds(self._pid)
        idle = self._seen[2] - before[2] < COMPUTING * (now - before[0])  # False where the kernel does not tell
        return DEAF if unread and unread == before[1] and idle and self._meter.is_sleeping() else None
