"""Rebalances, restarts and ends in the middle of work: every record gets through, and order within a key holds."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from typing import Any

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions

from lambda_emulator.event_source import DrainTimeouts
from stellar_local_stack.kafka import ApacheBroker, Topic, create_topics
from support.kafka import Lambda, Record_, committed, mapping, new_topic, produce, records_of, until, until_still

KEYS = 16


class Ledger:
    """Which sequence numbers of each key were processed, in order, and which offsets of each partition."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.by_key: dict[bytes, list[int]] = {}
        self.by_partition: dict[int, list[int]] = {}
        self._seconds = seconds

    async def __call__(self, event: dict[str, Any]) -> None:
        await asyncio.sleep(self._seconds)
        for record in records_of(event):
            number = json.loads(b64decode(record["value"]))["n"]
            self.by_key.setdefault(b64decode(record["key"]), []).append(number)
            self.by_partition.setdefault(record["partition"], []).append(record["offset"])

    @property
    def distinct(self) -> int:
        return sum(len(set(numbers)) for numbers in self.by_key.values())

    @property
    def duplicates(self) -> int:
        return sum(map(len, self.by_key.values())) - self.distinct

    def check_order(self) -> None:
        """Nothing comes for the first time before what was written before it."""
        for numbers in (*self.by_partition.values(), *self.by_key.values()):
            firsts = list(dict.fromkeys(numbers))
            assert firsts == sorted(firsts)


def write(broker: ApacheBroker, topic: str, records: int, start: int = 0) -> None:
    produce(broker, topic, [Record_(key=str(n % KEYS), value={"n": n}) for n in range(start, start + records)])


async def test_a_second_poller_that_comes_and_goes_loses_nothing(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=8)
    write(apache, topic, 20_000)
    ledger = Ledger(seconds=0.02)
    function = Lambda(ledger)
    options = {"topic": topic, "BatchSize": 50, "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": topic}}
    async with mapping(apache, function, **options) as first:
        await until(lambda: ledger.distinct > 1000)
        async with mapping(apache, function, **options) as second:
            await until_still(
                lambda: len(second.mapping.partitions) == 4 and second.counts["processed"] > 1000,
                lambda: (ledger.distinct, second.mapping.partitions),
            )
        # A record is counted as processed after the function has answered, so later than the ledger knows of it.
        await until_still(
            lambda: first.counts["processed"] + second.counts["processed"] >= 20_000 and ledger.distinct == 20_000,
            lambda: (ledger.distinct, first.counts["processed"]),
        )
    ledger.check_order()
    # Partitions are given up only after their batches have ended. Still, a commit that the group refuses in the
    # middle of a rebalance repeats what it stood for: one batch of a partition at most, at each of the two.
    assert ledger.duplicates <= 2 * 8 * 50
    assert sum(committed(apache, topic, topic).values()) == 20_000


async def test_a_mapping_that_stops_in_the_middle_goes_on_where_it_was(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=4)
    write(apache, topic, 5_000)
    ledger = Ledger(seconds=0.01)
    function = Lambda(ledger)
    for target in (1_000, 2_500, 5_000):
        async with mapping(apache, function, topic=topic, BatchSize=50) as running:
            await until(lambda target=target: ledger.distinct >= target)
    assert ledger.distinct == 5_000
    assert ledger.duplicates == 0
    ledger.check_order()
    assert sum(committed(apache, running.group, topic).values()) == 5_000


async def test_what_is_not_done_when_the_time_is_up_is_not_committed(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=1)
    produce(apache, topic, [{"n": 1}])
    never = asyncio.Event()

    async def hang(_event: dict[str, Any]) -> None:
        await never.wait()

    function = Lambda(hang)
    async with mapping(apache, function, topic=topic, pace=DrainTimeouts(drain=0.1)) as running:
        await until(lambda: function.running == 1)
    never.set()
    assert committed(apache, running.group, topic) == {}


async def test_a_topic_that_is_made_again_is_read_from_its_beginning(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=4)
    admin = AdminClient(apache.client_config())
    for partition in range(4):
        produce(apache, topic, [b"old"] * 5, partition=partition)
    async with mapping(apache, topic=topic) as running:
        await until(lambda: running.counts["processed"] == 20)
        admin.delete_topics([topic])[topic].result()
        await until(lambda: running.mapping.last_result == f"PROBLEM: The topic {topic} does not exist.")
        create_topics(apache.client_config(), [Topic(topic, 4)])
        # More than the old topic had: its offsets would pass over the first of them.
        for partition in range(4):
            produce(apache, topic, [b"%d-%d" % (partition, number) for number in range(50)], partition=partition)
        wanted = {b"%d-%d" % (partition, number) for partition in range(4) for number in range(50)}
        await until(lambda: wanted <= set(running.function.values()))
        await until(lambda: running.mapping.last_result == "OK")
    assert committed(apache, running.group, topic) == dict.fromkeys(range(4), 50)


async def test_partitions_that_a_topic_gains_are_read(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=2)
    async with mapping(apache, topic=topic) as running:
        await until(lambda: running.mapping.partitions == [0, 1])
        admin = AdminClient(apache.client_config())
        admin.create_partitions([NewPartitions(topic, 5)])[topic].result()
        for partition in range(5):
            produce(apache, topic, [b"%d" % partition], partition=partition)
        await until(lambda: set(running.function.values()) == {b"0", b"1", b"2", b"3", b"4"})


async def test_provisioned_pollers_share_the_partitions(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=4)
    limits = {"MinimumPollers": 2, "MaximumPollers": 4}
    async with mapping(apache, topic=topic, ProvisionedPollerConfig=limits) as running:
        assert running.mapping.pollers == 2
        await until(lambda: running.mapping.partitions == [0, 1, 2, 3])
        write(apache, topic, 1_000)
        await until(lambda: running.counts["processed"] == 1_000)


async def test_two_mappings_of_one_topic_both_get_everything(apache: ApacheBroker) -> None:
    topic = new_topic(apache)
    write(apache, topic, 500)
    first, second = Ledger(), Ledger()
    async with (
        mapping(apache, first, topic=topic, AmazonManagedKafkaEventSourceConfig={"ConsumerGroupId": f"{topic}-1"}),
        mapping(apache, second, topic=topic, AmazonManagedKafkaEventSourceConfig={"ConsumerGroupId": f"{topic}-2"}),
    ):
        await until(lambda: first.distinct == second.distinct == 500)
