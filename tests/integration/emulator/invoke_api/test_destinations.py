"""Records and dead letters, delivered to real endpoints (moto's server) by boto3."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import boto3
import pytest

from lambda_emulator.asgi import Reply
from lambda_emulator.delivery import DeliveryError
from lambda_emulator.invoke_api import LambdaApi, create_app
from lambda_emulator.invoke_api.destinations import Destinations
from lambda_emulator.stack import AsyncConfig
from support.gateway_doubles import AsgiClient, FakeInvoker, a_function, failure
from support.moto import moto_server
from support.stacks import until

REGION = "us-east-1"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture(autouse=True)
def aws(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 without credentials of its own, pointed at moto."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")


def client(service: str) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test"
    )


def a_queue(name: str) -> tuple[str, str]:
    """ARN and URL of a new queue."""
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"], url


def messages(url: str) -> list[Any]:
    answer = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    return answer.get("Messages", [])


class Asynchronous:
    """The Lambda API over one function with a configuration for its events."""

    def __init__(self) -> None:
        self.apps: list[LambdaApi] = []

    async def __call__(self, answer: Any, **config: Any) -> FakeInvoker:
        function = a_function(async_config=AsyncConfig(**config))
        invoker = FakeInvoker(function, a_function("Next", name="next"), answer=lambda event: answer)
        app = create_app(invoker, time_scale=0.0001)
        self.apps.append(app)
        await AsgiClient(app).post(
            "/2015-03-31/functions/Hello/invocations", b'{"k": 1}', headers={"x-amz-invocation-type": "Event"}
        )
        await until(lambda: app.queue.pending == 0)
        return invoker


@pytest.fixture
async def run() -> AsyncIterator[Asynchronous]:
    asynchronous = Asynchronous()
    yield asynchronous
    for app in asynchronous.apps:
        await app.close()


async def test_sqs_gets_records_of_success_and_of_failure(run: Asynchronous) -> None:
    arn, url = a_queue("records")
    await run({"ok": True}, on_success=arn)
    await run(failure("no"), on_failure=arn)
    success, failed = (json.loads(message["Body"]) for message in messages(url))
    assert success["requestContext"]["condition"] == "Success"
    assert success["responsePayload"] == {"ok": True}
    assert failed["requestContext"]["condition"] == "RetriesExhausted"
    assert failed["requestContext"]["approximateInvokeCount"] == 3


async def test_a_dead_letter_queue_gets_the_event_with_its_reasons(run: Asynchronous) -> None:
    arn, url = a_queue("dead")
    await run(failure("no"), dead_letter=arn)
    (message,) = messages(url)
    assert json.loads(message["Body"]) == {"k": 1}
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert attributes["ErrorMessage"] == "no"
    assert attributes["ErrorCode"] == "200"
    assert len(attributes["RequestID"]) == 36


async def test_sns_passes_the_record_on(run: Asynchronous) -> None:
    arn, url = a_queue("subscriber")
    topic = client("sns").create_topic(Name="topic")["TopicArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    await run(failure("no"), on_failure=topic, maximum_retry_attempts=0)
    (message,) = messages(url)
    assert json.loads(message["Body"])["requestPayload"] == {"k": 1}


async def test_s3_keeps_the_record_as_an_object(run: Asynchronous) -> None:
    client("s3").create_bucket(Bucket="failures")
    await run(failure("no"), on_failure="arn:aws:s3:::failures", maximum_retry_attempts=0)
    (entry,) = client("s3").list_objects_v2(Bucket="failures")["Contents"]
    assert entry["Key"].startswith("aws/lambda/async/Hello/20")
    body = client("s3").get_object(Bucket="failures", Key=entry["Key"])["Body"].read()
    assert json.loads(body)["requestContext"]["condition"] == "RetriesExhausted"


async def test_another_function_of_the_stack_is_invoked_directly(run: Asynchronous) -> None:
    arn = f"arn:aws:lambda:{REGION}:123456789012:function:next"
    invoker = await run({"ok": True}, on_success=arn)
    assert [call.function for call in invoker.calls] == ["Hello", "Next"]
    assert invoker.last.event["responsePayload"] == {"ok": True}


async def test_an_endpoint_that_is_not_there_is_named(run: Asynchronous, caplog: pytest.LogCaptureFixture) -> None:
    await run({"ok": True}, on_success=f"arn:aws:sqs:{REGION}:123456789012:missing")
    assert "arn:aws:sqs:us-east-1:123456789012:missing: a record could not be delivered" in caplog.text


@pytest.mark.parametrize("arn", ["not an arn", "arn:aws:dynamodb:us-east-1:123456789012:table/x"])
async def test_a_destination_that_cannot_be_one_is_named(arn: str) -> None:
    async def send(reference: str, payload: bytes) -> Reply:
        raise AssertionError

    destinations = Destinations(FakeInvoker(), send)  # type: ignore[arg-type]
    with pytest.raises(DeliveryError, match="delivered"):
        await asyncio.wait_for(destinations.send(arn, {}, success=True), 10)
