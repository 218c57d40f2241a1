"""Brokers, mappings and a Lambda API whose function is a piece of the test."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from lambda_emulator.event_source import DrainTimeouts, EventSourceService
from lambda_emulator.event_source.api.control_plane import create_router
from lambda_emulator.event_source.batches.backoff import Backoff
from lambda_emulator.event_source.config import MappingConfig, read_config
from lambda_emulator.event_source.kafka.offsets import OffsetTracker
from lambda_emulator.event_source.kafka.records import Record
from lambda_emulator.event_source.mapping import EventSourceMapping
from lambda_emulator.invocation import InvocationResult, TooManyRequestsError
from lambda_emulator.server import Options, Servers
from lambda_emulator.stack import EventSource, Function, Stack
from stellar_local_stack.kafka import ApacheBroker, BrokerProcess, EmbeddedBroker, Topic, create_topics
from stellar_local_stack.kafka.jars import missing_programs

CLUSTER_ARN = "arn:aws:kafka:us-east-1:123456789012:cluster/test/6cc0432b-8618-4f44-bccc-e1fbd8fb7c4d-2"
FAST = Backoff(first=0.01, longest=0.1)

Behaviour = Callable[[dict[str, Any]], Awaitable[Any]]
"""A function: it gets the event, and its result is the response. What it raises is its error."""


class ThrottledError(Exception):
    """Raised by a behaviour to have the service refuse the call."""


@pytest.fixture(scope="session")
def apache() -> Iterator[ApacheBroker]:
    """One Apache Kafka for the session."""
    if absent := missing_programs():
        pytest.skip(f"Apache Kafka needs {' and '.join(absent)}, which are not installed")
    with ApacheBroker() as broker:
        yield broker


@pytest.fixture(scope="session")
def embedded() -> Iterator[EmbeddedBroker]:
    """One embedded broker for the session."""
    with EmbeddedBroker() as broker:
        yield broker


def new_topic(broker: BrokerProcess, partitions: int = 4) -> str:
    """A topic that no other test uses."""
    name = f"t-{uuid.uuid4().hex[:10]}"
    create_topics(broker.client_config(), [Topic(name, partitions)])
    return name


def produce(
    broker: BrokerProcess, topic: str, values: list[Any], *, partition: int | None = None, compression: str = "none"
) -> None:
    """Write records; a value is bytes, anything JSON, or keyword arguments of ``Producer.produce``."""
    # Idempotent, or a first batch that meets a topic without a leader yet would be written after the second.
    settings = {
        "linger.ms": 5,
        "message.max.bytes": 20_000_000,
        "enable.idempotence": True,
        "compression.type": compression,
    }
    producer = Producer({**broker.client_config(), **settings})
    for value in values:
        arguments = dict(value) if isinstance(value, Record_) else {"value": value}
        if not isinstance(arguments["value"], bytes | None):
            arguments["value"] = json.dumps(arguments["value"]).encode()
        if partition is not None:
            arguments["partition"] = partition
        producer.produce(topic, **arguments)
        producer.poll(0)
    assert producer.flush(30) == 0


class Record_(dict[str, Any]):  # noqa: N801 (a marker, not a thing)
    """A record to produce with key, headers and so on."""


def committed(broker: BrokerProcess, group: str, topic: str) -> dict[int, int]:
    """The group's committed offsets; partitions without one are left out."""
    consumer = Consumer({**broker.client_config(), "group.id": group})
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        places = consumer.committed([TopicPartition(topic, partition) for partition in partitions], timeout=10)
        return {place.partition: place.offset for place in places if place.offset >= 0}
    finally:
        consumer.close()


def read_all(broker: BrokerProcess, topic: str, number: int, seconds: float = 20.0) -> list[Any]:
    """The first messages of a topic, as many as asked for."""
    consumer = Consumer({**broker.client_config(), "group.id": uuid.uuid4().hex, "auto.offset.reset": "earliest"})
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    found: list[Any] = []
    deadline = time.monotonic() + seconds
    while len(found) < number and time.monotonic() < deadline:
        found += [message for message in consumer.consume(number - len(found), 0.2) if not message.error()]
    consumer.close()
    return found


