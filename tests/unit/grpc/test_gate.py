"""New calls are turned away before the server ends."""

import asyncio
from contextlib import ExitStack

import pytest

from stellar_grpc.gate import MOST_CALLS, MOST_OBJECTS, BusyError, Gate, UnavailableError


async def test_open_gate_lets_calls_in():
    gate = Gate()
    for _ in range(2 * MOST_CALLS):
        with gate.call():
            pass


async def test_call_beyond_those_that_are_held_is_turned_away_until_one_ends():
    gate = Gate()
    with ExitStack() as calls:
        for _ in range(MOST_CALLS - 1):
            calls.enter_context(gate.call())
        with gate.call(), pytest.raises(BusyError, match="1,024 calls"), gate.call():
            pass
        with gate.call():
            pass


async def test_batch_beyond_the_objects_that_are_held_is_turned_away_until_there_is_room():
    gate = Gate()
    with gate.batch(MOST_OBJECTS - 10), pytest.raises(BusyError, match="objects of other batches"), gate.batch(11):
        pass
    with gate.batch(MOST_OBJECTS):
        pass


async def test_closed_gate_turns_calls_away():
    gate = Gate()
    await gate.close(0.0, 0.0)
    with pytest.raises(UnavailableError, match="shutting down"), gate.call():
        pass


async def test_closing_waits_for_the_last_one_to_knock():
    gate = Gate()
    closing = asyncio.create_task(gate.close(0.2, 60.0))
    for _ in range(3):
        await asyncio.sleep(0.1)
        assert not closing.done()
        with pytest.raises(UnavailableError), gate.call():
            pass
    await asyncio.wait_for(closing, 10)


async def test_closing_does_not_wait_for_ever():
    gate = Gate()
    closing = asyncio.create_task(gate.close(60.0, 0.05))
    await asyncio.wait_for(closing, 10)
