"""``start-esm`` with a fault built in, for the soak to find: ``python -P mutant_poller.py FAULT start-esm …``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from lambda_emulator.cli import local
from lambda_emulator.event_source.batches.batcher import Batcher
from lambda_emulator.event_source.batches.processor import Processor
from lambda_emulator.event_source.kafka.offsets import OffsetTracker
from lambda_emulator.event_source.kafka.records import Record
from lambda_emulator.event_source.poller import Poller


def dropped_record() -> None:
    """One record in a thousand is taken for done, and never shown to the function."""
    add, count = Batcher.add, [0]

    def changed(self: Batcher, record: Record) -> None:
        count[0] += 1
        if count[0] % 1000:
            add(self, record)
        else:
            record.tracker.settle(record)

    Batcher.add = changed  # type: ignore[method-assign]


def error_taken_as_success() -> None:
    """An invocation that failed counts as one that did not."""
    Processor._failed = lambda self, records, answer: []  # type: ignore[method-assign]


def commit_on_poll() -> None:
    """What was polled is committed at once, instead of what is done."""
    polled = Poller.polled

    def changed(self: Poller, records: list[Record]) -> None:
        polled(self, records)
        for record in records:
            self._member.commit(record.partition, record.offset + 1)

    Poller.polled = changed  # type: ignore[method-assign]
    Poller._commit = lambda self, trackers: None  # type: ignore[method-assign]


def reordering() -> None:
    """A batch comes in the reverse of its order."""
    take: Callable[[Batcher, float], list[Record] | None] = Batcher.take

    def changed(self: Batcher, now: float) -> list[Record] | None:
        batch = take(self, now)
        return batch and batch[::-1]

    Batcher.take = changed  # type: ignore[method-assign]


def off_by_one() -> None:
    """Offsets are committed one further than they are."""
    advance = OffsetTracker.advance

    def changed(self: OffsetTracker) -> int | None:
        position = advance(self)
        return None if position is None else position + 1

    OffsetTracker.advance = changed  # type: ignore[method-assign]


FAULTS: dict[str, Any] = {
    each.__name__: each for each in (dropped_record, error_taken_as_success, commit_on_poll, reordering, off_by_one)
}

if __name__ == "__main__":
    FAULTS[sys.argv.pop(1)]()
    local()