class Lambda:
    """An ``Invoker`` whose one function is a coroutine of the test, behind the real Lambda API."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.events: list[dict[str, Any]] = []
        self.running = 0
        self.most_running = 0
        self.function = Function("Stream", "stream", "app.handler", "python3.11", Path())

    def functions(self) -> list[Function]:
        return [self.function]

    def resolve(self, reference: str, qualifier: str | None = None) -> Function:
        return self.function

    async def invoke(self, reference: str, payload: bytes, **options: Any) -> InvocationResult:
        event = json.loads(payload)
        self.events.append(event)
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        request_id = options.get("request_id") or str(uuid.uuid4())
        try:
            response = json.dumps(await self.behaviour(event)).encode()
            return InvocationResult(request_id, response)
        except ThrottledError:
            raise TooManyRequestsError("ReservedFunctionConcurrentInvocationLimitExceeded") from None
        except Exception as error:
            content = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return InvocationResult(request_id, json.dumps(content).encode(), function_error="Unhandled")
        finally:
            self.running -= 1

    def values(self) -> list[bytes]:
        """Every value that the function was ever given, in order."""
        return [b64decode(record["value"]) for event in self.events for record in records_of(event)]


def records_of(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The records of an event, partition after partition."""
    return [record for group in event["records"].values() for record in group]


async def nothing(_event: dict[str, Any]) -> None:
    """A function that does nothing, well."""


@dataclass
class Running:
    """A service at work."""

    service: EventSourceService
    function: Lambda
    endpoint: str
    topic: str
    mapping: EventSourceMapping

    @property
    def counts(self) -> dict[str, int]:
        return self.mapping.metrics.counts

    @property
    def group(self) -> str:
        return self.mapping.group


def mapping_properties(topic: str, **properties: Any) -> dict[str, Any]:
    return {"Topics": [topic], "EventSourceArn": CLUSTER_ARN, "StartingPosition": "TRIM_HORIZON", **properties}


@asynccontextmanager
async def mapping(
    broker: BrokerProcess,
    behaviour: Behaviour | Lambda = nothing,
    *,
    topic: str | None = None,
    pace: DrainTimeouts | None = None,
    kafka_config: Mapping[str, str] | None = None,
    **properties: Any,
) -> AsyncIterator[Running]:
    """One mapping of one topic, Enabled, before a function that is ``behaviour``."""
    topic = topic or new_topic(broker)
    properties.setdefault("MaximumBatchingWindowInSeconds", 0)
    function = behaviour if isinstance(behaviour, Lambda) else Lambda(behaviour)
    source = EventSource("Events", "Stream", "MSK", mapping_properties(topic, **properties))
    stack = Stack(Path("template.yaml"), {"Stream": function.function}, event_sources=(source,))
    servers = Servers(stack, function, Options(lambda_port=0))
    endpoint = servers.bind().lambda_api
    assert endpoint is not None
    client = {**broker.client_config(), **broker.consumer_config, **(kafka_config or {})}
    async with servers:
        service = EventSourceService(
            stack,
            bootstrap_servers=client.pop("bootstrap.servers"),
            lambda_endpoint=endpoint,
            kafka_config=client,
            pace=pace or DrainTimeouts(revoke=5, drain=5),
            backoff=FAST,
        )
        servers.lambda_api.mount(create_router(service))
        async with service:
            await service.ready()
            [only] = service.mappings.values()
            yield Running(service, function, endpoint, topic, only)


async def until(condition: Callable[[], Any], seconds: float = 30.0) -> None:
    """Wait until the condition holds; fail after the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.02)


async def until_still(condition: Callable[[], Any], progress: Callable[[], Any], seconds: float = 30.0) -> None:
    """Wait until the condition holds, however long; fail once ``progress`` has not changed for that time."""
    seen, deadline = progress(), time.monotonic() + seconds
    while not condition():
        if (now := progress()) != seen:
            seen, deadline = now, time.monotonic() + seconds
        assert time.monotonic() < deadline, f"nothing went on after {seen}"
        await asyncio.sleep(0.02)


def a_config(**properties: Any) -> MappingConfig:
    return read_config({"Topics": ["topic"], "EventSourceArn": CLUSTER_ARN, **properties})


def a_record(
    offset: int = 0,
    *,
    tracker: OffsetTracker | None = None,
    body: bytes | None = None,
    timestamp: int | None = None,
    arrived: float = 0.0,
    key: bytes | None = b"key",
) -> Record:
    """A record of partition 0 whose JSON has its place; its tracker knows of it."""
    tracker = tracker or OffsetTracker(0)
    if body is None:
        body = b'{"topic":"topic","partition":%d,"offset":%d}' % (tracker.partition, offset)
    timestamp = int(time.time() * 1000) if timestamp is None else timestamp
    record = Record(tracker, offset, timestamp, key, body, arrived)
    tracker.add(record)
    return record
