"""Mappings of SQS queues: settings, filters, and what a poller does with what it receives."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from lambda_emulator.event_source.batches.backoff import Backoff
from lambda_emulator.event_source.batches.limit import AdaptiveLimit
from lambda_emulator.event_source.batches.sender import Answer, InvokeError
from lambda_emulator.event_source.metrics import MappingMetrics, Metrics
from lambda_emulator.event_source.sqs.config import QueueConfig, is_queue, read_queue_config
from lambda_emulator.event_source.sqs.filters import MessageFilters
from lambda_emulator.event_source.sqs.poller import QueuePoller
from lambda_emulator.event_source.sqs.queue import Queue, QueueError
from lambda_emulator.event_source.values import InvalidMappingError
from support.stacks import until
from support.templates import ONE, line_of, load, notes

ARN = "arn:aws:sqs:us-east-1:123456789012:jobs"


def config(**properties: Any) -> QueueConfig:
    return read_queue_config({"EventSourceArn": ARN, **properties})


def test_the_defaults_are_those_of_aws() -> None:
    made = config()
    assert (made.source_name, made.enabled, made.batch_size, made.window_seconds) == ("jobs", True, 10, 0)
    assert (made.maximum_concurrency, made.report_item_failures, made.warnings) == (None, False, ())


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"BatchSize": 11}, "Maximum batch window in seconds must be greater than 0"),
        ({"BatchSize": 10_001}, "Member must have value less than or equal to 10000"),
        ({"EventSourceArn": f"{ARN}.fifo", "BatchSize": 11}, "exceeds the maximum of 10 for FIFO queues"),
        ({"EventSourceArn": f"{ARN}.fifo", "MaximumBatchingWindowInSeconds": 1}, "not supported for FIFO queues"),
        ({"ScalingConfig": {"MaximumConcurrency": 1}}, "greater than or equal to 2"),
        ({"ScalingConfig": {"MaximumConcurrency": 2}, "ProvisionedPollerConfig": {"MinimumPollers": 2}}, "together"),
        ({"FunctionResponseTypes": ["Other"]}, "can only have ReportBatchItemFailures"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "{"}]}}, "Invalid filter pattern definition."),
    ],
)
def test_what_aws_refuses_is_refused(properties: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidMappingError, match=reason):
        config(**properties)


def test_what_does_nothing_is_named() -> None:
    made = config(StartingPosition="LATEST", ProvisionedPollerConfig={"MinimumPollers": 2})
    assert made.warnings[0] == "StartingPosition: not for SQS, and passed over"
    assert made.warnings[1].startswith("ProvisionedPollerConfig: ")


def test_a_queue_is_known_by_its_arn() -> None:
    assert is_queue({"EventSourceArn": ARN})
    assert not is_queue({"EventSourceArn": "arn:aws:kafka:us-east-1:123456789012:cluster/sqs/1"})
    assert not is_queue({})


@pytest.mark.parametrize(
    ("pattern", "body", "passes"),
    [
        ('{"body": {"kind": ["a"]}}', '{"kind": "a"}', True),
        ('{"body": {"kind": ["a"]}}', '{"kind": "b"}', False),
        ('{"body": {"kind": ["a"]}}', "plain", False),
        ('{"body": ["plain"]}', "plain", True),
        ('{"body": ["plain"]}', '{"kind": "a"}', False),
        ('{"body": [{"prefix": "pl"}]}', "plain", True),
        ('{"messageAttributes": {"Kind": {"stringValue": ["x"]}}}', "plain", True),
        ('{"messageAttributes": {"Kind": {"stringValue": ["y"]}}}', '{"kind": "a"}', False),
        ('{"$or": [{"body": ["other"]}, {"body": {"kind": ["a"]}}]}', '{"kind": "a"}', True),
    ],
)
def test_filters_look_at_the_message_and_at_bodies_of_their_own_format(pattern: str, body: str, passes: bool) -> None:
    record = {"body": body, "messageAttributes": {"Kind": {"stringValue": "x"}}}
    assert MessageFilters([pattern]).passes(record) is passes
    assert MessageFilters().passes(record)


class FakeQueue:
    """Gives the messages once, and keeps what is asked of it."""

    def __init__(self, *bodies: str) -> None:
        self.waiting = [
            {"MessageId": str(number), "ReceiptHandle": f"h{number}", "Body": body, "Attributes": {}}
            for number, body in enumerate(bodies)
        ]
        self.deleted: list[str] = []
        self.released: list[str] = []
        self.refusals = 0

    async def receive(self, number: int, wait: int) -> list[dict[str, Any]]:
        found, self.waiting = self.waiting[:number], self.waiting[number:]
        await asyncio.sleep(0)
        return found

    async def delete(self, handles: Sequence[str]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise QueueError("down")
        self.deleted += handles

    async def release(self, handles: Sequence[str]) -> None:
        self.released += handles


class FakeSender:
    """Answers each call with the next thing it is told; then with success."""

    def __init__(self, *answers: Answer | Exception) -> None:
        self.answers = list(answers)
        self.batches: list[list[str]] = []

    async def invoke(self, function: str, payload: bytes) -> Answer:
        self.batches.append([record["body"] for record in json.loads(payload)["Records"]])
        answer = self.answers.pop(0) if self.answers else Answer("id", b"null")
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None: ...


def a_poller(queue: FakeQueue, sender: FakeSender, *, visibility: float = 30.0, **properties: Any) -> QueuePoller:
    metrics = MappingMetrics(Metrics(), "mapping", "function", "queue")
    return QueuePoller(
        config(**properties),
        "function",
        cast(Queue, queue),
        sender,
        AdaptiveLimit(4),
        metrics,
        Backoff(0.0, 0.0),
        visibility_seconds=visibility,
        drain_seconds=5.0,
    )


async def polled(poller: QueuePoller, done: Any) -> None:
    poller.start()
    await until(done)
    await poller.stop()


BIG = "x" * (4 * 1024 * 1024)


async def test_an_event_is_never_larger_than_lambda_takes() -> None:
    queue, sender = FakeQueue(BIG, BIG, "small"), FakeSender()
    await polled(a_poller(queue, sender), lambda: len(queue.deleted) == 3)
    assert sender.batches == [[BIG], [BIG, "small"]]
    assert not queue.released


async def test_a_fifo_queue_gets_back_what_is_too_much_for_one_event() -> None:
    queue, sender = FakeQueue(BIG, BIG, "small"), FakeSender()
    await polled(a_poller(queue, sender, EventSourceArn=f"{ARN}.fifo"), lambda: queue.deleted == ["h0"])
    assert queue.released == ["h1", "h2"]


async def test_a_failed_batch_is_not_deleted() -> None:
    queue, sender = FakeQueue("a"), FakeSender(Answer("id", b"{}", "Unhandled"))
    await polled(a_poller(queue, sender), lambda: sender.batches)
    assert not queue.deleted


async def test_a_deletion_that_fails_is_tried_again() -> None:
    queue, sender = FakeQueue("a"), FakeSender()
    queue.refusals = 2
    await polled(a_poller(queue, sender), lambda: queue.deleted == ["h0"])
    assert sender.batches == [["a"]]


async def test_a_call_that_was_not_taken_is_not_repeated_once_others_may_have_the_messages() -> None:
    queue, sender = FakeQueue("a"), FakeSender(InvokeError("down"))
    await polled(a_poller(queue, sender, visibility=1e-9), lambda: not queue.waiting)
    assert not queue.deleted
    assert len(sender.batches) <= 1


def test_an_event_of_sam_becomes_a_mapping(tmp_path: Path) -> None:
    properties = f"{{Queue: '{ARN}', BatchSize: 5, MetricsConfig: {{}}}}"
    event = f"      Events:\n        Jobs: {{Type: SQS, Properties: {properties}}}\n"
    stack = load(tmp_path, ONE + event)
    (source,) = stack.event_sources
    assert (source.logical_id, source.function, source.kind) == ("HelloJobs", "Hello", "SQS")
    assert read_queue_config(source.properties).batch_size == 5
    (note,) = notes(stack)
    assert f":{line_of(ONE + event, 'Jobs')}: Hello.Events.Jobs.Properties.MetricsConfig: " in note
