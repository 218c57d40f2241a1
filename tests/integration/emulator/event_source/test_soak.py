"""The proof of ``stellar_bench.esm_soak``, on a small scale, and that it finds what it is there to find."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

from stellar_bench.esm_outputs import SoakError
from stellar_bench.esm_soak import SEED, Plan, Soak, soak
from stellar_local_stack.kafka import ApacheBroker
from stellar_local_stack.kafka.jars import missing_programs
from support import mutant_poller

pytestmark = [
    pytest.mark.skipif(bool(missing_programs()), reason="Apache Kafka needs Java and Maven, which are not installed"),
    pytest.mark.timeout(900),
]
ROUNDS = int(os.environ.get("SOAK_ROUNDS", "1"))
"""Of each fault. `make test-soak` has five; each takes seconds, and every run of the suite has one."""


def test_no_record_is_lost_while_function_pollers_and_broker_are_killed() -> None:
    plan = Plan(30_000, 3, function_kills=2, poller_kills=2, both_kills=1, broker_restarts=1, growths=1)
    with soak(plan, say=print) as run:
        report = run.run()
    assert report.records >= 30_000
    assert report.outputs == report.records + report.duplicates
    assert sorted(act for _, act in report.acts) == [
        *("both", "broker", "function", "function", "growth", "poller", "poller"),
    ]
    places = [place for place, _ in report.acts]
    assert places == sorted(places)
    assert all(place >= due for place, (due, _) in zip(places, plan.acts(random.Random(SEED)), strict=True))
    assert places[0] < 15_000 < places[-1]


@pytest.mark.parametrize("fault", list(mutant_poller.FAULTS))
def test_a_faulty_poller_is_caught_every_time(fault: str, apache: ApacheBroker, tmp_path: Path) -> None:
    plan = Plan(6_000, 1, function_kills=0, poller_kills=1, both_kills=0, broker_restarts=0, growths=0)
    command = (sys.executable, "-P", str(Path(mutant_poller.__file__)), fault)
    for number in range(ROUNDS):
        name = f"{fault}-{tmp_path.name}-{number}"
        run = Soak(plan, apache, tmp_path, print, name=name, poller=command, seed=number)
        try:
            with pytest.raises(SoakError) as caught:
                run.run()
        finally:
            run.stop()
        assert "did not start" not in str(caught.value)
        assert "at work" not in str(caught.value)
        assert "nothing goes on" not in str(caught.value)
