"""How many at a time, how often again, and how much is held back."""

from __future__ import annotations

from lambda_emulator.event_source.batches.backoff import Backoff
from lambda_emulator.event_source.batches.limit import AdaptiveLimit
from lambda_emulator.event_source.config import PollerLimits
from lambda_emulator.event_source.kafka.consumer import Capacity
from lambda_emulator.event_source.kafka.offsets import OffsetTracker
from lambda_emulator.event_source.scaling import Scaler


def under_way(records: int, size: int = 0, partition: int = 0) -> OffsetTracker:
    tracker = OffsetTracker(partition)
    tracker.taken_records, tracker.taken_bytes = records, size
    return tracker


def test_waits_double_up_to_the_longest() -> None:
    backoff = Backoff(first=0.5, longest=5)
    assert [backoff.after(failures) for failures in (1, 2, 3, 4, 5, 1000)] == [0.5, 1, 2, 4, 5, 5]


def test_a_throttle_halves_the_limit_and_successes_raise_it_again() -> None:
    limit = AdaptiveLimit(16)
    limit.throttled()
    limit.throttled()
    assert limit.value == 4
    for _ in range(20):
        limit.succeeded()
    assert limit.value == 5
    for _ in range(10):
        limit.throttled()
    assert limit.value == 1


def test_a_mapping_scales_between_its_limits() -> None:
    scaler = Scaler(PollerLimits(2, 4), partitions=3)
    assert scaler.wanted == 2
    assert [scaler.interval(busy=True) for _ in range(3)] == [3, 3, 3]
    assert [scaler.interval(busy=False) for _ in range(6)] == [3, 3, 2, 2, 2, 2]


def test_there_are_no_more_pollers_than_partitions_and_one_on_demand() -> None:
    assert Scaler(PollerLimits(10, 20), partitions=4).wanted == 4
    on_demand = Scaler(None, partitions=4)
    assert on_demand.interval(busy=True) == 1


def test_a_partition_that_stays_behind_is_held_back_and_the_others_are_not() -> None:
    capacity = Capacity(records=100, total_bytes=1000)
    stuck, going = under_way(101), under_way(10)
    assert capacity.exceeds(stuck, 2)
    assert not capacity.exceeds(going, 2)
    assert not capacity.all_have_enough([stuck, going])
    assert capacity.all_have_enough([stuck, under_way(26)])
    assert not capacity.all_have_enough([])


def test_bytes_are_shared_out_among_partitions() -> None:
    capacity = Capacity(records=100, total_bytes=1000)
    assert capacity.exceeds(under_way(1, size=600), 2)
    assert not capacity.exceeds(under_way(1, size=600), 1)
