"""A member of the consumer group, in a thread of its own: polls, holds back, commits, and gives partitions up.

Every call of the client is made in this thread. What it polls goes to the event loop; what is to be committed comes
back from there. Offsets are committed only for partitions that this member owns, and a partition is given up only
once the event loop has said how far it came.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from lambda_emulator.event_source.batches.filters import Filters
from lambda_emulator.event_source.kafka.offsets import OffsetTracker
from lambda_emulator.event_source.kafka.records import Record, from_message

_LOG = logging.getLogger(__name__)

_CHUNK = 500  # records taken from the client at a time
_IDLE_SECONDS = 0.1  # how long a poll waits; also how old a commit may get
_HELD_BACK_SECONDS = 0.005  # the same while partitions are held back, so that they go on in time
_LONGEST_PAUSE_SECONDS = 0.5  # between two polls, which are also what keeps the membership
_WATERMARK_SECONDS = 5.0
_ERROR_SECONDS = 30.0  # the client repeats what is still wrong more often than that
_PASSING = frozenset({KafkaError._PARTITION_EOF, KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN})

# Settings that a mapping's own cannot be allowed to differ from.
_FIXED = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "earliest",  # where to start was settled before; later, nothing may be passed over
    "partition.assignment.strategy": "cooperative-sticky",
}
_DEFAULTS = {
    "session.timeout.ms": 6000,
    "heartbeat.interval.ms": 1500,
    "max.poll.interval.ms": 300_000,
    "queued.min.messages": 20_000,
    "max.partition.fetch.bytes": 262_144,  # small pieces, so that partitions alternate
    "queued.max.messages.kbytes": 16_384,
    "fetch.wait.max.ms": 50,  # for brokers that let a fetch wait although a record has come
    "fetch.queue.backoff.ms": 10,
    "fetch.error.backoff.ms": 100,
    "reconnect.backoff.max.ms": 1000,
    "topic.metadata.refresh.interval.ms": 3_000,  # how soon a topic that grows, goes or comes is noticed
    "log_level": 0,  # the client's own lines, several a second while a broker is away, say what ``_on_error`` is told
}


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much of one partition may be under way; ``total_bytes`` are shared out among those that are owned.

    Holding back one partition makes the client throw away what it has fetched of it, so that is for a partition that
    stays behind while others go on. As long as all have ``enough`` to do, the thread just takes no more for a moment.
    """

    records: int = 10_000
    total_bytes: int = 64 * 1024 * 1024
    enough: float = 0.25  # of what may be under way

    def all_have_enough(self, trackers: Collection[OffsetTracker]) -> bool:
        return bool(trackers) and all(self.exceeds(each, len(trackers), self.enough) for each in trackers)

    def exceeds(self, tracker: OffsetTracker, partitions: int, fraction: float = 1.0) -> bool:
        """Whether a partition has more under way than this fraction of what it may have."""
        return (
            tracker.records_under_way > self.records * fraction
            or tracker.bytes_under_way > self.total_bytes / partitions * fraction
        )


class Owner(Protocol):
    """Whoever processes what is polled. Called in the event loop."""

    def assigned(self, trackers: list[OffsetTracker]) -> None: ...

    def polled(self, records: list[Record]) -> None: ...

    async def revoked(self, trackers: list[OffsetTracker], *, lost: bool) -> dict[int, int]:
        """Bring what is under way to an end. The offsets to commit, by partition."""

    def ended(self, error: Exception | None) -> None: ...


