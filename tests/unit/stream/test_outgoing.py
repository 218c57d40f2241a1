"""What counts as delivered: an acknowledgement, and nothing else."""

from __future__ import annotations

import sys

import pytest

from support.functions import load_function


class ForgetfulProducer:
    """Acknowledges the records of topic ``kept`` and never says a word about others."""

    def produce(self, topic, value, key, *, headers, on_delivery):
        if topic == "kept":
            on_delivery(None, None)

    def flush(self, seconds):
        return 0


@pytest.fixture
def outbox(monkeypatch):
    with load_function("stream"):
        outgoing = sys.modules["outgoing"]
        monkeypatch.setattr(outgoing, "Producer", lambda settings: ForgetfulProducer())
        yield outgoing.Outbox(lambda: {"bootstrap.servers": "127.0.0.1:9"})


def test_a_record_that_nobody_reports_on_has_not_arrived(outbox):
    outbox.put(0, "kept", None, b"", [])
    outbox.put(1, "forgotten", None, b"", [])
    outbox.put(2, "kept", None, b"", [])
    assert list(outbox.flush(1.0)) == [1]


def test_each_flush_tells_of_its_own_records_alone(outbox):
    outbox.put(0, "forgotten", None, b"", [])
    assert list(outbox.flush(1.0)) == [0]
    outbox.put(1, "kept", None, b"", [])
    assert outbox.flush(1.0) == {}
