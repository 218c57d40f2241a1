"""The event that a function gets from a queue, and the messages that it asks for again.

Mirrors "Example standard queue message event" and "Implementing partial batch responses" of the Lambda Developer Guide.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from lambda_emulator.arn import Arn
from lambda_emulator.event_source.batches.responses import InvalidResponseError, failed_items

_HEAD, _TAIL = b'{"Records":[', b"]}"


@dataclass(frozen=True, slots=True)
class Message:
    """A received message. ``json`` is its form in an event."""

    id: str
    handle: str
    json: bytes

    @property
    def size(self) -> int:
        """Bytes that it adds to an event, with its comma."""
        return len(self.json) + 1


def record_of(message: Mapping[str, Any], queue_arn: str) -> dict[str, Any]:
    """A message of ReceiveMessage in the form that it has in an event."""
    record: dict[str, Any] = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {name: _attribute(value) for name, value in message.get("MessageAttributes", {}).items()},
    }
    if "MD5OfMessageAttributes" in message:
        record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return {
        **record,
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": Arn.parse(queue_arn).region,
    }


def message_of(record: Mapping[str, Any]) -> Message:
    """The message that a record is of."""
    return Message(record["messageId"], record["receiptHandle"], orjson.dumps(record))


def build(messages: Sequence[Message]) -> bytes:
    """The event of these messages."""
    return _HEAD + b",".join(message.json for message in messages) + _TAIL


def build_size(messages: Iterable[Message]) -> int:
    """Bytes of the event of these messages."""
    return len(_HEAD) + len(_TAIL) + sum(message.size for message in messages)


def failed_messages(payload: bytes, messages: Sequence[Message]) -> list[Message]:
    """The messages that the function wants again, in the batch's order. Raises InvalidResponseError."""
    known = {message.id for message in messages}
    chosen = set()
    for item in failed_items(payload):
        identifier = item.get("itemIdentifier") if isinstance(item, dict) else None
        if identifier not in known:
            raise InvalidResponseError(f"batchItemFailures names a message that is not in the batch: {item!r}")
        chosen.add(identifier)
    return [message for message in messages if message.id in chosen]


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    """An attribute of a message; lists are there, and always empty."""
    content: dict[str, Any] = {}
    if "StringValue" in value:
        content["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        content["binaryValue"] = b64encode(value["BinaryValue"]).decode()
    return {**content, "stringListValues": [], "binaryListValues": [], "dataType": value.get("DataType", "String")}
