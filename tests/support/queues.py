"""An SQS of the test's own (moto's server) on a random port, and a mapping of one of its queues."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from lambda_emulator.event_source import DrainTimeouts, EventSourceService
from lambda_emulator.event_source.api.control_plane import create_router
from lambda_emulator.event_source.sqs.mapping import QueueMapping
from lambda_emulator.server import Options, Servers
from lambda_emulator.stack import EventSource, Stack
from support.kafka import FAST, Lambda
from support.moto import lead_to, moto_server

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@pytest.fixture(scope="module")
def sqs_endpoint() -> Iterator[str]:
    """The address of a running SQS."""
    with moto_server() as url:
        yield url


@pytest.fixture
def sqs(sqs_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> SQSClient:
    """A client of it; the environment leads the code under test there, too."""
    lead_to(sqs_endpoint, monkeypatch, "SQS")
    return boto3.client("sqs")


@dataclass
class TestQueue:
    """A queue of its own for one test."""

    __test__ = False

    client: SQSClient
    url: str
    arn: str

    def send(self, *bodies: str, **options: Any) -> None:
        for body in bodies:
            self.client.send_message(QueueUrl=self.url, MessageBody=body, **options)

    def size(self) -> int:
        """Messages that are not deleted, whoever has them at present."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]  # type: ignore[arg-type]
        return sum(int(attributes[name]) for name in names)


def new_queue(client: SQSClient, *, visibility: int = 30, fifo: bool = False, **attributes: str) -> TestQueue:
    """A queue that no other test uses."""
    if fifo:
        attributes |= {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    name = f"q-{uuid.uuid4().hex[:10]}{'.fifo' if fifo else ''}"
    settings: dict[str, str] = {"VisibilityTimeout": str(visibility), **attributes}
    url = client.create_queue(QueueName=name, Attributes=settings)["QueueUrl"]  # type: ignore[arg-type]
    arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return TestQueue(client, url, arn)


@asynccontextmanager
async def queue_mapping(
    queue: TestQueue, function: Lambda, **properties: Any
) -> AsyncIterator[tuple[QueueMapping, str]]:
    """A mapping of the queue, Enabled or Failed, and the address of the Lambda API."""
    source = EventSource("Jobs", "Stream", "SQS", {"EventSourceArn": queue.arn, **properties})
    stack = Stack(Path("template.yaml"), {"Stream": function.function}, event_sources=(source,))
    servers = Servers(stack, function, Options(lambda_port=0))
    endpoint = servers.bind().lambda_api
    assert endpoint is not None
    async with servers:
        service = EventSourceService(stack, lambda_endpoint=endpoint, pace=DrainTimeouts(drain=5), backoff=FAST)
        servers.lambda_api.mount(create_router(service))
        async with service:
            await service.ready()
            [only] = service.mappings.values()
            assert isinstance(only, QueueMapping)
            yield only, endpoint


def bodies(event: dict[str, Any]) -> list[str]:
    """The bodies of an event's messages."""
    return [record["body"] for record in event["Records"]]
