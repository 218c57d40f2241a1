"""Which mappings of a stack run: what AWS would refuse is Failed, with the reason, and holds up no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from lambda_emulator.event_source import EventSourceService, InvalidMappingError
from lambda_emulator.event_source.api.describe import configuration, status
from lambda_emulator.event_source.lifecycle import State
from lambda_emulator.event_source.mapping import EventSourceMapping
from lambda_emulator.event_source.service import MappingConflictError
from lambda_emulator.stack import EventSource, Function, Stack
from support.kafka import CLUSTER_ARN

OTHER_ARN = CLUSTER_ARN.replace("cluster/test", "cluster/other")


class NoSender:
    """Nothing is invoked here."""

    def close(self) -> None: ...


def a_service(**sources: dict[str, Any]) -> EventSourceService:
    """Mappings that are Disabled unless they say otherwise, so that no broker is asked."""
    function = Function("Stream", "stream", "app.handler", "python3.11", Path())
    common = {"Topics": ["topic"], "EventSourceArn": CLUSTER_ARN, "Enabled": False}
    made = tuple(EventSource(name, "Stream", "MSK", {**common, **given}) for name, given in sources.items())
    stack = Stack(Path("template.yaml"), {"Stream": function}, event_sources=made)
    return EventSourceService(stack, bootstrap_servers="b:9092", sender=cast(Any, NoSender()))


def named(service: EventSourceService, name: str) -> EventSourceMapping:
    [mapping] = [each for each in service.mappings.values() if each.name == name]
    assert isinstance(mapping, EventSourceMapping)
    return mapping


def group(name: str) -> dict[str, Any]:
    return {"AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": name}}


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (
            {"FilterCriteria": {"Filters": [{"Pattern": '{"key": ["a"]}'}]}},
            'Invalid filter pattern definition. {"key": ["a"]}: Kafka records are filtered by their value alone',
        ),
        ({"BatchSize": 0}, "1 validation error detected: Value '0' at 'batchSize'"),
    ],
)
async def test_a_refused_mapping_is_failed_alone(refused: dict[str, Any], reason: str) -> None:
    async with a_service(Bad=refused, Good={}) as service:
        await service.ready()
        bad = named(service, "Bad")
        assert (bad.state, named(service, "Good").state) == (State.FAILED, State.DISABLED)
        described = configuration(bad)
        assert described["State"] == "Failed"
        assert described["StateTransitionReason"].startswith(reason)
        assert status(bad)["last_result"].startswith(f"PROBLEM: {reason}")


async def test_a_failed_mapping_is_mended_by_an_update_or_deleted() -> None:
    wrong = {"FilterCriteria": {"Filters": [{"Pattern": "{"}]}, **group("mine")}
    async with a_service(One=wrong, Other={"BatchSize": 0}) as service:
        await service.ready()
        one, other = named(service, "One"), named(service, "Other")
        with pytest.raises(InvalidMappingError, match=r"Invalid filter pattern definition\."):
            service.update(one.uuid, None, {"BatchSize": 5})
        service.update(one.uuid, None, {"FilterCriteria": {}})
        await one.settled()
        assert (one.state, one.group, one.last_result) == (State.DISABLED, "mine", "No records processed")
        service.delete(other.uuid)
        await other.settled()
        assert list(service.mappings) == [one.uuid]


async def test_a_second_mapping_in_one_group_of_a_cluster_is_refused() -> None:
    taken = "The consumer group ID mine is that of the event source mapping with UUID"
    async with a_service(First=group("mine"), Second={"Topics": ["elsewhere"], **group("mine")}) as service:
        await service.ready()
        first, second = named(service, "First"), named(service, "Second")
        assert (first.state, second.state) == (State.DISABLED, State.FAILED)
        assert f"{taken} {first.uuid} (First)" in second.last_result
        properties = {"Topics": ["third"], "EventSourceArn": OTHER_ARN, "Enabled": False, **group("mine")}
        with pytest.raises(MappingConflictError, match=taken):
            service.create("stream", properties)
        with pytest.raises(MappingConflictError, match=taken):
            service.create("stream", {**properties, **group(first.uuid), **group("mine")})
        with pytest.raises(MappingConflictError, match=taken):
            service.update(second.uuid, None, {"Enabled": True})
        service.delete(first.uuid)
        await first.settled()
        assert service.create("stream", properties).group == "mine"


async def test_a_group_may_not_be_named_like_another_mappings_own() -> None:
    async with a_service(First={}) as service:
        await service.ready()
        own = named(service, "First").uuid
        with pytest.raises(MappingConflictError, match=own):
            service.create("stream", {"Topics": ["t"], "EventSourceArn": CLUSTER_ARN, **group(own)})


async def test_one_group_on_two_clusters_is_two_groups() -> None:
    def on(server: str) -> dict[str, Any]:
        return {
            "Topics": ["t"],
            "Enabled": False,
            "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": [server]}},
            "SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": "mine"},
        }

    stack = Stack(Path("template.yaml"), {"F": Function("F", "stream", "app.handler", "python3.11", Path())})
    async with EventSourceService(stack, sender=cast(Any, NoSender())) as service:
        service.create("stream", on("localhost:9092"))
        service.create("stream", on("127.0.0.1:9093"))
        with pytest.raises(MappingConflictError):
            service.create("stream", {**on("127.0.0.1:9092"), "Topics": ["another"]})
