"""The Kafka function on generated events: every record leads to one record, whatever is in it."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellar.schema import EXAMPLE
from support.fuzz import anything, bounded
from support.http_events import CONTEXT

context = SimpleNamespace(**vars(CONTEXT), get_remaining_time_in_millis=lambda: 30_000)


class Producer:
    """Acknowledges everything, and takes what librdkafka takes."""

    def __init__(self, _: Any = None) -> None:
        self.sent: list[tuple[str, bytes | None]] = []

    def produce(self, topic: str, value: bytes | None, key: bytes | None, *, headers: Any, on_delivery: Any) -> None:
        assert isinstance(value, bytes | None)
        assert isinstance(key, bytes | None)
        for name, content in headers:
            name.encode()
            assert isinstance(content, bytes)
        self.sent.append((topic, value))
        on_delivery(None, None)

    def poll(self, _: float) -> int:
        return 0

    def flush(self, _: float) -> int:
        return 0


changes = st.dictionaries(st.sampled_from(list(EXAMPLE)), anything)
values = (
    changes.map(lambda changed: json.dumps(EXAMPLE | changed).encode())
    | anything.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=60)
    | st.sampled_from([b"[" * 50_000, b'{"a":' * 50_000, b"9" * 50_000, b"NaN", b"\xef\xbb\xbf{}", b'{"u": 1e400}'])
)
header_bytes = st.lists(st.integers(-128, 255), max_size=6)
records = st.fixed_dictionaries(
    {
        "value": st.none() | values.map(lambda value: base64.b64encode(value).decode()),
        "headers": st.lists(st.dictionaries(st.text(), header_bytes | st.none(), max_size=2), max_size=3) | st.none(),
    },
    optional={"key": st.none() | st.binary(max_size=20).map(lambda key: base64.b64encode(key).decode())},
)


@pytest.fixture(scope="module")
def stream(loaded: Any) -> Iterator[Any]:
    with loaded("stream") as app:
        yield app


@bounded
@given(parts=st.lists(st.lists(records, max_size=4), min_size=1, max_size=3))
def test_every_record_leads_to_one_record(stream: Any, parts: list[list[dict[str, Any]]]) -> None:
    producer = Producer()
    sys.modules["outgoing"].outbox._producer = producer
    groups = {
        f"in-{number}": [
            {
                "topic": "in",
                "partition": number,
                "offset": offset,
                "timestamp": 1,
                **record,
            }
            for offset, record in enumerate(found)
        ]
        for number, found in enumerate(parts)
    }
    answer = stream.lambda_handler({"eventSource": "aws:kafka", "records": groups}, context)
    assert answer == {"batchItemFailures": []}
    assert len(producer.sent) == sum(map(len, parts))
    assert {topic for topic, _ in producer.sent} <= {stream.PREDICTIONS, stream.DEAD_LETTERS}
    for topic, value in producer.sent:
        if topic == stream.PREDICTIONS:
            assert json.loads(value or b"")["prediction"]["label"] in ("GALAXY", "QSO", "STAR")
