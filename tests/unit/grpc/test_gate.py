"""New calls are turned away before the server ends."""

import asyncio

import pytest

from stellar_grpc.gate import Gate, UnavailableError


async def test_open_gate_lets_calls_in():
    Gate().enter()


async def test_closed_gate_turns_calls_away():
    gate = Gate()
    await gate.close(0.0, 0.0)
    with pytest.raises(UnavailableError, match="shutting down"):
        gate.enter()


async def test_closing_waits_for_the_last_one_to_knock():
    gate = Gate()
    closing = asyncio.create_task(gate.close(0.2, 60.0))
    for _ in range(3):
        await asyncio.sleep(0.1)
        assert not closing.done()
        with pytest.raises(UnavailableError):
            gate.enter()
    await asyncio.wait_for(closing, 10)


async def test_closing_does_not_wait_for_ever():
    gate = Gate()
    closing = asyncio.create_task(gate.close(60.0, 0.05))
    await asyncio.wait_for(closing, 10)
