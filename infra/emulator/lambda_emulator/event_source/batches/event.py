"""The event that a function gets: records grouped by topic and partition, in the envelope of their source.

Mirrors "Example event" on the pages "Using Lambda with Amazon MSK" and "… with self-managed Apache Kafka".
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from lambda_emulator.event_source.config import MappingConfig
from lambda_emulator.event_source.kafka.records import Record

MAX_PAYLOAD = 6 * 1024 * 1024  # bytes; Lambda's limit for a synchronous invocation


class Envelope:
    """What is around the records of one mapping."""

    def __init__(self, config: MappingConfig, bootstrap_servers: str) -> None:
        self.topic = config.topic
        self.bootstrap_servers = bootstrap_servers
        self.event_source_arn = config.event_source_arn
        source: dict[str, str] = {}
        if config.kind == "MSK":
            source = {"eventSource": "aws:kafka", "eventSourceArn": config.event_source_arn or ""}
        else:
            source = {"eventSource": "SelfManagedKafka"}
        self._head = orjson.dumps({**source, "bootstrapServers": bootstrap_servers})[:-1] + b',"records":{'
        self.overhead = len(self._head) + len(b"}}")

    def group(self, partition: int) -> str:
        """The name of a partition's records in an event."""
        return f"{self.topic}-{partition}"

    def group_size(self, partition: int) -> int:
        """Bytes that a partition adds to an event, apart from its records."""
        return len(self.group(partition)) + len('"":[],')

    def build(self, records: Iterable[Record]) -> bytes:
        """The event of these records, in this order within each partition."""
        groups: dict[int, list[bytes]] = {}
        for record in records:
            groups.setdefault(record.partition, []).append(record.json)
        parts = (b'"%b":[%b]' % (self.group(partition).encode(), b",".join(each)) for partition, each in groups.items())
        return self._head + b",".join(parts) + b"}}"


def record_size(record: Record) -> int:
    """Bytes that a record adds to an event, with the comma after it."""
    return len(record.json) + 1
