"""Events as AWS Lambda Powertools reads them, and the invocation records of destinations."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import KafkaEvent
from hypothesis import given
from hypothesis import strategies as st

from lambda_emulator.event_source.api import samples
from lambda_emulator.event_source.batches.event import Envelope, record_size
from lambda_emulator.event_source.batches.failed_batches import FailedBatch
from lambda_emulator.event_source.batches.sender import Answer
from lambda_emulator.event_source.kafka.offsets import OffsetTracker
from lambda_emulator.event_source.kafka.records import encode, from_message
from support.kafka import CLUSTER_ARN, a_config, a_record, records_of

EVENTS = Path(__file__).parents[3] / "events"


class Message:
    """A consumed message, as confluent-kafka shows it."""

    def __init__(self, key: bytes | None, value: bytes | None, headers: Any, timestamp: tuple[int, int]) -> None:
        self._content = {"key": key, "value": value, "headers": headers, "timestamp": timestamp}
        self._content |= {"topic": "topic", "partition": 3, "offset": 42}

    def __getattr__(self, name: str) -> Any:
        return lambda: self._content[name]


def event(kind: str = "MSK", **changes: Any) -> dict[str, Any]:
    arguments = {"key": b"k", "value": b'{"a": 1}', "headers": [("h", b"\xc3\xab")], "timestamp": (1, 1000), **changes}
    record = from_message(Message(**arguments), OffsetTracker(3), passes=True)  # type: ignore[arg-type]
    properties = (
        {}
        if kind == "MSK"
        else {
            "EventSourceArn": None,
            "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["b:1"]}},
        }
    )
    content: dict[str, Any] = json.loads(Envelope(a_config(**properties), "b:1,b:2").build([record]))
    return content


def test_powertools_reads_an_msk_event() -> None:
    parsed = KafkaEvent(event())
    assert parsed.event_source == "aws:kafka"
    assert parsed.event_source_arn == CLUSTER_ARN
    assert parsed.decoded_bootstrap_servers == ["b:1", "b:2"]
    record = parsed.record
    assert (record.topic, record.partition, record.offset, record.timestamp) == ("topic", 3, 42, 1000)
    assert record.timestamp_type == "CREATE_TIME"
    assert record.decoded_key == b"k"
    assert record.json_value == {"a": 1}
    assert record.decoded_headers["h"] == b"\xc3\xab"


def test_powertools_reads_a_self_managed_event() -> None:
    content = event("SelfManagedKafka")
    assert content["eventSource"] == "SelfManagedKafka"
    assert "eventSourceArn" not in content
    assert KafkaEvent(content).record.json_value == {"a": 1}


def test_a_record_without_key_headers_or_value() -> None:
    [record] = event(key=None, value=None, headers=None, timestamp=(2, 5))["records"]["topic-3"]
    assert record == {
        "topic": "topic",
        "partition": 3,
        "offset": 42,
        "timestamp": 5,
        "timestampType": "LOG_APPEND_TIME",
        "headers": [],
    }


@given(st.none() | st.binary(), st.none() | st.binary(), st.lists(st.tuples(st.text(), st.binary())))
def test_whatever_a_record_holds_comes_out_again(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
) -> None:
    record = json.loads(encode(Message(key, value, headers, (1, 0))))  # type: ignore[arg-type]
    for name, data in (("key", key), ("value", value)):
        assert record.get(name) == (None if data is None else b64encode(data).decode())
    assert record["headers"] == [
        {name: [byte - 256 if byte > 127 else byte for byte in data]} for name, data in headers
    ]


@given(st.lists(st.integers(0, 12), min_size=1, max_size=40))
def test_the_size_of_an_event_is_known_before_it_is_built(partitions: list[int]) -> None:
    envelope = Envelope(a_config(), "b:9092")
    trackers = {partition: OffsetTracker(partition) for partition in partitions}
    records = [a_record(offset, tracker=trackers[partition]) for offset, partition in enumerate(partitions)]
    estimate = envelope.overhead + sum(map(envelope.group_size, trackers)) + sum(map(record_size, records))
    built = envelope.build(records)
    assert len(built) <= estimate <= len(built) + len(trackers) + 1
    content = json.loads(built)
    assert sorted(content["records"]) == sorted(f"topic-{partition}" for partition in trackers)


def test_a_discarded_batch_tells_its_span_for_each_partition() -> None:
    envelope = Envelope(a_config(), "b:9092")
    first, second = OffsetTracker(0), OffsetTracker(1)
    records = [a_record(4, tracker=first, timestamp=1), a_record(9, tracker=first, timestamp=1002)]
    records.append(a_record(2, tracker=second, timestamp=61_000))
    answer = Answer("request", b"", "Unhandled")
    failed = FailedBatch("RetryAttemptsExhausted", records, envelope, "arn:f", 3, answer)
    content = failed.summary()
    assert content["requestContext"] == {
        "requestId": "request",
        "functionArn": "arn:f",
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 3,
    }
    assert content["KafkaBatchInfo"] == {
        "batchSize": 3,
        "eventSourceArn": CLUSTER_ARN,
        "bootstrapServers": "b:9092",
        "payloadSize": len(envelope.build(records)),
        "recordsInfo": {
            "topic-0": {
                "firstRecordOffset": "4",
                "lastRecordOffset": "9",
                "firstRecordTimestamp": "1970-01-01T00:00:00.001Z",
                "lastRecordTimestamp": "1970-01-01T00:00:01.002Z",
            },
            "topic-1": {
                "firstRecordOffset": "2",
                "lastRecordOffset": "2",
                "firstRecordTimestamp": "1970-01-01T00:01:01.000Z",
                "lastRecordTimestamp": "1970-01-01T00:01:01.000Z",
            },
        },
    }
    assert json.loads(failed.with_payload()["payload"]) == json.loads(envelope.build(records))
    of_one = failed.of_one(records[1])
    assert of_one["requestContext"]["condition"] == "RetriesExhausted"
    assert of_one["KafkaBatchInfo"]["recordInfo"]["offset"] == "9"
    assert list(of_one["payload"]["records"]) == ["topic-0"]


@pytest.mark.parametrize(("kind", "name"), [("MSK", "kafka_msk.json"), ("SelfManagedKafka", "kafka_self_managed.json")])
def test_events_have_the_shape_of_the_samples(kind: str, name: str) -> None:
    sample = json.loads((EVENTS / name).read_text())
    made = event(kind)
    assert list(made) == list(sample)
    [record] = records_of(made)
    first = records_of(sample)[0]
    assert list(record) == list(first)
    assert [type(value) for value in record.values()] == [type(value) for value in first.values()]


@pytest.mark.parametrize("kind", ["MSK", "SelfManagedKafka"])
def test_made_events_are_events(kind: Any) -> None:
    records = samples.made_records("t", [b"a", b"b"], partition=2, offset=5, key=b"k", headers=[("h", "ë")])
    parsed = KafkaEvent(json.loads(samples.dumps(samples.envelope(kind, "b:1", records))))
    assert [(record.offset, record.decoded_value) for record in parsed.records] == [(5, b"a"), (6, b"b")]
    assert parsed.record.decoded_headers["h"] == "ë".encode()
