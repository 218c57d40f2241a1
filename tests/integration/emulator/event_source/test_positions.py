"""Where a new group starts, and that an old one goes on."""

from __future__ import annotations

import time

from stellar_local_stack.kafka import ApacheBroker
from support.kafka import Record_, mapping, new_topic, produce, until


async def test_latest_starts_at_the_end_and_misses_nothing_afterwards(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=3)
    produce(apache, topic, [b"before"] * 50)
    async with mapping(apache, topic=topic, StartingPosition="LATEST") as running:
        assert running.counts["polled"] == 0
    produce(apache, topic, [b"while it was away"] * 20)
    async with mapping(apache, topic=topic, StartingPosition="LATEST") as running:
        produce(apache, topic, [b"after"] * 10)
        await until(lambda: running.counts["processed"] == 30)
        assert b"before" not in running.function.values()


async def test_at_timestamp_starts_with_the_first_record_of_that_time(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=2)
    moment = int(time.time()) - 1000
    old = [Record_(value=b"old", timestamp=(moment - 10) * 1000)] * 10
    young = [Record_(value=b"young", timestamp=moment * 1000)] * 10
    produce(apache, topic, [*old, *young], partition=0)
    async with mapping(
        apache, topic=topic, StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=moment
    ) as running:
        produce(apache, topic, [Record_(value=b"young", timestamp=(moment + 1) * 1000)], partition=1)
        await until(lambda: running.counts["processed"] == 11)
        assert set(running.function.values()) == {b"young"}


async def test_a_group_that_has_committed_goes_on_whatever_the_position_says(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=1)
    produce(apache, topic, [b"1", b"2"])
    async with mapping(apache, topic=topic) as running:
        await until(lambda: running.counts["processed"] == 2)
    produce(apache, topic, [b"3"])
    async with mapping(apache, topic=topic, StartingPosition="LATEST") as running:
        await until(lambda: running.counts["processed"] == 1)
        assert running.function.values() == [b"3"]
