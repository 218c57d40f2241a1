"""Events to watchers: order, those who come late, those who come back, and those who do not read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from stellar_local_stack.page.live.broadcast import Broadcast


async def started(stream: AsyncIterator[bytes]) -> str:
    """What a watcher gets at once."""
    return (await anext(stream)).decode()


def data(event: bytes) -> Any:
    [line] = [line for line in event.decode().splitlines() if line.startswith("data: ")]
    return json.loads(line.removeprefix("data: "))


async def test_events_come_in_order_to_every_watcher() -> None:
    broadcast = Broadcast()
    watchers = [broadcast.watch(), broadcast.watch()]
    assert [await started(watcher) for watcher in watchers] == ["retry: 2000\n\n"] * 2
    for number in range(3):
        broadcast.send("stats", {"n": number})
    for watcher in watchers:
        assert [data(await anext(watcher))["n"] for _ in range(3)] == [0, 1, 2]


async def test_a_new_watcher_gets_the_last_kept_events() -> None:
    broadcast = Broadcast()
    for number in range(30):
        broadcast.send("prediction", {"n": number}, keep=True)
        broadcast.send("stats", {"n": number})
    beginning = await started(broadcast.watch())
    assert beginning.count("event: prediction") == 20
    assert '{"n":29}' in beginning
    assert "event: stats" not in beginning


async def test_a_watcher_that_comes_back_gets_only_what_it_missed() -> None:
    broadcast = Broadcast()
    for number in range(5):
        broadcast.send("prediction", {"n": number}, keep=True)
    beginning = await started(broadcast.watch(last_seen=3))
    assert [line for line in beginning.splitlines() if line.startswith("id: ")] == ["id: 4", "id: 5"]


async def test_a_number_from_before_a_restart_hides_nothing() -> None:
    broadcast = Broadcast()
    broadcast.send("prediction", {"n": 0}, keep=True)
    assert "id: 1" in await started(broadcast.watch(last_seen=900))


async def test_a_watcher_that_does_not_read_loses_the_oldest_and_holds_up_nobody() -> None:
    broadcast = Broadcast()
    slow, quick = broadcast.watch(), broadcast.watch()
    await started(slow)
    await started(quick)
    for number in range(1000):
        broadcast.send("stats", {"n": number})
        assert data(await anext(quick))["n"] == number
    assert data(await anext(slow))["n"] == 800


async def test_closing_ends_every_stream_and_a_full_one_too() -> None:
    broadcast = Broadcast()
    watchers = [broadcast.watch(), broadcast.watch()]
    for watcher in watchers:
        await started(watcher)
    for number in range(300):
        broadcast.send("stats", {"n": number})
    broadcast.close()
    for watcher in (*watchers, broadcast.watch()):
        async with asyncio.timeout(5):
            rest = [event async for event in watcher]
        assert not any(b"event: stats" in event for event in rest)
    assert broadcast.watchers == 0


async def test_a_watcher_that_leaves_is_forgotten() -> None:
    broadcast = Broadcast()
    watcher = broadcast.watch()
    await started(watcher)
    assert broadcast.watchers == 1
    await watcher.aclose()
    assert broadcast.watchers == 0
