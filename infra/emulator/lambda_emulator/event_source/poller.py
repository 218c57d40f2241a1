"""One poller: what a group member polls becomes batches, batches become invocations, and these become commits.

Everything here runs in the event loop; ``consumer`` has the thread.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lambda_emulator.event_source.batches.batcher import Batcher, BatchLimits
from lambda_emulator.event_source.batches.event import Envelope
from lambda_emulator.event_source.batches.limit import AdaptiveLimit
from lambda_emulator.event_source.batches.processor import Outcome, Processor
from lambda_emulator.event_source.config import MappingConfig
from lambda_emulator.event_source.kafka.consumer import Capacity, GroupMember
from lambda_emulator.event_source.kafka.offsets import OffsetTracker
from lambda_emulator.event_source.kafka.records import Record
from lambda_emulator.event_source.metrics import MappingMetrics

_LOG = logging.getLogger(__name__)
_LEAVE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class DrainTimeouts:
    """How long a poller takes its time, in seconds.

    ``revoke`` is how long a partition that another poller is to have may still be worked on, ``drain`` the same when
    the mapping stops. What is not done by then is done again by whoever has the partition next.
    """

    revoke: float = 20.0
    drain: float = 10.0


class Poller:
    """A member of the mapping's consumer group, with its own batches and its own invocations."""

    def __init__(
        self,
        config: MappingConfig,
        envelope: Envelope,
        group: str,
        kafka: Mapping[str, Any],
        processor: Processor,
        limit: AdaptiveLimit,
        metrics: MappingMetrics,
        pace: DrainTimeouts,
    ) -> None:
        self._processor = processor
        self._limit = limit
        self._metrics = metrics
        self._pace = pace
        self._batcher = Batcher(BatchLimits(config.batch_size, config.window_seconds), envelope)
        self._running: dict[asyncio.Task[None], set[int]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._stopping = False
        self._ended: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        capacity = Capacity(records=max(10_000, 2 * config.batch_size))
        self._member = GroupMember(self, config.topic, group, kafka, config.filters, capacity)
        self.partitions: set[int] = set()

    @property
    def lag(self) -> dict[int, int]:
        return self._member.lag

    @property
    def last_error(self) -> str | None:
        """What the Kafka client complains of at present."""
        return self._member.last_error

    @property
    def has_ended(self) -> bool:
        return self._ended.done()

    @property
    def busy(self) -> bool:
        """Whether as many batches are on their way as may be, and more would be there."""
        return len(self._running) >= self._limit.value and len(self._batcher) > 0

    def start(self) -> None:
        self._member.start()

    def start_over(self) -> None:
        """Read the topic from its beginning: it is another one than before."""
        self._member.start_over()

    async def stop(self) -> None:
        """Let batches end within ``DrainTimeouts.drain``, commit, and leave the group; the broker may be gone."""
        self._stopping = True
        self._member.stop()
        await asyncio.wait({self._ended}, timeout=self._pace.drain + _LEAVE_SECONDS)
        for task in list(self._running):
            task.cancel()
        if self._timer is not None:
            self._timer.cancel()

    async def wait_ended(self) -> Exception | None:
        """Wait until the poller ends, and say why it did if nobody asked it to."""
        return await asyncio.shield(self._ended)

    def assigned(self, trackers: list[OffsetTracker]) -> None:
        self.partitions |= {tracker.partition for tracker in trackers}

    def polled(self, records: list[Record]) -> None:
        passed = 0
        touched = set()
        for record in records:
            tracker = record.tracker
            if tracker.leaving:
                continue
            tracker.add(record)
            if record.body is None:
                tracker.settle(record)
                touched.add(tracker)
            else:
                passed += 1
                self._batcher.add(record)
        self._metrics.polled(len(records), len(records) - passed)
        self._commit(touched)
        self._dispatch()

    async def revoked(self, trackers: list[OffsetTracker], *, lost: bool) -> dict[int, int]:
        partitions = {tracker.partition for tracker in trackers}
        for tracker in trackers:
            tracker.leaving = True
            self._batcher.drop(tracker.partition)
        self.partitions -= partitions
        self._processor.wake()
        affected = [task for task, places in self._running.items() if places & partitions]
        seconds = self._pace.drain if self._stopping else self._pace.revoke
        if affected and not lost:
            await asyncio.wait(affected, timeout=seconds)
        positions = {tracker.partition: tracker.advance() for tracker in trackers}
        for tracker in trackers:
            tracker.closed = True
        return {partition: position for partition, position in positions.items() if position is not None}

    def ended(self, error: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_result(error)

    def _dispatch(self) -> None:
        """Send off every batch that is due and may go; come back when the next one is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while not self._stopping and len(self._running) < self._limit.value:
            now = time.monotonic()
            batch = self._batcher.take(now)
            if batch is None:
                due = self._batcher.ready_at()
                if due is not None:
                    self._timer = asyncio.get_running_loop().call_later(max(0.0, due - now), self._dispatch)
                return
            task = asyncio.create_task(self._process(batch))
            self._running[task] = {record.partition for record in batch}
            task.add_done_callback(self._done)

    async def _process(self, batch: list[Record]) -> None:
        await self._processor.process(batch, self._settle)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._batcher.release(self._running.pop(task))
        if not task.cancelled() and (error := task.exception()):
            # A batch that is neither done nor waiting would hold up its partitions for ever: start over.
            _LOG.error("a batch could not be processed", exc_info=error)
            self._member.stop()
            self.ended(error if isinstance(error, Exception) else RuntimeError(str(error)))
            return
        self._dispatch()

    def _settle(self, records: Iterable[Record], outcome: Outcome) -> None:
        settled = list(records)
        for record in settled:
            record.tracker.settle(record)
        self._metrics.settled(len(settled), outcome)
        self._commit({record.tracker for record in settled})

    def _commit(self, trackers: Iterable[OffsetTracker]) -> None:
        for tracker in trackers:
            # The last position of a partition that is leaving is committed by whoever waits for it.
            if not tracker.leaving and (position := tracker.advance()) is not None:
                self._member.commit(tracker.partition, position)
                self._metrics.committed(tracker.partition, position)
