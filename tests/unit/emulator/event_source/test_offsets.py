from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lambda_emulator.event_source.kafka.offsets import OffsetTracker
from support.kafka import a_record


def test_only_what_has_nothing_unsettled_before_it_is_committed() -> None:
    tracker = OffsetTracker(0)
    first, second, third = (a_record(offset, tracker=tracker) for offset in (5, 6, 9))
    tracker.settle(third)
    tracker.settle(second)
    assert tracker.advance() is None
    tracker.settle(first)
    assert tracker.advance() == 10
    assert tracker.advance() is None


def test_offsets_that_start_again_are_committed_as_such() -> None:
    tracker = OffsetTracker(0)
    for offset in (900, 0, 1):
        tracker.settle(a_record(offset, tracker=tracker))
    assert tracker.advance() == 2


def test_a_partition_that_is_not_owned_any_more_commits_nothing() -> None:
    tracker = OffsetTracker(0)
    record = a_record(1, tracker=tracker)
    tracker.closed = True
    tracker.settle(record)
    assert tracker.advance() is None


@given(st.permutations(range(30)))
def test_the_position_is_the_first_unsettled_record_whatever_the_order(order: list[int]) -> None:
    tracker = OffsetTracker(0)
    records = [a_record(offset * 3, tracker=tracker) for offset in range(30)]
    done: set[int] = set()
    position = 0
    for place in order:
        tracker.settle(records[place])
        tracker.settle(records[place])
        done.add(place)
        position = tracker.advance() or position
        contiguous = next(n for n in range(31) if n not in done)
        assert position == (records[contiguous - 1].offset + 1 if contiguous else 0)
    assert tracker.settled_records == 30
