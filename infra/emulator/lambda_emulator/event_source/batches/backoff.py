"""How long to wait before the next attempt, and waiting in a way that can be cut short.

AWS does not publish its schedule; this one doubles from a fraction of a second, as suits a developer who waits.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds: ``first`` after the first failure, twice as long after each further one, ``longest`` at most."""

    first: float = 0.2
    longest: float = 30.0

    def after(self, failures: int) -> float:
        return min(self.longest, self.first * 2.0 ** min(failures - 1, 30))


class Interruptible:
    """Sleeps that all end when ``wake`` is called."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)

    def wake(self) -> None:
        self._woken.set()
        self._woken = asyncio.Event()
