"""How many invocations a mapping may have on their way at a time: fewer after a throttle, more again after successes.

AWS reduces its pollers when a function is throttled; how fast it does so is not documented.
"""

from __future__ import annotations

_SUCCESSES_PER_STEP = 20


class AdaptiveLimit:
    """Between 1 and ``most``: halved by a throttle, one more after a run of successes."""

    def __init__(self, most: int) -> None:
        self.most = max(1, most)
        self.value = self.most
        self._successes = 0

    def throttled(self) -> None:
        self.value = max(1, self.value // 2)
        self._successes = 0

    def succeeded(self) -> None:
        self._successes += 1
        if self._successes >= _SUCCESSES_PER_STEP and self.value < self.most:
            self._successes = 0
            self.value += 1
