"""Delivery of records to SQS queues, SNS topics and S3 buckets: dead letters and results that have a destination."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from lambda_emulator.arn import Arn, ArnError
from lambda_emulator.aws_client import aws_client

_READ_SECONDS = 20


class DeliveryError(RuntimeError):
    """A destination did not take a record; the text names it and the reason."""


def parse_destination(text: str) -> Arn:
    """The ARN of a destination. Raises DeliveryError."""
    try:
        return Arn.parse(text)
    except ArnError as error:
        raise DeliveryError(f"{error}: no record can be delivered there") from None


def delivery_client(arn: Arn) -> Any:
    """A client of the service of a destination."""
    return aws_client(arn.service, arn.region, read_timeout=_READ_SECONDS)


def attempt(destination: Arn, send: Callable[[], None]) -> None:
    """Send. Raises DeliveryError."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        send()
    except (BotoCoreError, ClientError) as error:
        raise DeliveryError(f"{destination}: a record could not be delivered: {error}") from error


def to_queue(arn: Arn, body: str, attributes: Mapping[str, str] = {}) -> None:
    """One message to an SQS queue, found by its name. Blocks."""
    client = delivery_client(arn)
    url = client.get_queue_url(QueueName=arn.resource)["QueueUrl"]
    client.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=_attributes(attributes))


def to_topic(arn: Arn, body: str, attributes: Mapping[str, str] = {}) -> None:
    """One message to an SNS topic. Blocks."""
    delivery_client(arn).publish(TopicArn=str(arn), Message=body, MessageAttributes=_attributes(attributes))


def to_bucket(arn: Arn, body: bytes, prefix: str) -> None:
    """One object, under a key such as AWS makes: ``aws/lambda/<prefix>/YYYY/MM/DD/<time>-<uuid>``. Blocks."""
    now = datetime.now(UTC)
    key = f"aws/lambda/{prefix}/{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
    delivery_client(arn).put_object(Bucket=arn.resource, Key=key, Body=body, ContentType="application/json")


def _attributes(attributes: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: {"DataType": "Number" if name == "ErrorCode" else "String", "StringValue": value}
        for name, value in attributes.items()
    }
