"""A group member that gives partitions up: what it commits at last, whatever the event loop does meanwhile."""

from __future__ import annotations

import asyncio

from confluent_kafka import TopicPartition

from lambda_emulator.event_source.batches.filters import Filters
from lambda_emulator.event_source.kafka.consumer import Capacity, GroupMember
from lambda_emulator.event_source.kafka.offsets import OffsetTracker


class Client:
    """In place of the Kafka client: writes down what is committed."""

    def __init__(self) -> None:
        self.committed: dict[int, int] = {}

    def commit(self, *, offsets: list[TopicPartition], asynchronous: bool) -> None:
        assert not asynchronous
        self.committed = {place.partition: place.offset for place in offsets}


class Owner:
    """Its last batch settles just before it hears that the partition goes."""

    member: GroupMember

    def assigned(self, trackers: list[OffsetTracker]) -> None: ...

    async def revoked(self, trackers: list[OffsetTracker], *, lost: bool) -> dict[int, int]:
        self.member.commit(0, 50)
        return {}


async def test_what_settles_while_a_partition_is_given_up_is_committed() -> None:
    owner, client, places = Owner(), Client(), [TopicPartition("t", 0)]
    owner.member = member = GroupMember(owner, "t", "g", {}, Filters([]), Capacity())
    member._on_assign(client, places)
    await asyncio.to_thread(member._on_revoke, client, places)
    assert client.committed == {0: 50}
