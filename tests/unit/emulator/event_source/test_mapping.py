"""A mapping that ends: whoever asks for it, and however often, its pollers drain once and wholly."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from lambda_emulator.event_source.batches.backoff import Backoff
from lambda_emulator.event_source.kafka.cluster import Cluster
from lambda_emulator.event_source.lifecycle import Target
from lambda_emulator.event_source.mapping import Dependencies, EventSourceMapping
from lambda_emulator.event_source.metrics import Metrics
from lambda_emulator.event_source.poller import DrainTimeouts
from support.kafka import a_config


class SlowPoller:
    """Drains until the test lets it end."""

    def __init__(self) -> None:
        self.stopping = asyncio.Event()
        self.may_end = asyncio.Event()
        self.drained = False

    async def stop(self) -> None:
        self.stopping.set()
        await self.may_end.wait()
        self.drained = True


def a_mapping(poller: SlowPoller) -> EventSourceMapping:
    around = Dependencies(Cluster("b:9092", {}), cast(Any, None), Metrics(), DrainTimeouts(), Backoff())
    mapping = EventSourceMapping("uuid", "name", Target("f", "arn"), a_config(Enabled=False), around)
    mapping._pollers = [cast(Any, poller)]
    return mapping


@pytest.mark.parametrize("first", ["stop", "delete"])
async def test_stop_waits_for_pollers_that_drain_already(first: str) -> None:
    poller = SlowPoller()
    mapping = a_mapping(poller)
    await mapping.settled()
    before = mapping.delete() if first == "delete" else asyncio.create_task(mapping.stop())
    await poller.stopping.wait()
    again = asyncio.create_task(mapping.stop())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not again.done()
    poller.may_end.set()
    await again
    await asyncio.wait({before})
    assert poller.drained


async def test_a_stop_that_is_cancelled_says_so_and_its_pollers_drain_on() -> None:
    poller = SlowPoller()
    mapping = a_mapping(poller)
    mapping._transition = asyncio.create_task(asyncio.Event().wait())  # type: ignore[arg-type]
    stopping = asyncio.create_task(mapping.stop())
    await poller.stopping.wait()
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    poller.may_end.set()
    await mapping.stop()
    assert poller.drained
