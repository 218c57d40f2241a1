"""Events to try a function with: one made of given values, or of real records that are read from a topic."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from lambda_emulator.arn import ACCOUNT_ID, REGION
from lambda_emulator.event_source.config import Kind
from lambda_emulator.event_source.kafka.records import encode, signed

CLUSTER_ARN = f"arn:aws:kafka:{REGION}:{ACCOUNT_ID}:cluster/local/6cc0432b-8618-4f44-bccc-e1fbd8fb7c4d-2"
_SECONDS = 10.0


class SampleError(RuntimeError):
    """No event can be made; the text says why."""


def envelope(kind: Kind, bootstrap_servers: str, records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """An event around records in their JSON form."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        groups.setdefault(f"{record['topic']}-{record['partition']}", []).append(record)
    source = {"eventSource": "aws:kafka", "eventSourceArn": CLUSTER_ARN}
    if kind == "SelfManagedKafka":
        source = {"eventSource": "SelfManagedKafka"}
    return {**source, "bootstrapServers": bootstrap_servers, "records": groups}


def made_records(
    topic: str,
    values: Sequence[bytes],
    *,
    partition: int = 0,
    offset: int = 0,
    key: bytes | None = None,
    headers: Iterable[tuple[str, str]] = (),
) -> list[dict[str, Any]]:
    """Records with these values, one after the other in one partition."""
    from binascii import b2a_base64

    def text(data: bytes) -> str:
        return b2a_base64(data, newline=False).decode("ascii")

    encoded = [{name: signed(value)} for name, value in headers]
    common = {"topic": topic, "partition": partition, "timestamp": int(time.time() * 1000)}
    return [
        {
            **common,
            "offset": offset + index,
            "timestampType": "CREATE_TIME",
            **({} if key is None else {"key": text(key)}),
            "value": text(value),
            "headers": encoded,
        }
        for index, value in enumerate(values)
    ]


def topic_records(client: Mapping[str, Any], topic: str, number: int) -> list[dict[str, Any]]:
    """The first records of a topic, read without a consumer group. Raises SampleError."""
    try:
        consumer = Consumer({**client, "group.id": "generate-event", "enable.auto.commit": False, "log_level": 0})
    except KafkaException as error:
        raise SampleError(f"The Kafka client refuses its settings: {error.args[0].str()}") from None
    try:
        found = consumer.list_topics(topic, timeout=_SECONDS).topics[topic]
        if found.error or not found.partitions:
            raise SampleError(f"The topic {topic} does not exist.")
        consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in found.partitions])
        records: list[dict[str, Any]] = []
        deadline = time.monotonic() + _SECONDS
        while len(records) < number and time.monotonic() < deadline:
            messages = consumer.consume(number - len(records), timeout=0.5)
            records += [orjson.loads(encode(message)) for message in messages if not message.error()]
            if records and not messages:
                break
    except KafkaException as error:
        raise SampleError(f"{client['bootstrap.servers']} does not answer: {error.args[0].str()}") from None
    finally:
        consumer.close()
    if not records:
        raise SampleError(f"The topic {topic} has no records.")
    return records


def dumps(event: Mapping[str, Any]) -> str:
    """An event as indented JSON."""
    return orjson.dumps(event, option=orjson.OPT_INDENT_2).decode()
