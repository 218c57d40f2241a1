"""Micro-batching: objects that arrive together, over whatever calls and streams, are classified in one model call.

A model call costs hardly more for twenty objects than for one. So an object waits for those that arrive within the
same turn of the event loop. An object of a stream waits a little longer, until ``QUIET_TURNS`` have brought no other
one: a stream's next message comes up only some turns, that is microseconds, after the last. No object waits longer
than ``MAX_WAIT_SECONDS``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from stellar import ModelStore, Outcome, outcomes

MAX_OBJECTS = 256
MAX_WAIT_SECONDS = 0.002
QUIET_TURNS = 16

Row: TypeAlias = Mapping[str, Any]


class Batcher:
    """Collects objects of one event loop. ``on_batch`` is told how many were classified and how many refused."""

    def __init__(self, store: ModelStore, on_batch: Callable[[int, int], None]) -> None:
        self._store = store
        self._on_batch = on_batch
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[Row, asyncio.Future[Outcome]]] = []
        self._seen = 0
        self._quiet = 0
        self._patience = 0
        self._deadline = 0.0

    def submit(self, row: Row, *, more_to_come: bool = False) -> asyncio.Future[Outcome]:
        """Have an object classified with the next batch, and say whether another is likely to follow at once.

        Cancelling the future takes the object out again.
        """
        future: asyncio.Future[Outcome] = self._loop.create_future()
        if not self._waiting:
            self._seen = self._quiet = self._patience = 0
            self._deadline = self._loop.time() + MAX_WAIT_SECONDS
            self._loop.call_soon(self._turn)
        if more_to_come:
            self._patience = QUIET_TURNS
        self._waiting.append((row, future))
        return future

    def _turn(self) -> None:
        arrived = len(self._waiting)
        self._quiet = self._quiet + 1 if arrived == self._seen else 0
        self._seen = arrived
        if arrived < MAX_OBJECTS and self._quiet < self._patience and self._loop.time() < self._deadline:
            self._loop.call_soon(self._turn)
            return
        waiting = [(row, future) for row, future in self._waiting if not future.done()]
        self._waiting = []
        if not waiting:
            return
        try:
            found = self._outcomes([row for row, _ in waiting])
        except Exception as error:  # whatever it is, the callers are told and the batches after this one go on
            for _, future in waiting:
                future.set_exception(error)
            return
        for (_, future), outcome in zip(waiting, found, strict=True):
            future.set_result(outcome)

    def _outcomes(self, rows: list[Row]) -> list[Outcome]:
        found = outcomes(self._store.classifier, rows)
        refused = sum(type(outcome) is tuple for outcome in found)
        self._on_batch(len(rows) - refused, refused)
        return found
