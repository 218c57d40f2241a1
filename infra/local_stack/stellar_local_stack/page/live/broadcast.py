"""Server-sent events to every watcher, none of whom waits for another.

Mirrors "Server-sent events" of the HTML standard. Each watcher has a queue of its own; one that reads too slowly loses
the oldest events. A browser that comes back names the last event it saw and gets what it missed, as far as that is
still known.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from typing import Any

import orjson

_QUEUED = 200  # events that wait for one watcher
_KEPT = 20  # numbered events for those who come later
_RETRY_MS = 2000
_ALIVE_SECONDS = 15.0


class Broadcast:
    """One source of events. ``watchers`` is how many read it."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[bytes | None]] = set()
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=_KEPT)
        self._number = 0
        self._closed = False

    @property
    def watchers(self) -> int:
        return len(self._queues)

    def send(self, name: str, content: Any, *, keep: bool = False) -> None:
        """An event for all watchers. One that is kept is numbered, and sent to later watchers too."""
        event = b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(content))
        if keep:
            self._number += 1
            event = b"id: %d\n%b" % (self._number, event)
            self._kept.append((self._number, event))
        for queue in self._queues:
            _put(queue, event)

    def close(self) -> None:
        """End every watcher's stream, and that of whoever comes still."""
        self._closed = True
        for queue in self._queues:
            _put(queue, None)

    async def watch(self, last_seen: int = 0) -> AsyncGenerator[bytes]:
        """The stream for one watcher, from the kept events after ``last_seen`` on."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(_QUEUED)
        if last_seen > self._number:
            last_seen = 0  # the number is from before this server was started
        self._queues.add(queue)
        try:
            yield b"retry: %d\n\n" % _RETRY_MS + b"".join(event for number, event in self._kept if number > last_seen)
            while not self._closed:
                try:
                    event = await asyncio.wait_for(queue.get(), _ALIVE_SECONDS)
                except TimeoutError:
                    event = b": still here\n\n"
                if event is None:
                    return
                yield event
        finally:
            self._queues.discard(queue)


def _put(queue: asyncio.Queue[bytes | None], event: bytes | None) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(event)
