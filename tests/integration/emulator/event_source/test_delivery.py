"""What a function gets, and what is committed afterwards, on Apache Kafka."""

from __future__ import annotations

import json
from base64 import b64decode

from prometheus_client import generate_latest

from stellar_local_stack.kafka import ApacheBroker
from support.kafka import (
    CLUSTER_ARN,
    Record_,
    committed,
    mapping,
    new_topic,
    produce,
    read_all,
    records_of,
    until,
)


async def test_every_record_is_delivered_once_and_in_order(apache: ApacheBroker) -> None:
    topic = new_topic(apache)
    produce(apache, topic, [Record_(key=str(n % 7), value={"n": n}) for n in range(1000)])
    async with mapping(apache, topic=topic, BatchSize=50) as running:
        await until(lambda: running.counts["processed"] == 1000)
        for event in running.function.events:
            assert event["eventSource"] == "aws:kafka"
            assert event["eventSourceArn"] == CLUSTER_ARN
            assert len(records_of(event)) <= 50
    seen: dict[int, list[int]] = {}
    for event in running.function.events:
        for record in records_of(event):
            seen.setdefault(record["partition"], []).append(record["offset"])
    assert all(offsets == list(range(len(offsets))) for offsets in seen.values())
    assert committed(apache, running.group, topic) == {partition: len(offsets) for partition, offsets in seen.items()}


async def test_keys_headers_and_tombstones_come_as_they_were_written(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=1)
    headers = [("h", b"\xc3\xab\x7f\x80"), ("h", b"2"), ("none", None)]
    produce(
        apache,
        topic,
        [
            Record_(key=None, value=b"\xff\x00"),
            Record_(key=b"k", value=None),
            Record_(key=b"", value=b"", headers=headers, timestamp=12345),
        ],
    )
    async with mapping(apache, topic=topic) as running:
        await until(lambda: running.counts["processed"] == 3)
    first, second, third = (record for event in running.function.events for record in records_of(event))
    assert "key" not in first
    assert b64decode(first["value"]) == b"\xff\x00"
    assert first["headers"] == []
    assert b64decode(second["key"]) == b"k"
    assert "value" not in second
    assert third["key"] == third["value"] == ""
    assert third["timestamp"] == 12345
    assert third["timestampType"] == "CREATE_TIME"
    assert third["headers"] == [{"h": [-61, -85, 127, -128]}, {"h": [50]}, {"none": []}]


async def test_filtered_records_are_committed_with_the_others(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=1)
    produce(apache, topic, [{"n": n} for n in range(100)])
    pattern = '{"value": {"n": [{"numeric": [">=", 90]}]}}'
    async with mapping(apache, topic=topic, FilterCriteria={"Filters": [{"Pattern": pattern}]}) as running:
        await until(lambda: running.counts["processed"] == 10)
        assert running.counts["filtered_out"] == 90
    assert committed(apache, running.group, topic) == {0: 100}


async def test_a_record_too_large_for_an_event_is_told_of_where_there_is_no_destination(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=1)
    produce(apache, topic, [b"a", b"x" * 5_000_000, b"b"], compression="gzip")
    async with mapping(apache, topic=topic) as running:
        await until(lambda: running.counts["processed"] == 2 and running.counts["dropped"] == 1)
        [told] = running.service.status()
        metrics = generate_latest(running.service.metrics.registry).decode()
    assert told["lost"] == {"MaximumPayloadSizeExceeded": 1}
    assert any(line.startswith("esm_records_too_large_total") and line.endswith(" 1.0") for line in metrics.split("\n"))


async def test_records_too_large_for_an_event_go_to_the_destination(apache: ApacheBroker) -> None:
    topic, failures = new_topic(apache, partitions=1), new_topic(apache, partitions=1)
    produce(apache, topic, [b"a", b"x" * 4_500_000, b"x" * 5_000_000, b"b"], compression="gzip")
    destination = {"OnFailure": {"Destination": f"kafka://{failures}"}}
    async with mapping(apache, topic=topic, DestinationConfig=destination) as running:
        await until(lambda: running.counts["processed"] == 3)
        await until(lambda: running.counts["on_failure"] == 1)
    assert [len(value) for value in running.function.values()] == [1, 4_500_000, 1]
    [failed] = read_all(apache, failures, 1)
    [record] = records_of(json.loads(failed.value())["payload"])
    assert len(b64decode(record["value"])) == 5_000_000
