"""Objects, put on the input topic at a chosen rate, so that there is something to watch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import orjson
from confluent_kafka import Producer

from stellar_service.topics import FEATURES

FASTEST = 500
"""Objects each second, at most."""

_TICK_SECONDS = 0.05
_DELIVERY_MS = 5000
_LAST_SECONDS = 1.0  # what is not delivered by then is of no use to anybody
_LONGEST_GAP = 1.0  # seconds; what a longer one would have brought is left out

Objects = Callable[[], Iterator[dict[str, Any]]]
"""Makes objects without end. It is called in the feed's own thread, when the feed starts."""


class Feed:
    """One thread that produces. ``start`` again changes the rate."""

    def __init__(self, client: Mapping[str, str], objects: Objects) -> None:
        self._client = client
        self._objects = objects
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.rate = 0
        """Objects each second; 0 while it does not feed."""

    def start(self, rate: int) -> None:
        self.rate = rate
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="page-feed", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Feed no more; blocks until what is under way is delivered or given up."""
        self.rate = 0
        if self._thread is not None:
            self._stopping.set()
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        settings = {**self._client, "message.timeout.ms": _DELIVERY_MS, "log_level": 0}
        producer = Producer({**settings, "queue.buffering.max.messages": 2 * FASTEST})
        drawn = self._objects()
        owed, before = 0.0, time.monotonic()
        while not self._stopping.wait(_TICK_SECONDS):
            now = time.monotonic()
            owed += self.rate * min(now - before, _LONGEST_GAP)
            before = now
            for _ in range(int(owed)):
                content = next(drawn)
                # Full while no broker answers: there is no sense in keeping more for later.
                with suppress(BufferError):
                    producer.produce(FEATURES, orjson.dumps(content), str(content["obj_ID"]))
            owed %= 1
            producer.poll(0)
        producer.flush(_LAST_SECONDS)
