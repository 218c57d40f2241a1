"""Where calls come in. Once it is closed they are turned away, with a status that tells clients to try elsewhere.

gRPC's own stop cancels the calls that have arrived but that no handler has taken up yet, and their clients cannot
tell whether they ran. So the gate is closed first, and gRPC is stopped when no one knocks any more.
"""

from __future__ import annotations

import asyncio


class UnavailableError(RuntimeError):
    """The server is about to end; the same call will succeed elsewhere, or here after a while."""


class Gate:
    """Open until ``close``."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._last_knock = 0.0

    def enter(self) -> None:
        """A call comes in. Raises UnavailableError where it may not."""
        if self._closed:
            self._last_knock = self._loop.time()
            raise UnavailableError("The server is shutting down.")

    async def close(self, quiet_seconds: float, at_most_seconds: float) -> None:
        """Let no call in, and wait until none has come for the quiet time."""
        self._closed = True
        closed = self._last_knock = self._loop.time()
        while True:
            wake = min(self._last_knock + quiet_seconds, closed + at_most_seconds)
            if wake <= self._loop.time():
                return
            await asyncio.sleep(wake - self._loop.time())
