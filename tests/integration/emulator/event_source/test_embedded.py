"""The embedded broker drives a mapping too, with its known limits."""

from __future__ import annotations

from stellar_local_stack.kafka import EmbeddedBroker
from support.kafka import Record_, committed, mapping, new_topic, produce, records_of, until


async def test_records_are_delivered_in_order_and_committed(embedded: EmbeddedBroker) -> None:
    topic = new_topic(embedded)
    async with mapping(embedded, topic=topic, BatchSize=25) as running:
        produce(embedded, topic, [Record_(key=str(n % 5), value={"n": n}) for n in range(500)])
        await until(lambda: running.counts["processed"] == 500)
    seen: dict[int, list[int]] = {}
    for event in running.function.events:
        for record in records_of(event):
            seen.setdefault(record["partition"], []).append(record["offset"])
    assert all(offsets == list(range(len(offsets))) for offsets in seen.values())
    assert committed(embedded, running.group, topic) == {place: len(offsets) for place, offsets in seen.items()}


async def test_a_mapping_that_is_started_again_goes_on(embedded: EmbeddedBroker) -> None:
    topic = new_topic(embedded, partitions=1)
    produce(embedded, topic, [b"1", b"2"])
    async with mapping(embedded, topic=topic) as running:
        await until(lambda: running.counts["processed"] == 2)
    produce(embedded, topic, [b"3"])
    async with mapping(embedded, topic=topic) as running:
        await until(lambda: running.counts["processed"] == 1)
        assert running.function.values() == [b"3"]
