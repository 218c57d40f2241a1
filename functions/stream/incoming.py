"""Records as the event source mapping brings them.

Mirrors "Using Lambda with Amazon MSK" and "Using Lambda with self-managed Apache Kafka" (AWS Lambda Developer Guide):
keys and values are base64 text, a header is an object whose one member is a list of bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from aws_lambda_powertools.utilities.data_classes import KafkaEvent
from aws_lambda_powertools.utilities.data_classes.kafka_event import KafkaEventRecord

Header = tuple[str, bytes]


class NotJsonError(ValueError):
    """The record's value is not JSON text."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One record. ``group`` is the mapping's name for its partition, such as ``star_features_input-3``."""

    group: str
    topic: str
    partition: int
    offset: int
    timestamp: int  # milliseconds
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]

    def content(self) -> Any:
        """The value as JSON. Raises NotJsonError."""
        try:
            return orjson.loads(self.value or b"")
        except orjson.JSONDecodeError as error:
            raise NotJsonError(f"The value is not JSON: {error}") from None

    @property
    def size(self) -> int:
        """Bytes of key, value and headers, uncompressed."""
        headers = sum(len(name.encode()) + len(content) for name, content in self.headers)
        return len(self.key or b"") + len(self.value or b"") + headers

    @property
    def source(self) -> dict[str, str | int]:
        """Where the record came from, as its prediction tells it."""
        return {
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "timestamp": self.timestamp,
        }


def incoming(event: dict[str, Any]) -> Iterator[Incoming]:
    """The event's records, partition by partition, in their order there."""
    for record in KafkaEvent(event).records:
        yield Incoming(
            f"{record.topic}-{record.partition}",
            record.topic,
            record.partition,
            record.offset,
            record.timestamp,
            record.decoded_key,
            _bytes(record.get("value")),
            _headers(record),
        )


def _bytes(text: str | None) -> bytes | None:
    """None stays None: that is a tombstone."""
    return None if text is None else base64.b64decode(text)


def _headers(record: KafkaEventRecord) -> tuple[Header, ...]:
    """Bytes over 127 may come as Java's negative ones."""
    pairs = (pair for header in record.get("headers") or () for pair in header.items())
    return tuple((name, bytes(byte & 0xFF for byte in content or ())) for name, content in pairs)
