"""What ends `stellar up`: signals and failures, while it starts and while it serves."""

from __future__ import annotations

import asyncio

import pytest

from stellar_local_stack.children import ChildEndedError, together
from stellar_local_stack.ending import Ending


async def forever() -> None:
    await asyncio.Event().wait()


async def broken() -> None:
    raise RuntimeError("the table cannot be shown")


async def test_what_is_starting_is_cancelled_and_nothing_is_drained():
    ending = Ending()
    starting = asyncio.create_task(forever())
    ending.watch(starting)
    ending.end()
    await asyncio.wait([starting])
    assert starting.cancelled()
    assert ending.stop.requested.is_set()
    assert ending.stop.forced.is_set()


async def test_what_serves_is_drained():
    ending = Ending()
    ending.end()
    assert ending.stop.requested.is_set()
    assert not ending.stop.forced.is_set()
    ending.end()  # a second Ctrl-C
    assert ending.stop.requested.is_set()


async def test_a_failed_background_task_ends_the_run_and_is_raised():
    ending = Ending()
    ending.watch(asyncio.create_task(broken()))
    await ending.stop.requested.wait()
    with pytest.raises(RuntimeError, match="the table cannot be shown"), ending.raised():
        pass


async def test_a_start_that_was_cut_short_is_no_failure():
    ending = Ending()
    with ending.raised():
        ending.end()
        raise ChildEndedError("s3 ended with exit status -15.")


async def test_a_start_that_is_cancelled_by_others_is_told():
    with pytest.raises(asyncio.CancelledError), Ending().raised():
        raise asyncio.CancelledError


async def test_of_things_done_together_the_first_failure_ends_the_others():
    ended = []

    async def other() -> None:
        try:
            await forever()
        finally:
            ended.append("other")

    with pytest.raises(RuntimeError, match="the table"):
        await together(other(), broken())
    assert ended == ["other"]


async def test_things_done_together_give_their_results():
    async def twice(number: int) -> int:
        return 2 * number

    assert await together(twice(1), twice(2)) == [2, 4]
