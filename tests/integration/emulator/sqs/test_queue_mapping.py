"""The mapping of an SQS queue before a real SQS server and the real Lambda API."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lambda_emulator.event_source.lifecycle import State
from support.kafka import Lambda, ThrottledError, nothing, until
from support.queues import bodies, new_queue, queue_mapping, sqs, sqs_endpoint

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

__all__ = ["sqs", "sqs_endpoint"]


def seen(function: Lambda) -> list[str]:
    """Every body that the function was ever given, in order."""
    return [body for event in list(function.events) for body in bodies(event)]


async def gone(queue: Any) -> None:
    await until(lambda: queue.size() == 0)


async def test_messages_reach_the_function_as_aws_sends_them_and_are_deleted(sqs: SQSClient) -> None:
    queue, function = new_queue(sqs), Lambda(nothing)
    attributes = {
        "Kind": {"DataType": "String", "StringValue": "a"},
        "Raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    queue.send('{"a": 1}', MessageAttributes=attributes)
    async with queue_mapping(queue, function) as (mapping, _):
        await gone(queue)
        await until(lambda: mapping.last_result == "OK")
    [record] = function.events[0]["Records"]
    assert record.keys() == {
        *("messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody"),
        *("md5OfMessageAttributes", "eventSource", "eventSourceARN", "awsRegion"),
    }
    assert (record["body"], record["eventSource"], record["awsRegion"]) == ('{"a": 1}', "aws:sqs", "us-east-1")
    assert record["eventSourceARN"] == queue.arn
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    empty: dict[str, list[str]] = {"stringListValues": [], "binaryListValues": []}
    assert record["messageAttributes"] == {
        "Kind": {"stringValue": "a", **empty, "dataType": "String"},
        "Raw": {"binaryValue": "AP8=", **empty, "dataType": "Binary"},
    }
    assert mapping.metrics.counts["processed"] == 1


async def test_a_window_gathers_more_than_one_reception(sqs: SQSClient) -> None:
    queue, function = new_queue(sqs), Lambda(nothing)
    queue.send(*map(str, range(25)))
    async with queue_mapping(queue, function, BatchSize=100, MaximumBatchingWindowInSeconds=2):
        await gone(queue)
    assert Counter(seen(function)) == Counter(map(str, range(25)))
    assert max(len(event["Records"]) for event in function.events) > 10


async def test_only_what_the_function_reports_comes_again(sqs: SQSClient) -> None:
    async def odd_fail_once(event: dict[str, Any]) -> Any:
        records = event["Records"]
        failed = [
            record
            for record in records
            if int(record["body"]) % 2 and record["attributes"]["ApproximateReceiveCount"] == "1"
        ]
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}

    queue, function = new_queue(sqs, visibility=3), Lambda(odd_fail_once)
    queue.send(*"0123456789")
    async with queue_mapping(queue, function, FunctionResponseTypes=["ReportBatchItemFailures"]) as (mapping, _):
        await until(lambda: mapping.metrics.counts["processed"] == 10)
    assert queue.size() == 0
    assert Counter(seen(function)) == {body: 1 + int(body) % 2 for body in "0123456789"}


@pytest.mark.parametrize(
    "answer",
    [
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"id": "x"}]},
        {"batchItemFailures": [{"itemIdentifier": "of another batch"}]},
    ],
)
async def test_an_invalid_report_means_that_the_whole_batch_failed(answer: Any, sqs: SQSClient) -> None:
    async def invalid_once(event: dict[str, Any]) -> Any:
        return answer if event["Records"][0]["attributes"]["ApproximateReceiveCount"] == "1" else None

    queue, function = new_queue(sqs, visibility=3), Lambda(invalid_once)
    queue.send("a", "b")
    async with queue_mapping(queue, function, FunctionResponseTypes=["ReportBatchItemFailures"]):
        await gone(queue)
    assert Counter(seen(function)) == {"a": 2, "b": 2}


async def test_what_always_fails_goes_to_the_queues_own_dead_letter_queue(sqs: SQSClient) -> None:
    async def fail(_event: dict[str, Any]) -> None:
        raise ValueError("never")

    dead = new_queue(sqs)
    policy = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": "2"})
    queue, function = new_queue(sqs, visibility=3, RedrivePolicy=policy), Lambda(fail)
    queue.send("bad")
    async with queue_mapping(queue, function) as (mapping, _):
        await until(lambda: dead.size() == 1, 60)
        assert "Function call failed" in mapping.last_result
    assert seen(function) == ["bad", "bad"]


async def test_filters_delete_what_they_keep_from_the_function(sqs: SQSClient) -> None:
    queue, function = new_queue(sqs), Lambda(nothing)
    queue.send('{"kind": "a"}', '{"kind": "b"}', "plain")
    criteria = {"Filters": [{"Pattern": '{"body": {"kind": ["a"]}}'}]}
    async with queue_mapping(queue, function, FilterCriteria=criteria) as (mapping, _):
        await gone(queue)
        assert mapping.metrics.counts["filtered_out"] == 2
    assert seen(function) == ['{"kind": "a"}']


async def test_groups_of_a_fifo_queue_stay_in_order_through_failures(sqs: SQSClient) -> None:
    done: list[str] = []
    failed: set[str] = set()

    async def fail_each_third_once(event: dict[str, Any]) -> None:
        [body] = bodies(event)
        if body.endswith("3") and body not in failed:
            failed.add(body)
            raise ValueError(body)
        done.append(body)

    queue, function = new_queue(sqs, visibility=3, fifo=True), Lambda(fail_each_third_once)
    for number in range(6):
        for group in "ab":
            queue.send(f"{group}{number}", MessageGroupId=group)
    # One message a batch: moto gives several of a group that failed together in the wrong order.
    async with queue_mapping(queue, function, BatchSize=1):
        await gone(queue)
    assert failed == {"a3", "b3"}
    for group in "ab":
        assert [body for body in done if body.startswith(group)] == [f"{group}{number}" for number in range(6)]
    assert function.events[0]["Records"][0]["attributes"]["MessageGroupId"] == "a"


async def test_no_more_batches_run_at_once_than_the_maximum_concurrency(sqs: SQSClient) -> None:
    async def slow(_event: dict[str, Any]) -> None:
        await asyncio.sleep(0.05)

    queue, function = new_queue(sqs), Lambda(slow)
    queue.send(*map(str, range(20)))
    async with queue_mapping(queue, function, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2}):
        await gone(queue)
    assert function.most_running <= 2
    assert len(function.events) == 20


async def test_a_throttled_batch_is_sent_again_while_its_messages_are_its_own(sqs: SQSClient) -> None:
    calls = 0

    async def throttled_twice(_event: dict[str, Any]) -> None:
        nonlocal calls
        calls += 1
        if calls <= 2:
            raise ThrottledError

    queue, function = new_queue(sqs), Lambda(throttled_twice)
    queue.send("a")
    async with queue_mapping(queue, function) as (mapping, _):
        await gone(queue)
        assert mapping.metrics.counts["throttled"] == 2
    assert function.events[-1]["Records"][0]["attributes"]["ApproximateReceiveCount"] == "1"


async def test_what_is_on_its_way_when_the_mapping_dies_comes_again(sqs: SQSClient) -> None:
    begun = asyncio.Event()

    async def hang(_event: dict[str, Any]) -> None:
        begun.set()
        await asyncio.Event().wait()

    queue = new_queue(sqs, visibility=4)
    queue.send(*"abc")
    async with queue_mapping(queue, Lambda(hang)) as (mapping, _):
        await begun.wait()
        assert mapping._poller is not None
        mapping._poller._drain = 0.1  # as if it were killed: nothing is waited for
    assert queue.size() == 3
    function = Lambda(nothing)
    async with queue_mapping(queue, function):
        await gone(queue)
    assert set(seen(function)) == set("abc")


async def test_a_queue_that_is_made_later_is_read_then(sqs: SQSClient) -> None:
    queue, function = new_queue(sqs), Lambda(nothing)
    sqs.delete_queue(QueueUrl=queue.url)
    async with queue_mapping(queue, function) as (mapping, _):
        assert mapping.state is State.ENABLED
        assert mapping.last_result.startswith("PROBLEM: ")
        sqs.create_queue(QueueName=queue.arn.rpartition(":")[2])
        queue.send("late")
        await until(lambda: seen(function) == ["late"])


async def test_a_visibility_timeout_below_the_functions_timeout_is_refused_as_on_aws(sqs: SQSClient) -> None:
    queue, function = new_queue(sqs, visibility=1), Lambda(nothing)
    async with queue_mapping(queue, function) as (mapping, _):
        assert mapping.state is State.FAILED
        assert mapping.refusal == "Queue visibility timeout: 1 seconds is less than Function timeout: 3 seconds"


async def test_the_lambda_api_makes_changes_and_deletes_mappings_of_queues(sqs: SQSClient) -> None:
    queue, other, function = new_queue(sqs), new_queue(sqs), Lambda(nothing)
    async with queue_mapping(queue, function, BatchSize=5) as (mapping, endpoint):

        def calls() -> None:
            client = boto3.client("lambda", endpoint_url=endpoint, region_name="us-east-1")
            [listed] = client.list_event_source_mappings(EventSourceArn=queue.arn)["EventSourceMappings"]
            assert (listed["BatchSize"], listed["State"], listed["EventSourceArn"]) == (5, "Enabled", queue.arn)
            assert "StartingPosition" not in listed
            made = client.create_event_source_mapping(
                FunctionName="stream",
                EventSourceArn=other.arn,
                BatchSize=1,
                ScalingConfig={"MaximumConcurrency": 3},
            )
            assert made["ScalingConfig"] == {"MaximumConcurrency": 3}
            with pytest.raises(ClientError, match="already exists"):
                client.create_event_source_mapping(FunctionName="stream", EventSourceArn=other.arn)
            with pytest.raises(ClientError, match="Maximum batch window"):
                client.update_event_source_mapping(UUID=listed["UUID"], BatchSize=100)
            other.send("to the new one")
            nonlocal identity
            identity = made["UUID"]

        identity = ""
        await asyncio.to_thread(calls)
        await until(lambda: seen(function) == ["to the new one"])
        client = boto3.client("lambda", endpoint_url=endpoint, region_name="us-east-1")
        deleted = await asyncio.to_thread(lambda: client.delete_event_source_mapping(UUID=identity))
        assert deleted["State"] == "Deleting"
        assert mapping.state is State.ENABLED
