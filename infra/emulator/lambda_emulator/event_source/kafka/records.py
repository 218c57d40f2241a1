"""One Kafka record on its way through a mapping, and its JSON in the event.

Mirrors "Example event" of the Lambda Developer Guide, "Using Lambda with Amazon MSK". Where the guide is silent, what
users of AWS report decides: header bytes are signed, as Java prints them (0xC3 is -61), and a missing key is left out.
So is a missing value (an assumption).
"""

from __future__ import annotations

import time
from binascii import b2a_base64
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import orjson
from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_LOG_APPEND_TIME, Message

if TYPE_CHECKING:
    from lambda_emulator.event_source.kafka.offsets import OffsetTracker

_TIMESTAMP_TYPES = {TIMESTAMP_CREATE_TIME: "CREATE_TIME", TIMESTAMP_LOG_APPEND_TIME: "LOG_APPEND_TIME"}
_SIGNED = tuple(range(128)) + tuple(range(-128, 0))


class Record:
    """A polled record. ``body`` is its JSON in an event, or None where a filter keeps it from the function.

    ``timestamp`` is in milliseconds since the epoch, or None where the record has none; ``arrived`` is monotonic, in
    seconds. ``tracker`` is that of its partition, as long as the poller owns it.
    """

    __slots__ = ("arrived", "body", "key", "offset", "settled", "timestamp", "tracker")

    def __init__(
        self,
        tracker: OffsetTracker,
        offset: int,
        timestamp: int | None,
        key: bytes | None,
        body: bytes | None,
        arrived: float,
    ) -> None:
        self.tracker = tracker
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.body = body
        self.arrived = arrived
        self.settled = False

    @property
    def partition(self) -> int:
        return self.tracker.partition

    @property
    def json(self) -> bytes:
        """The record in an event. Only records that no filter holds back have one."""
        assert self.body is not None
        return self.body


def from_message(message: Message, tracker: OffsetTracker, *, passes: bool) -> Record:
    """The record that a consumer's message holds."""
    kind, timestamp = message.timestamp()
    return Record(
        tracker,
        message.offset() or 0,
        timestamp if kind in _TIMESTAMP_TYPES else None,
        message.key(),
        encode(message) if passes else None,
        time.monotonic(),
    )


def encode(message: Message) -> bytes:
    """A record as it stands in ``records`` of an event, in JSON.

    Key and value are put in as they are: base64 needs no escapes, and no second copy of what may be megabytes.
    """
    kind, timestamp = message.timestamp()
    place = {
        "topic": message.topic(),
        "partition": message.partition(),
        "offset": message.offset(),
        "timestamp": timestamp,
        "timestampType": _TIMESTAMP_TYPES.get(kind, "NO_TIMESTAMP_TYPE"),
    }
    parts = [orjson.dumps(place)[:-1]]
    for name, data in ((b"key", message.key()), (b"value", message.value())):
        if data is not None:
            parts += (b',"', name, b'":"', b2a_base64(data, newline=False), b'"')
    headers: Iterable[tuple[str, Any]] = message.headers() or ()  # type: ignore[assignment]
    parts += (b',"headers":', orjson.dumps([{name: signed(value or b"")} for name, value in headers]), b"}")
    return b"".join(parts)


def signed(data: bytes | str) -> list[int]:
    """Bytes as the signed numbers that Java makes of them."""
    return [_SIGNED[byte] for byte in (data.encode() if isinstance(data, str) else data)]
