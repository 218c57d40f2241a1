"""How many pollers a provisioned mapping has.

Mirrors "Provisioned mode" of the Lambda Developer Guide: between MinimumPollers and MaximumPollers, and no more than
there are partitions. AWS scales by offset lag, once a minute; here a poller that cannot keep up asks for another.
"""

from __future__ import annotations

from lambda_emulator.event_source.config import PollerLimits

PER_POLLER = 5  # invocations that one poller of AWS has on their way at a time
ON_DEMAND = 16  # AWS scales up to the partitions; a laptop need not
INTERVAL_SECONDS = 60.0
_QUIET_INTERVALS = 3


class Scaler:
    """Decides, once an interval, how many pollers there should be."""

    def __init__(self, limits: PollerLimits | None, partitions: int) -> None:
        limits = limits or PollerLimits(1, 1)
        self._least = min(limits.minimum, partitions)
        self._most = min(limits.maximum, partitions)
        self._quiet = 0
        self.wanted = self._least

    def interval(self, *, busy: bool) -> int:
        """One more after a busy interval, one fewer after several quiet ones."""
        self._quiet = 0 if busy else self._quiet + 1
        if busy:
            self.wanted = min(self._most, self.wanted + 1)
        elif self._quiet >= _QUIET_INTERVALS:
            self._quiet = 0
            self.wanted = max(self._least, self.wanted - 1)
        return self.wanted
