"""Functions that fail, are slow, or say which records failed: retries, bisection and what is given up, end to end."""

from __future__ import annotations

import asyncio
import json
import os
import tracemalloc
from base64 import b64decode
from collections import Counter
from typing import Any

from lambda_emulator.event_source import DrainTimeouts
from stellar_local_stack.kafka import ApacheBroker
from support.kafka import (
    Lambda,
    Record_,
    ThrottledError,
    committed,
    mapping,
    new_topic,
    nothing,
    produce,
    read_all,
    records_of,
    until,
)


def numbers(event: dict[str, Any]) -> list[int]:
    return [json.loads(b64decode(record["value"]))["n"] for record in records_of(event)]


async def test_bisection_isolates_one_bad_record_of_a_thousand(apache: ApacheBroker) -> None:
    topic, failures = new_topic(apache, partitions=1), new_topic(apache, partitions=1)
    produce(apache, topic, [Record_(key=f"key-{n}", value={"n": n}) for n in range(1000)])
    good: list[int] = []

    async def refuse_one(event: dict[str, Any]) -> None:
        if 613 in numbers(event):
            raise ValueError("613 cannot be processed")
        good.extend(numbers(event))

    async with mapping(
        apache,
        refuse_one,
        topic=topic,
        BatchSize=1000,
        MaximumBatchingWindowInSeconds=1,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=2,
        DestinationConfig={"OnFailure": {"Destination": f"kafka://{failures}"}},
    ) as running:
        await until(lambda: running.counts["processed"] == 999 and running.counts["on_failure"] == 1)
    assert good == [n for n in range(1000) if n != 613]
    assert committed(apache, running.group, topic) == {0: 1000}
    [message] = read_all(apache, failures, 1)
    content = json.loads(message.value())
    assert message.key() == b"key-613"
    assert content["requestContext"]["condition"] == "RetriesExhausted"
    assert content["responseContext"]["functionError"] == "Unhandled"
    assert content["KafkaBatchInfo"]["recordInfo"]["offset"] == "613"
    assert numbers(content["payload"]) == [613]


async def test_a_record_that_its_destination_cannot_hold_goes_there_as_a_reference(apache: ApacheBroker) -> None:
    topic, failures = new_topic(apache, partitions=1), new_topic(apache, partitions=1)
    # It fits into Kafka's default of 1,048,588 bytes; as numbers in JSON its header does not, however compressed.
    large = Record_(value=b"large", key=b"k", headers={"h": os.urandom(1_000_000)})
    produce(apache, topic, [b"before", large, b"after"])
    async with mapping(
        apache,
        _refuse,
        topic=topic,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": f"kafka://{failures}"}},
    ) as running:
        await until(lambda: running.counts["on_failure"] == 3)
    assert committed(apache, running.group, topic) == {0: 3}
    found = [json.loads(message.value()) for message in read_all(apache, failures, 3)]
    [content] = [each for each in found if "reference" in each]
    assert content["KafkaBatchInfo"]["recordInfo"]["offset"] == "1"
    reference = content["reference"]
    assert (reference["topic"], reference["partition"], reference["offset"]) == (topic, 0, 1)
    assert reference["size"] > 1_000_000
    assert reference["reason"]
    assert "payload" not in content


async def _refuse(_event: dict[str, Any]) -> None:
    raise ValueError("never")


async def test_a_function_that_fails_for_a_while_loses_nothing_and_keeps_the_order(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=2)
    produce(apache, topic, [{"n": n} for n in range(200)], partition=1)
    calls = 0
    done: list[int] = []

    async def fail_at_first(event: dict[str, Any]) -> None:
        nonlocal calls
        calls += 1
        if calls <= 5:
            raise RuntimeError("not yet")
        done.extend(numbers(event))

    async with mapping(apache, fail_at_first, topic=topic, BatchSize=10) as running:
        await until(lambda: running.counts["processed"] == 200)
    assert done == list(range(200))
    assert running.counts["failed"] == 5


async def test_only_the_records_that_the_function_names_are_tried_again(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=1)
    produce(apache, topic, [{"n": n} for n in range(10)])
    seen: Counter[int] = Counter()

    async def fail_odd_ones_once(event: dict[str, Any]) -> dict[str, Any]:
        seen.update(numbers(event))
        failed = [record for record in records_of(event) if record["offset"] % 2 and seen[record["offset"]] < 2]
        items = [
            {"itemIdentifier": {"partition": f"{record['topic']}-{record['partition']}", "offset": record["offset"]}}
            for record in failed
        ]
        return {"batchItemFailures": items}

    async with mapping(
        apache, fail_odd_ones_once, topic=topic, FunctionResponseTypes=["ReportBatchItemFailures"]
    ) as running:
        await until(lambda: running.counts["processed"] == 10)
    assert seen == {n: 1 + n % 2 for n in range(10)}


async def test_throttles_are_no_attempts_of_the_function(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=1)
    produce(apache, topic, [{"n": n} for n in range(5)])
    calls = 0

    async def busy(_event: dict[str, Any]) -> None:
        nonlocal calls
        calls += 1
        if calls <= 8:
            raise ThrottledError

    async with mapping(apache, busy, topic=topic, MaximumRetryAttempts=0) as running:
        await until(lambda: running.counts["processed"] == 5)
    assert running.counts["throttled"] == 8
    assert running.counts["failed"] == running.counts["dropped"] == 0


async def test_a_poisoned_partition_does_not_hold_up_the_others(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=2)
    produce(apache, topic, [{"n": n} for n in range(20_000)], partition=0)
    produce(apache, topic, [{"n": n} for n in range(20_000)], partition=1)

    async def refuse_first_partition(event: dict[str, Any]) -> None:
        if any(record["partition"] == 0 for record in records_of(event)):
            raise ValueError("never")

    async with mapping(apache, refuse_first_partition, topic=topic, BatchSize=500) as running:
        await until(lambda: running.counts["processed"] == 20_000)
    assert committed(apache, running.group, topic) == {1: 20_000}


async def test_a_slow_function_does_not_fill_the_memory(apache: ApacheBroker) -> None:
    topic = new_topic(apache, partitions=4)
    # 160 MB, and a third more in base64; the client, left to itself, may give a partition nothing
    produce(apache, topic, [Record_(value=b"x" * 20_000, partition=n % 4) for n in range(8_000)])
    blocked = asyncio.Event()

    async def wait(_event: dict[str, Any]) -> None:
        await blocked.wait()

    function = Lambda(wait)
    function.events = _Forgetful()
    tracemalloc.start()
    try:
        async with mapping(apache, function, topic=topic, BatchSize=10, pace=DrainTimeouts(drain=0.1)) as running:
            await until(lambda: function.running == 4)
            polled = -1
            while polled != running.counts["polled"]:
                polled = running.counts["polled"]
                await asyncio.sleep(0.7)
            assert tracemalloc.get_traced_memory()[1] < 120 * 1024 * 1024
            tracemalloc.stop()
            function.behaviour = nothing
            blocked.set()
            await until(lambda: running.counts["processed"] == 8_000, seconds=60)
    finally:
        tracemalloc.stop()


class _Forgetful(list[Any]):
    def append(self, _event: Any) -> None:
        """Keep nothing."""
