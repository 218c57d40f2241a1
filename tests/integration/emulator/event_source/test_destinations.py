"""Discarded batches in SQS, SNS and S3, on moto's server."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from stellar_local_stack.kafka import EmbeddedBroker
from support.kafka import CLUSTER_ARN, mapping, new_topic, produce, records_of, until
from support.moto import lead_to, moto_server


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture(autouse=True)
def environment(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lead_to(aws, monkeypatch)


async def fail(_event: dict[str, Any]) -> None:
    raise ValueError("no")


async def discard(broker: EmbeddedBroker, destination: str) -> str:
    """Have three records of one partition fail for good; their topic."""
    topic = new_topic(broker, partitions=1)
    produce(broker, topic, [b"a", b"b", b"c"])
    async with mapping(
        broker,
        fail,
        topic=topic,
        MaximumRetryAttempts=1,
        MaximumBatchingWindowInSeconds=1,
        DestinationConfig={"OnFailure": {"Destination": destination}},
    ) as running:
        await until(lambda: running.counts["on_failure"] == 3)
        assert running.counts["invocations"] == 2
    return topic


def check(content: dict[str, Any], topic: str) -> None:
    context = content["requestContext"]
    assert context["condition"] == "RetryAttemptsExhausted"
    assert context["approximateInvokeCount"] == 2
    assert context["functionArn"].endswith(":function:stream")
    assert content["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    assert content["version"] == "1.0"
    batch = content["KafkaBatchInfo"]
    assert batch["batchSize"] == 3
    assert batch["eventSourceArn"] == CLUSTER_ARN
    info = batch["recordsInfo"][f"{topic}-0"]
    assert (info["firstRecordOffset"], info["lastRecordOffset"]) == ("0", "2")


async def test_a_queue_gets_the_batch_without_its_records(embedded: EmbeddedBroker) -> None:
    sqs: Any = boto3.client("sqs")
    url = sqs.create_queue(QueueName="failures")["QueueUrl"]
    topic = await discard(embedded, "arn:aws:sqs:us-east-1:123456789012:failures")
    [message] = (await asyncio.to_thread(sqs.receive_message, QueueUrl=url, WaitTimeSeconds=2))["Messages"]
    content = json.loads(message["Body"])
    check(content, topic)
    assert "payload" not in content


async def test_a_notification_topic_gets_the_batch(embedded: EmbeddedBroker) -> None:
    sns: Any = boto3.client("sns")
    sqs: Any = boto3.client("sqs")
    arn = sns.create_topic(Name="failed")["TopicArn"]
    url = sqs.create_queue(QueueName="notified")["QueueUrl"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:notified")
    topic = await discard(embedded, arn)
    [message] = (await asyncio.to_thread(sqs.receive_message, QueueUrl=url, WaitTimeSeconds=2))["Messages"]
    check(json.loads(json.loads(message["Body"])["Message"]), topic)


async def test_a_bucket_gets_the_batch_with_its_records(embedded: EmbeddedBroker) -> None:
    s3: Any = boto3.client("s3")
    s3.create_bucket(Bucket="failed-batches")
    topic = await discard(embedded, "arn:aws:s3:::failed-batches")
    [entry] = s3.list_objects_v2(Bucket="failed-batches")["Contents"]
    assert entry["Key"].startswith("aws/lambda/")
    content = json.loads(s3.get_object(Bucket="failed-batches", Key=entry["Key"])["Body"].read())
    check(content, topic)
    event = json.loads(content["payload"])
    assert [b64decode(record["value"]) for record in records_of(event)] == [b"a", b"b", b"c"]


async def test_records_wait_for_a_destination_that_is_not_there(embedded: EmbeddedBroker) -> None:
    s3: Any = boto3.client("s3")
    topic = new_topic(embedded, partitions=1)
    produce(embedded, topic, [b"a"])
    target = {"OnFailure": {"Destination": "arn:aws:s3:::made-later"}}
    async with mapping(embedded, fail, topic=topic, MaximumRetryAttempts=0, DestinationConfig=target) as running:
        await until(lambda: "On-failure destination" in running.mapping.last_result)
        assert running.counts["on_failure"] == 0
        s3.create_bucket(Bucket="made-later")
        await until(lambda: running.counts["on_failure"] == 1)
