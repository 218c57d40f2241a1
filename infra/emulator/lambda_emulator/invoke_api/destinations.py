"""Where the records of asynchronous invocations go: SQS, SNS, Lambda, EventBridge, S3.

Mirrors "Capturing records of Lambda asynchronous invocations" and "Dead-letter queues". boto3 does the sending, to
wherever ``AWS_ENDPOINT_URL`` (or ``AWS_ENDPOINT_URL_SQS`` and the like) says; it is imported at the first delivery.
"""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from lambda_emulator.invocation import FunctionNotFoundError, Invoker
from lambda_emulator.stack import split_reference

FunctionSender = Callable[[str, bytes], Awaitable[None]]


class DeliveryError(RuntimeError):
    """A record could not be delivered; the text names the destination and the reason."""


class Arn(NamedTuple):
    """The parts of an ARN that deliveries need."""

    text: str
    service: str
    region: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn:
        parts = text.split(":", 5)
        if len(parts) < 6 or parts[0] != "arn":
            raise DeliveryError(f"{text!r} is no ARN: no record can be delivered there")
        return cls(text, parts[2], parts[3] or "us-east-1", parts[5])


class Destinations:
    """Delivers records. Functions of the same stack are invoked through ``send_to_function``, without boto3."""

    def __init__(self, invoker: Invoker, send_to_function: FunctionSender) -> None:
        self._invoker = invoker
        self._send_to_function = send_to_function

    async def send(self, destination: str, record: dict[str, Any], *, success: bool) -> None:
        """Deliver an invocation record. Raises DeliveryError."""
        arn = Arn.parse(destination)
        body = json.dumps(record, ensure_ascii=False).encode()
        if arn.service == "lambda":
            await self._to_function(arn, body)
            return
        senders: dict[str, Callable[[], None]] = {
            "sqs": lambda: _to_queue(arn, body, {}),
            "sns": lambda: _to_topic(arn, body, {}),
            "s3": lambda: _to_bucket(arn, body, record),
            "events": lambda: _to_event_bus(arn, body, record, success=success),
        }
        await _in_thread(arn, senders.get(arn.service))

    @staticmethod
    async def dead_letter(destination: str, payload: bytes, attributes: Mapping[str, str]) -> None:
        """Deliver the event itself to a dead-letter queue or topic. Raises DeliveryError."""
        arn = Arn.parse(destination)
        senders: dict[str, Callable[[], None]] = {
            "sqs": lambda: _to_queue(arn, payload, attributes),
            "sns": lambda: _to_topic(arn, payload, attributes),
        }
        await _in_thread(arn, senders.get(arn.service))

    async def _to_function(self, arn: Arn, body: bytes) -> None:
        try:
            self._invoker.resolve(arn.text)
        except FunctionNotFoundError:
            await _in_thread(arn, lambda: _to_remote_function(arn, body))
        else:
            await self._send_to_function(arn.text, body)


async def _in_thread(arn: Arn, send: Callable[[], None] | None) -> None:
    if send is None:
        raise DeliveryError(f"{arn.text}: records cannot be delivered to {arn.service}")
    await asyncio.to_thread(_attempt, arn, send)


def _attempt(arn: Arn, send: Callable[[], None]) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        send()
    except (BotoCoreError, ClientError) as error:
        raise DeliveryError(f"{arn.text}: a record could not be delivered: {error}") from error


def _client(service: str, region: str) -> Any:
    import boto3
    from botocore.config import Config

    session = boto3.session.Session(region_name=region)
    credentials = {}
    overridden = "AWS_ENDPOINT_URL" in os.environ or f"AWS_ENDPOINT_URL_{service.upper()}" in os.environ
    if overridden and session.get_credentials() is None:
        credentials = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    config = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 2})
    return session.client(service, config=config, **credentials)  # type: ignore[call-overload]


def _attributes(attributes: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: {"DataType": "Number" if name == "ErrorCode" else "String", "StringValue": value}
        for name, value in attributes.items()
    }


def _to_queue(arn: Arn, body: bytes, attributes: Mapping[str, str]) -> None:
    client = _client("sqs", arn.region)
    url = client.get_queue_url(QueueName=arn.resource)["QueueUrl"]
    client.send_message(QueueUrl=url, MessageBody=body.decode(), MessageAttributes=_attributes(attributes))


def _to_topic(arn: Arn, body: bytes, attributes: Mapping[str, str]) -> None:
    client = _client("sns", arn.region)
    client.publish(TopicArn=arn.text, Message=body.decode(), MessageAttributes=_attributes(attributes))


def _to_bucket(arn: Arn, body: bytes, record: dict[str, Any]) -> None:
    """Under ``aws/lambda/async/<function>/YYYY/MM/DD/``, as AWS names such objects."""
    name, _ = split_reference(record["requestContext"]["functionArn"])
    now = datetime.now(UTC)
    key = f"aws/lambda/async/{name}/{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
    _client("s3", arn.region).put_object(Bucket=arn.resource, Key=key, Body=body)


def _to_event_bus(arn: Arn, body: bytes, record: dict[str, Any], *, success: bool) -> None:
    entry = {
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {'Success' if success else 'Failure'}",
        "Resources": [arn.text, record["requestContext"]["functionArn"]],
        "Detail": body.decode(),
        "EventBusName": arn.text,
    }
    answer = _client("events", arn.region).put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise DeliveryError(f"{arn.text}: EventBridge refused a record: {answer['Entries']}")


def _to_remote_function(arn: Arn, body: bytes) -> None:
    _client("lambda", arn.region).invoke(FunctionName=arn.text, InvocationType="Event", Payload=body)
