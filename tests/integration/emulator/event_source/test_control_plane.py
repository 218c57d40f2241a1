"""The Lambda API's calls for mappings, as boto3 makes them, with real pollers behind."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lambda_emulator.event_source.lifecycle import State
from stellar_local_stack.kafka import EmbeddedBroker, Topic, create_topics
from support.kafka import CLUSTER_ARN, Running, mapping, new_topic, produce, until


def client(endpoint: str) -> Any:
    return boto3.client(
        "lambda",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


async def call(running: Running, operation: str, **arguments: Any) -> Any:
    return await asyncio.to_thread(getattr(client(running.endpoint), operation), **arguments)


async def state(running: Running, identity: str, wanted: str) -> dict[str, Any]:
    """The mapping as the API tells of it, once it is in this state."""
    own = running.service.get(identity)
    await until(lambda: own.state == wanted)
    found = await call(running, "get_event_source_mapping", UUID=identity)
    assert found["State"] == wanted
    return dict(found)


async def test_a_mapping_lives_from_create_to_delete(embedded: EmbeddedBroker) -> None:
    async with mapping(embedded) as running:
        topic = new_topic(embedded, partitions=2)
        created = await call(
            running,
            "create_event_source_mapping",
            FunctionName="stream",
            EventSourceArn=CLUSTER_ARN,
            Topics=[topic],
            StartingPosition="TRIM_HORIZON",
            MaximumBatchingWindowInSeconds=0,
            BatchSize=7,
        )
        identity = created["UUID"]
        assert created["ResponseMetadata"]["HTTPStatusCode"] == 202
        assert created["State"] == "Creating"
        assert created["FunctionArn"].endswith(":function:stream")
        assert created["AmazonManagedKafkaEventSourceConfig"] == {"ConsumerGroupId": identity}
        found = await state(running, identity, "Enabled")
        assert found["LastProcessingResult"] == "No records processed"
        produce(embedded, topic, [b"x"] * 20)
        own = running.service.get(identity)
        await until(lambda: own.metrics.counts["processed"] == 20)
        assert (await state(running, identity, "Enabled"))["LastProcessingResult"] == "OK"

        listed = await call(running, "list_event_source_mappings", FunctionName="stream", MaxItems=1)
        assert len(listed["EventSourceMappings"]) == 1
        rest = await call(running, "list_event_source_mappings", Marker=listed["NextMarker"])
        assert rest["EventSourceMappings"][0]["UUID"] == identity

        changed = await call(running, "update_event_source_mapping", UUID=identity, Enabled=False)
        assert changed["State"] == "Disabling"
        await state(running, identity, "Disabled")
        produce(embedded, topic, [b"y"] * 5)
        changed = await call(running, "update_event_source_mapping", UUID=identity, Enabled=True, BatchSize=1)
        assert changed["State"] == "Enabling"
        assert (await state(running, identity, "Enabled"))["BatchSize"] == 1
        # The group goes on where it was, and so sees what was written meanwhile.
        await until(lambda: running.function.values().count(b"y") == 5)
        assert running.function.values().count(b"x") == 20

        deleted = await call(running, "delete_event_source_mapping", UUID=identity)
        assert deleted["State"] == "Deleting"
        await until(lambda: identity not in running.service.mappings)
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            await call(running, "get_event_source_mapping", UUID=identity)


async def test_mistakes_are_refused_as_by_aws(embedded: EmbeddedBroker) -> None:
    async with mapping(embedded) as running:

        async def refused(code: str, operation: str, **arguments: Any) -> str:
            with pytest.raises(ClientError) as caught:
                await call(running, operation, **arguments)
            assert caught.value.response["Error"]["Code"] == code
            return str(caught.value.response["Error"]["Message"])

        create = "create_event_source_mapping"
        good = {"FunctionName": "stream", "EventSourceArn": CLUSTER_ARN, "Topics": ["another"]}
        message = await refused("InvalidParameterValueException", create, **{**good, "FunctionName": "nobody"})
        assert message == "Function does not exist"
        message = await refused("ValidationException", create, **{**good, "FunctionName": "no body"})
        assert "Value 'no body' at 'functionName' failed to satisfy constraint" in message
        message = await refused("InvalidParameterValueException", create, FunctionName="stream", Topics=["another"])
        assert message == "Unrecognized event source."
        message = await refused("ResourceNotFoundException", "list_event_source_mappings", FunctionName="nobody")
        assert message == "Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody"
        message = await refused("ValidationException", create, **good, BatchSize=20_000)
        assert "Value '20000' at 'batchSize' failed to satisfy constraint" in message
        message = await refused(
            "InvalidParameterValueException", create, **good, FilterCriteria={"Filters": [{"Pattern": '{"value": 1}'}]}
        )
        assert message == "Invalid filter pattern definition."
        message = await refused("ResourceConflictException", create, **{**good, "Topics": [running.topic]})
        assert running.mapping.uuid in message
        group = {"AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": running.group}}
        message = await refused("ResourceConflictException", create, **good, **group)
        assert running.mapping.uuid in message
        await refused("ResourceNotFoundException", "update_event_source_mapping", UUID="0" * 36, BatchSize=1)
        running.mapping.state = State.UPDATING
        identity = running.mapping.uuid
        message = await refused("ResourceInUseException", "update_event_source_mapping", UUID=identity, BatchSize=1)
        assert message == "Cannot update the event source mapping because it is in use."
        await refused("ResourceInUseException", "delete_event_source_mapping", UUID=identity)


async def test_a_topic_that_is_missing_is_waited_for(embedded: EmbeddedBroker) -> None:
    async with mapping(embedded) as running:
        name = f"late-{uuid.uuid4().hex}"
        made = running.service.create("stream", {"Topics": [name], "EventSourceArn": CLUSTER_ARN})
        await until(lambda: made.state == State.ENABLED)
        assert made.last_result == f"PROBLEM: The topic {name} does not exist."
        create_topics(embedded.client_config(), [Topic(name, 1)])
        produce(embedded, name, [b"at last"])
        await until(lambda: made.last_result == "OK")
