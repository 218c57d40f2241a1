"""One Kafka record on its way through a mapping, and its JSON in the event.

Mirrors "Example event" of the Lambda Developer Guide, "Using Lambda with Amazon MSK". Where the guide is silent, what
users of AWS report decides: header bytes are signed, as Java prints them (0xC3 is -61). A missing key or value is
left out (an assumption).
"""

from __future__ import annotations

import time
from binascii import b2a_base64
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import orjson
from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_LOG_APPEND_TIME, Message

if TYPE_CHECKING:
    from emulator.event_source.offsets import OffsetTracker

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
        orjson.dumps(as_json(message)) if passes else None,
        time.monotonic(),
    )


def as_json(message: Message) -> dict[str, Any]:
    """A record as it stands in ``records`` of an event."""
    kind, timestamp = message.timestamp()
    content: dict[str, Any] = {
        "topic": message.topic(),
        "partition": message.partition(),
        "offset": message.offset(),
        "timestamp": timestamp,
        "timestampType": _TIMESTAMP_TYPES.get(kind, "NO_TIMESTAMP_TYPE"),
    }
    for name, data in (("key", message.key()), ("value", message.value())):
        if data is not None:
            content[name] = b2a_base64(data, newline=False).decode("ascii")
    headers: Iterable[tuple[str, Any]] = message.headers() or ()  # type: ignore[assignment]
    content["headers"] = [{name: signed(value or b"")} for name, value in headers]
    return content


def signed(data: bytes | str) -> list[int]:
    """Bytes as the signed numbers that Java makes of them."""
    return [_SIGNED[byte] for byte in (data.encode() if isinstance(data, str) else data)]
