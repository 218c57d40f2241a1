"""What the soak accounts for: each input's output, the order within keys, and commits that are exact."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from stellar_bench.esm_outputs import Outputs, SoakError, behind
from stellar_bench.esm_soak import Plan


class NoBroker:
    """Nothing is read here."""

    def client_config(self) -> dict[str, str]:
        return {"bootstrap.servers": "127.0.0.1:9"}


@pytest.fixture
def outputs():
    made = Outputs(NoBroker(), "topic")
    for offset in range(5):
        made.note(b"key", 0, offset, 11)
    yield made
    made.close()


def test_what_is_whole_passes_and_repetition_is_no_disorder(outputs: Outputs) -> None:
    outputs.note(b"key", 0, 1, 12)
    outputs.check_whole({0: 5, 1: 0}, {0: 5})
    outputs.check_order()
    assert (outputs.total, outputs.distinct, outputs.writers) == (6, 5, {11, 12})


@pytest.mark.parametrize(
    ("ends", "committed", "said"),
    [
        ({0: 6}, {0: 6}, "1 records are lost, the first 5"),
        ({0: 5}, {0: 6}, "ends at 5, but 6 is committed"),
        ({0: 5}, {0: 4}, "ends at 5, but 4 is committed"),
        ({0: 5}, {}, "ends at 5, but None is committed"),
        ({0: 5, 1: 1}, {0: 5, 1: 1}, "partition 1: 1 records are lost"),
        ({0: 4}, {0: 4}, r"but \[4\] were put out"),
    ],
)
def test_every_partition_is_accounted_for_by_itself(
    outputs: Outputs, ends: dict[int, int], committed: dict[int, int], said: str
) -> None:
    with pytest.raises(SoakError, match=said):
        outputs.check_whole(ends, committed)


def test_a_commit_ahead_of_the_outputs_is_found(outputs: Outputs) -> None:
    outputs.check_not_ahead({0: 5, 1: 0})
    with pytest.raises(SoakError, match=r"committed 6, but \[5\] were never put out"):
        outputs.check_not_ahead({0: 6})


def test_a_late_first_output_is_disorder(outputs: Outputs) -> None:
    outputs.note(b"key", 0, 8, 11)
    outputs.note(b"other", 0, 7, 11)
    outputs.check_order()
    outputs.note(b"key", 0, 6, 11)
    with pytest.raises(SoakError, match="offset 6 after 8"):
        outputs.check_order()


def test_partitions_that_are_behind_are_named() -> None:
    assert list(behind({0: 5, 1: 0, 2: 3}, {0: 5, 2: 2})) == [2]


def test_acts_are_spread_over_the_whole_run() -> None:
    plan = Plan(records=1_000_000)
    acts = plan.acts(random.Random(7))
    assert len(acts) == 30
    places = [place for place, _ in acts]
    gaps = {second - first for first, second in pairwise(places)}
    assert max(gaps) - min(gaps) <= 1
    assert places[0] < 20_000
    assert places[-1] > 980_000
    assert {act for _, act in acts} == {"function", "poller", "both", "broker", "growth"}
