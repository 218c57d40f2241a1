"""Where the records of asynchronous invocations go: SQS, SNS, Lambda, EventBridge, S3.

Mirrors "Capturing records of Lambda asynchronous invocations" and "Dead-letter queues".
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from lambda_emulator.arn import Arn
from lambda_emulator.delivery import (
    DeliveryError,
    attempt,
    delivery_client,
    parse_destination,
    to_bucket,
    to_queue,
    to_topic,
)
from lambda_emulator.invocation import FunctionNotFoundError, Invoker
from lambda_emulator.stack import split_reference

FunctionSender = Callable[[str, bytes], Awaitable[None]]


class Destinations:
    """Delivers records. Functions of the same stack are invoked through ``send_to_function``, without boto3."""

    def __init__(self, invoker: Invoker, send_to_function: FunctionSender) -> None:
        self._invoker = invoker
        self._send_to_function = send_to_function

    async def send(self, destination: str, record: dict[str, Any], *, success: bool) -> None:
        """Deliver an invocation record. Raises DeliveryError."""
        arn = parse_destination(destination)
        body = json.dumps(record, ensure_ascii=False).encode()
        if arn.service == "lambda":
            await self._to_function(arn, body)
            return
        senders: dict[str, Callable[[], None]] = {
            "sqs": lambda: to_queue(arn, body.decode()),
            "sns": lambda: to_topic(arn, body.decode()),
            "s3": lambda: to_bucket(arn, body, _prefix(record)),
            "events": lambda: _to_event_bus(arn, body.decode(), record, success=success),
        }
        await _in_thread(arn, senders.get(arn.service))

    @staticmethod
    async def dead_letter(destination: str, payload: bytes, attributes: Mapping[str, str]) -> None:
        """Deliver the event itself to a dead-letter queue or topic. Raises DeliveryError."""
        arn = parse_destination(destination)
        senders: dict[str, Callable[[], None]] = {
            "sqs": lambda: to_queue(arn, payload.decode(), attributes),
            "sns": lambda: to_topic(arn, payload.decode(), attributes),
        }
        await _in_thread(arn, senders.get(arn.service))

    async def _to_function(self, arn: Arn, body: bytes) -> None:
        try:
            self._invoker.resolve(str(arn))
        except FunctionNotFoundError:
            await _in_thread(arn, lambda: _to_remote_function(arn, body))
        else:
            await self._send_to_function(str(arn), body)


async def _in_thread(arn: Arn, send: Callable[[], None] | None) -> None:
    if send is None:
        raise DeliveryError(f"{arn}: records cannot be delivered to {arn.service}")
    await asyncio.to_thread(attempt, arn, send)


def _prefix(record: dict[str, Any]) -> str:
    """Of the keys in a bucket, by the function's name."""
    return f"async/{split_reference(record['requestContext']['functionArn'])[0]}"


def _to_event_bus(arn: Arn, body: str, record: dict[str, Any], *, success: bool) -> None:
    entry = {
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {'Success' if success else 'Failure'}",
        "Resources": [str(arn), record["requestContext"]["functionArn"]],
        "Detail": body,
        "EventBusName": str(arn),
    }
    answer = delivery_client(arn).put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise DeliveryError(f"{arn}: EventBridge refused a record: {answer['Entries']}")


def _to_remote_function(arn: Arn, body: bytes) -> None:
    delivery_client(arn).invoke(FunctionName=str(arn), InvocationType="Event", Payload=body)
