"""The live stream: topics to events, and a pulse once a second that tells how it goes.

The topics are read only while somebody watches, and for a while after: a page that is not open costs nothing. A feed
that nobody watches any more ends by itself, for what it makes would fill the broker's memory.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from types import TracebackType
from typing import Self

from confluent_kafka import Message

from stellar_local_stack.page.live.backlog import backlog
from stellar_local_stack.page.live.broadcast import Broadcast
from stellar_local_stack.page.live.feed import Feed, Objects
from stellar_local_stack.page.live.reader import Reader, State, broker_state
from stellar_local_stack.page.live.records import Findings, Records
from stellar_local_stack.page.live.tally import Tally

SHOWN_PER_SECOND = 20
_PULSE_SECONDS = 1.0


class LiveStream:
    """Enter as an async context manager. ``close_watchers`` first, if requests are to end before it is left.

    ``client`` are librdkafka's settings for the brokers. ``idle_seconds`` after the last watcher left, feed and reading
    end.
    """

    def __init__(
        self, client: Mapping[str, str], mapping_url: str, objects: Objects, *, idle_seconds: float = 60.0
    ) -> None:
        self._client = client
        self._mapping_url = mapping_url
        self._idle_seconds = idle_seconds
        self._broadcast = Broadcast()
        self._records = Records(SHOWN_PER_SECOND)
        self._tally = Tally()
        self._reader = Reader(client, self._on_messages)
        self._feed = Feed(client, objects)
        self._feeding = asyncio.Lock()  # one start or stop at a time
        self._allowance = float(SHOWN_PER_SECOND)
        self._allowed_at = self._watched_at = time.monotonic()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._pulse = asyncio.create_task(self._beat())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close_watchers()
        self._pulse.cancel()
        await asyncio.gather(asyncio.to_thread(self._reader.stop), self.stop_feed())

    def close_watchers(self) -> None:
        """End every watcher's stream."""
        self._broadcast.close()

    def watch(self, last_seen: int) -> AsyncGenerator[bytes]:
        """Server-sent events for one watcher."""
        self._watched_at = time.monotonic()
        self._reader.start()
        return self._broadcast.watch(last_seen)

    @property
    def feed_rate(self) -> int:
        """Objects fed each second; 0 while nothing is fed."""
        return self._feed.rate

    @property
    def reading(self) -> bool:
        """Whether the topics are being read."""
        return self._reader.running

    async def start_feed(self, rate: int) -> None:
        """Feed so many objects each second from now on."""
        async with self._feeding:
            self._feed.start(rate)

    async def stop_feed(self) -> None:
        """Feed no more."""
        async with self._feeding:
            await asyncio.to_thread(self._feed.stop)

    async def state(self) -> State:
        """Whether the brokers answer, asked anew unless they are just being read."""
        if self.reading and self._reader.state.up:
            return self._reader.state
        return await asyncio.to_thread(broker_state, self._client)

    def _on_messages(self, messages: list[Message]) -> None:
        """In the reader's thread."""
        self._loop.call_soon_threadsafe(self._take, self._records.read(messages))

    def _take(self, found: Findings) -> None:
        self._tally.add(found)
        now = time.monotonic()
        earned = (now - self._allowed_at) * SHOWN_PER_SECOND
        self._allowance, self._allowed_at = min(SHOWN_PER_SECOND, self._allowance + earned), now
        for prediction in found.predictions[: int(self._allowance)]:
            self._allowance -= 1
            self._broadcast.send("prediction", prediction, keep=True)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(_PULSE_SECONDS)
            now = time.monotonic()
            if self._broadcast.watchers:
                self._watched_at = now
                self._reader.start()  # it may have been stopped just as this watcher came
                lag = await backlog(self._mapping_url)
                counts = self._tally.snapshot(time.time_ns() // 1_000_000)
                about = {"lag": lag, "feeding": self.feed_rate > 0, "feed_rate": self.feed_rate}
                self._broadcast.send("stats", {**counts, **about, "kafka": "up" if self._reader.state.up else "down"})
            elif now - self._watched_at > self._idle_seconds:
                await self.stop_feed()
                await asyncio.to_thread(self._reader.stop)
