"""How one ``stellar up`` ends: by a signal, or because something failed without which the rest is of no use."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lambda_emulator.server import Stop
from stellar_local_stack.children import Child, ChildEndedError
from stellar_local_stack.kafka import BrokerError


class Ending:
    """``end`` is for signals, ``fail`` for errors; ``stop`` is what the servers wait for."""

    def __init__(self) -> None:
        self.stop = Stop()
        self.pollers: list[Child] = []
        self.starting: set[asyncio.Task[Any]] = set()
        """What is cancelled at once: nobody has been told of it yet, so there is nothing to drain."""
        self._failures: list[BaseException] = []

    def end(self) -> None:
        """The pollers are told first: while they finish their batches, the functions still answer."""
        for child in self.pollers:
            child.terminate()
        if self.starting:
            self.stop.forced.set()
        for task in self.starting:
            task.cancel()
        self.starting.clear()
        self.stop.request()

    def watch(self, work: asyncio.Task[None]) -> None:
        """Let the run fail of what ``work``, which starts something, fails of."""
        self.starting.add(work)
        work.add_done_callback(self._started)

    def _started(self, work: asyncio.Task[None]) -> None:
        self.starting.discard(work)
        if not work.cancelled() and (error := work.exception()):
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """End, and raise the error as soon as everything has stopped."""
        self._failures.append(error)
        self.end()

    @contextmanager
    def raised(self) -> Iterator[None]:
        """Raises what the run failed of. What a start says that was cut short is no failure."""
        try:
            yield
        except (asyncio.CancelledError, ChildEndedError, BrokerError):
            if not self.stop.requested.is_set():
                raise
        if self._failures:
            raise self._failures[0]