class GroupMember:
    """The thread, and what the event loop may ask of it."""

    def __init__(
        self, owner: Owner, topic: str, group: str, kafka: Mapping[str, Any], filters: Filters, capacity: Capacity
    ) -> None:
        self._owner = owner
        self._topic = topic
        self._settings = {**_DEFAULTS, **kafka, **_FIXED, "group.id": group, "error_cb": self._on_error}
        self._filters = filters
        self._capacity = capacity
        self._loop = asyncio.get_running_loop()
        self._trackers: dict[int, OffsetTracker] = {}
        self._held_back: set[int] = set()
        self._positions: dict[int, int] = {}  # how far each owned partition is
        self._uncommitted: set[int] = set()
        self._committing = False  # one at a time: answers then come in order
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._room = threading.Event()
        self._replaced = threading.Event()
        self._error: tuple[str, float] = ("", 0.0)
        self.lag: dict[int, int] = {}
        """Records behind the end of each owned partition, as far as the client knows."""

    @property
    def last_error(self) -> str | None:
        """What the client complained of last, unless that was long ago or records have come since."""
        text, when = self._error
        return text if text and time.monotonic() - when < _ERROR_SECONDS else None

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"poller-{self._topic}", daemon=True).start()

    def stop(self) -> None:
        """Give up all partitions and leave the group; ``Owner.ended`` tells when that is done."""
        self._stopping.set()

    def start_over(self) -> None:
        """The topic is another one under the same name: read it from its beginning."""
        self._replaced.set()

    def commit(self, partition: int, position: int) -> None:
        """Have the position committed soon. Records have settled, so there is room for others."""
        with self._lock:
            self._positions[partition] = position
            self._uncommitted.add(partition)
        self._room.set()

    def _run(self) -> None:
        error: Exception | None = None
        try:
            consumer = Consumer(self._settings, on_commit=self._on_commit)
            try:
                self._poll(consumer)
            finally:
                consumer.close()
        except Exception as raised:
            error = raised
        self._call(self._owner.ended, error)

    def _poll(self, consumer: Any) -> None:
        consumer.subscribe([self._topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost)
        measured = polled = 0.0
        while not self._stopping.is_set():
            if self._replaced.is_set():
                self._replaced.clear()
                self._begin_anew(consumer)
            self._hold_back(consumer)
            self._commit_positions(consumer)
            now = time.monotonic()
            if now - measured >= 1.0:
                measured = now
                self._measure_lag(consumer)
            if self._capacity.all_have_enough(self._trackers.values()) and now - polled < _LONGEST_PAUSE_SECONDS:
                self._room.wait(_HELD_BACK_SECONDS)
                self._room.clear()
                continue
            polled = now
            message = consumer.poll(_HELD_BACK_SECONDS if self._held_back else _IDLE_SECONDS)
            if message is not None:
                self._take([message, *consumer.consume(_CHUNK, 0)])

    def _take(self, messages: list[Message]) -> None:
        """Make records of messages and pass them to the event loop."""
        records = []
        for message in messages:
            if error := message.error():
                if error.fatal():
                    raise KafkaException(error)
                if error.code() not in _PASSING:
                    self._on_error(error)
                continue
            tracker = self._trackers.get(message.partition() or 0)
            if tracker is None:
                continue  # it was given up after it was fetched: its next owner reads it again
            record = from_message(message, tracker, passes=self._filters.passes(message.value()))
            tracker.taken_records += 1
            tracker.taken_bytes += len(record.body or b"")
            records.append(record)
        if records:
            self._error = ("", 0.0)
            self._call(self._owner.polled, records)

    def _hold_back(self, consumer: Any) -> None:
        """Stop fetching what cannot be processed in time; go on with what can."""
        count = len(self._trackers)
        if pause := {
            each.partition
            for each in self._trackers.values()
            if each.partition not in self._held_back and self._capacity.exceeds(each, count)
        }:
            consumer.pause(self._places(pause))
            self._held_back |= pause
        if resume := {
            partition
            for partition in self._held_back
            if not self._capacity.exceeds(self._trackers[partition], count, fraction=0.5)
        }:
            consumer.resume(self._places(resume))
            self._held_back -= resume

    def _commit_positions(self, consumer: Any) -> None:
        if self._committing:
            return
        with self._lock:
            owned = {each: self._positions[each] for each in self._uncommitted & self._trackers.keys()}
            self._uncommitted.clear()
        if owned:
            self._committing = True
            consumer.commit(offsets=self._places(owned), asynchronous=True)

    def _on_commit(self, error: KafkaError | None, places: list[TopicPartition]) -> None:
        """Note what was not committed, so that it is committed again: a rebalance refuses commits while it lasts."""
        self._committing = False
        failed = {place.partition for place in places if error or place.error}
        if failed:
            _LOG.debug("a commit of %s %s failed: %s", self._topic, sorted(failed), error)
        with self._lock:
            self._uncommitted |= failed & self._positions.keys()

    def _measure_lag(self, consumer: Any) -> None:
        lag = {}
        for tracker in list(self._trackers.values()):
            place = TopicPartition(self._topic, tracker.partition)
            _, high = consumer.get_watermark_offsets(place, cached=True)
            [position] = consumer.position([place])
            if high >= 0 and position.offset >= 0:
                lag[tracker.partition] = max(0, high - position.offset) + tracker.records_under_way
        self.lag = lag

    def _begin_anew(self, consumer: Any) -> None:
        """Give up what is under way of the old topic, and go to the beginning of the new one.

        The beginning is committed too: offsets of the old topic mean nothing in the new one, whoever reads it next.
        """
        places = [TopicPartition(self._topic, partition) for partition in self._trackers]
        self._give_up(places, lost=True)
        beginnings = {}
        for place in places:
            try:
                low, _ = consumer.get_watermark_offsets(place, timeout=_WATERMARK_SECONDS)
                consumer.seek(TopicPartition(self._topic, place.partition, low))
                beginnings[place.partition] = low
            except KafkaException as error:  # it may have fewer partitions: a rebalance takes this one away
                _LOG.debug("%s [%d]: %s", self._topic, place.partition, error.args[0].str())
        self._on_assign(consumer, places)
        for partition, low in beginnings.items():
            self.commit(partition, low)

    def _on_assign(self, _consumer: Any, places: list[TopicPartition]) -> None:
        trackers = [OffsetTracker(place.partition) for place in places]
        self._trackers |= {tracker.partition: tracker for tracker in trackers}
        # One that comes back may still be paused from before; what is held back without need is resumed at once.
        self._held_back |= {tracker.partition for tracker in trackers}
        self._call(self._owner.assigned, trackers)

    def _on_revoke(self, consumer: Any, places: list[TopicPartition]) -> None:
        positions = self._give_up(places, lost=False)
        if not positions:
            return
        try:
            consumer.commit(offsets=self._places(positions), asynchronous=False)
        except KafkaException as error:
            # Nothing is lost: the next owner reads again what could not be committed.
            _LOG.warning("%s: the last commit before a rebalance failed: %s", self._topic, error.args[0].str())

    def _on_lost(self, _consumer: Any, places: list[TopicPartition]) -> None:
        self._give_up(places, lost=True)

    def _give_up(self, places: list[TopicPartition], *, lost: bool) -> dict[int, int]:
        gone = [self._trackers.pop(place.partition) for place in places if place.partition in self._trackers]
        partitions = {tracker.partition for tracker in gone}
        self._held_back -= partitions
        if not gone:
            return {}
        settled = asyncio.run_coroutine_threadsafe(self._owner.revoked(gone, lost=lost), self._loop).result()
        with self._lock:  # only now: until the owner was told, it went on handing in positions
            left = {place: self._positions.pop(place) for place in partitions & self._positions.keys()}
            self._uncommitted -= partitions
        return {} if lost else {**left, **settled}

    def _on_error(self, error: KafkaError) -> None:
        if self.last_error is None:  # once: it comes again and again while it lasts
            _LOG.warning("%s: %s", self._topic, error.str())
        self._error = (error.str(), time.monotonic())

    def _places(self, partitions: Mapping[int, int] | set[int]) -> list[TopicPartition]:
        if isinstance(partitions, Mapping):
            return [TopicPartition(self._topic, partition, offset) for partition, offset in partitions.items()]
        return [TopicPartition(self._topic, partition) for partition in partitions]

    def _call(self, method: Any, *args: Any) -> None:
        self._loop.call_soon_threadsafe(method, *args)
