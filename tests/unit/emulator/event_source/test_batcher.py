from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lambda_emulator.event_source.batches.batcher import Batcher, BatchLimits
from lambda_emulator.event_source.batches.event import Envelope
from lambda_emulator.event_source.kafka.offsets import OffsetTracker
from lambda_emulator.event_source.kafka.records import Record
from support.kafka import a_config, a_record

ENVELOPE = Envelope(a_config(), "b:9092")


def batcher(records: int = 100, window: float = 0.5, size: int = 6 * 1024 * 1024) -> Batcher:
    return Batcher(BatchLimits(records, window, size), ENVELOPE)


def feed(into: Batcher, partition: int, number: int, arrived: float = 0.0, size: int = 0) -> list[Record]:
    tracker = OffsetTracker(partition)
    body = b"x" * size if size else None
    made = [a_record(offset, tracker=tracker, arrived=arrived, body=body) for offset in range(number)]
    for record in made:
        into.add(record)
    return made


def test_the_window_opens_with_the_first_record() -> None:
    waiting = batcher(window=0.5)
    assert waiting.ready_at() is None
    records = feed(waiting, 0, 1, arrived=10.0) + feed(waiting, 1, 1, arrived=10.4)
    assert waiting.ready_at() == 10.5
    assert waiting.take(10.49) is None
    assert waiting.take(10.5) == records


def test_a_full_batch_does_not_wait_for_the_window() -> None:
    waiting = batcher(records=3, window=300)
    records = feed(waiting, 0, 4, arrived=10.0)
    assert waiting.take(10.0) == records[:3]


def test_a_partition_gives_one_batch_at_a_time() -> None:
    waiting = batcher(records=2, window=0)
    records = feed(waiting, 0, 4)
    assert waiting.take(1) == records[:2]
    assert waiting.ready_at() is None
    waiting.release({0})
    assert waiting.take(1) == records[2:]


def test_partitions_go_side_by_side() -> None:
    waiting = batcher(records=2, window=0)
    first, second = feed(waiting, 0, 2), feed(waiting, 1, 2)
    assert [waiting.take(1), waiting.take(1)] == [first, second]


def test_few_records_of_several_partitions_share_a_batch() -> None:
    waiting = batcher(records=10, window=0)
    records = feed(waiting, 0, 2) + feed(waiting, 1, 3, arrived=1)
    assert waiting.take(2) == records


def test_a_batch_keeps_within_the_payload() -> None:
    waiting = batcher(window=0, size=1000)
    feed(waiting, 0, 5, size=300)
    batch = waiting.take(1)
    assert batch is not None
    assert len(ENVELOPE.build(batch)) <= 1000
    assert len(batch) == 2


def test_a_record_that_is_too_large_comes_alone() -> None:
    waiting = batcher(window=300, size=1000)
    feed(waiting, 0, 2, size=5000)
    assert [len(waiting.take(0) or []), waiting.take(0)] == [1, None]


def test_a_partition_that_is_dropped_and_comes_back_stays_busy_until_its_batch_ends() -> None:
    waiting = batcher(records=1, window=0)
    feed(waiting, 0, 2)
    assert waiting.take(1)
    waiting.drop(0)
    assert len(waiting) == 0
    feed(waiting, 0, 1)
    assert waiting.take(1) is None
    waiting.release({0})
    assert waiting.take(1)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 400)), min_size=1, max_size=60),
    st.integers(1, 20),
    st.integers(200, 2000),
    st.randoms(),
)
def test_every_record_leaves_once_in_order_and_within_the_limits(
    arrivals: list[tuple[int, int]], most: int, size: int, random: object
) -> None:
    waiting = batcher(records=most, window=0, size=size)
    trackers = {partition: OffsetTracker(partition) for partition in range(4)}
    for offset, (partition, length) in enumerate(arrivals):
        waiting.add(a_record(offset, tracker=trackers[partition], body=b"x" * length, arrived=float(offset)))
    left: dict[int, list[int]] = {partition: [] for partition in trackers}
    running: list[set[int]] = []
    while len(waiting) or running:
        batch = waiting.take(1e9)
        if batch is None:
            waiting.release(running.pop(random.randrange(len(running))))  # type: ignore[attr-defined]
            continue
        partitions = {record.partition for record in batch}
        assert not any(partitions & others for others in running)
        assert len(batch) <= most
        assert len(batch) == 1 or len(ENVELOPE.build(batch)) <= size
        for record in batch:
            left[record.partition].append(record.offset)
        running.append(partitions)
    for partition, offsets in left.items():
        assert offsets == [offset for offset, (where, _) in enumerate(arrivals) if where == partition]
