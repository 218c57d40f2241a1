"""Gathers records into batches: by count, size and time, never two batches of one partition at a time.

Mirrors "Batching behavior" of the Lambda Developer Guide. The batching window opens when the first record arrives. A
batch may hold records of several partitions; a partition with a batch on its way gives no other record until that one
is released. Where there is more than fits, one partition is emptied after the other, so that as many batches as
possible are on their way together.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from lambda_emulator.event_source.batches.event import MAX_PAYLOAD, Envelope, record_size
from lambda_emulator.event_source.kafka.records import Record


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """When a batch is complete."""

    records: int
    window_seconds: float
    payload_bytes: int = MAX_PAYLOAD


class _Queue:
    """The waiting records of one partition."""

    __slots__ = ("busy", "payload", "records")

    def __init__(self) -> None:
        self.records: deque[Record] = deque()
        self.payload = 0
        self.busy = False


class Batcher:
    """Pure bookkeeping: whoever uses it brings the clock."""

    def __init__(self, limits: BatchLimits, envelope: Envelope) -> None:
        self._limits = limits
        self._envelope = envelope
        self._queues: dict[int, _Queue] = {}

    def __len__(self) -> int:
        return sum(len(queue.records) for queue in self._queues.values())

    def add(self, record: Record) -> None:
        """Let a record wait for its batch."""
        queue = self._queues.setdefault(record.partition, _Queue())
        queue.records.append(record)
        queue.payload += record_size(record)

    def drop(self, partition: int) -> None:
        """Forget what waits of a partition that is no longer owned. A batch on its way keeps it busy nevertheless."""
        queue = self._queues.pop(partition, None)
        if queue is not None and queue.busy:
            self._queues[partition] = _Queue()
            self._queues[partition].busy = True

    def ready_at(self) -> float | None:
        """The time at which ``take`` gives a batch; 0.0 at once, None not before something changes."""
        idle = self._idle()
        if not idle:
            return None
        if sum(len(queue.records) for _, queue in idle) >= self._limits.records:
            return 0.0
        if sum(queue.payload for _, queue in idle) >= self._limits.payload_bytes - self._envelope.overhead:
            return 0.0
        return idle[0][1].records[0].arrived + self._limits.window_seconds

    def take(self, now: float) -> list[Record] | None:
        """The next batch, its partitions busy from now on; None if it is not time yet.

        A record that is too large by itself comes alone.
        """
        due = self.ready_at()
        if due is None or due > now:
            return None
        batch: list[Record] = []
        room = self._limits.payload_bytes - self._envelope.overhead
        for partition, queue in self._idle():
            room -= self._envelope.group_size(partition)
            full = False
            while queue.records and not full:
                size = record_size(queue.records[0])
                full = len(batch) == self._limits.records or (size > room and bool(batch))
                if not full:
                    batch.append(queue.records.popleft())
                    queue.payload -= size
                    queue.busy = True
                    room -= size
            if full:
                break
        return batch

    def release(self, partitions: set[int]) -> None:
        """The batch of these partitions is through."""
        for partition in partitions:
            if queue := self._queues.get(partition):
                queue.busy = False

    def _idle(self) -> list[tuple[int, _Queue]]:
        """The partitions that may give records, the one that waits longest first."""
        idle = [(partition, queue) for partition, queue in self._queues.items() if queue.records and not queue.busy]
        return sorted(idle, key=lambda item: item[1].records[0].arrived)
