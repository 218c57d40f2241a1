"""How far a partition is done: the offset that may be committed without losing a record.

Records settle in any order (a batch may be bisected, a filter may hold some back); only those before the first
unsettled one are committed. Offsets may have gaps (compaction, transactions) and may even go back (a topic that was
deleted and made again): what counts is the order in which records were polled.
"""

from __future__ import annotations

from collections import deque

from lambda_emulator.event_source.kafka.records import Record


class OffsetTracker:
    """One assignment of one partition to one poller.

    ``leaving`` says that no attempt may begin any more for its records, ``closed`` that it is no longer owned, so
    that what settles now changes nothing. The thread that polls writes ``taken_*``, the event loop ``settled_*``: each
    has one writer, and their difference is what is under way.
    """

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.leaving = False
        self.closed = False
        self.taken_records = 0
        self.taken_bytes = 0
        self.settled_records = 0
        self.settled_bytes = 0
        self._pending: deque[Record] = deque()

    @property
    def records_under_way(self) -> int:
        return self.taken_records - self.settled_records

    @property
    def bytes_under_way(self) -> int:
        return self.taken_bytes - self.settled_bytes

    def add(self, record: Record) -> None:
        """Take note of the next polled record."""
        self._pending.append(record)

    def settle(self, record: Record) -> None:
        """The record needs no further attempt: it was processed, handed over, filtered out or dropped."""
        if not record.settled:
            record.settled = True
            self.settled_records += 1
            self.settled_bytes += len(record.body or b"")

    def advance(self) -> int | None:
        """The offset to commit (that of the next record to read) if it is another than last time, else None."""
        position = None
        while self._pending and self._pending[0].settled:
            position = self._pending.popleft().offset + 1
        return None if self.closed else position
