"""The proof of ``stellar_bench.esm_soak``, on a small scale: real processes, killed while records flow."""

from __future__ import annotations

import pytest

from stellar_bench.esm_soak import soak
from stellar_local_stack.kafka.jars import missing_programs


@pytest.mark.skipif(bool(missing_programs()), reason="Apache Kafka needs Java and Maven, which are not installed")
def test_no_record_is_lost_while_function_poller_and_broker_are_killed() -> None:
    with soak(15_000, say=print) as run:
        report = run.run(function_kills=2, poller_kills=1, broker_restarts=1, deadline_seconds=120)
    assert report.outputs == 15_000 + report.duplicates
    assert (report.function_kills, report.poller_kills, report.broker_restarts) == (2, 1, 1)
