"""Where calls come in: as many as the server can hold, and none once it is closed.

gRPC's own stop cancels the calls that have arrived but that no handler has taken up yet, and their clients cannot
tell whether they ran. So the gate is closed first, and gRPC is stopped when no one knocks any more. Calls beyond what
the server holds are turned away too. Either way the status tells clients when to try again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from stellar_grpc.rates import Rates, client_of

MOST_CALLS = 1024
"""Calls that are worked on, streams included. Others wait in gRPC's own queue (see ``settings``), unread."""

MOST_OBJECTS = 320_000
"""Objects of the batches that are worked on: some hundred megabytes."""


class TurnedAwayError(RuntimeError):
    """The call may not run now. It has had no effect: the same call may succeed after ``retry_seconds``."""

    def __init__(self, message: str, retry_seconds: float = 1.0) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class UnavailableError(TurnedAwayError):
    """The server is about to end; the same call will succeed elsewhere, or here after a while."""


class BusyError(TurnedAwayError):
    """The server has as much to do as it can hold."""


class Gate:
    """Open until ``close``. With ``rates`` each client may come in so often."""

    def __init__(self, rates: Rates | None = None) -> None:
        self._rates = rates
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._last_knock = 0.0
        self._calls = 0
        self._objects = 0

    @contextmanager
    def call(self, peer: str = "") -> Iterator[None]:
        """A call of a gRPC peer, from its coming in to its end.

        Raises UnavailableError, BusyError where it may not come in.
        """
        if self._closed:
            self._last_knock = self._loop.time()
            raise UnavailableError("The server is shutting down.")
        if self._calls >= MOST_CALLS:
            raise BusyError(f"The server works on {MOST_CALLS:,} calls. Try again later.")
        if self._rates is not None and (seconds := self._rates.take(client_of(peer))):
            raise BusyError("There are more calls of this client than it may make.", seconds)
        self._calls += 1
        try:
            yield
        finally:
            self._calls -= 1

    @contextmanager
    def batch(self, size: int) -> Iterator[None]:
        """A batch of so many objects, while it is worked on. Raises BusyError where there is no room for them."""
        if self._objects + size > MOST_OBJECTS:
            raise BusyError(f"The server works on {self._objects:,} objects of other batches. Try again later.")
        self._objects += size
        try:
            yield
        finally:
            self._objects -= size

    async def pace(self, peer: str) -> None:
        """Wait until another object of a peer's stream may come in."""
        if self._rates is None:
            return
        client = client_of(peer)
        seconds = self._rates.take(client)
        while seconds:
            await asyncio.sleep(seconds)
            seconds = self._rates.take(client)

    async def close(self, quiet_seconds: float, at_most_seconds: float) -> None:
        """Let no call in, and wait until none has come for the quiet time."""
        self._closed = True
        closed = self._last_knock = self._loop.time()
        while True:
            wake = min(self._last_knock + quiet_seconds, closed + at_most_seconds)
            if wake <= self._loop.time():
                return
            await asyncio.sleep(wake - self._loop.time())
