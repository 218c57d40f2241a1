"""The local stack's own questions to its servers."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import fields
from urllib.parse import urlsplit

import pytest

from stellar_cli.mlops.servers import stack_answers
from stellar_local_stack.ports import Ports
from stellar_local_stack.services import wait_until_healthy
from support.faulty_servers import nonsense, server


def ports(http_url: str) -> Ports:
    return Ports(**({field.name: 9 for field in fields(Ports)} | {"http": urlsplit(http_url).port}))


async def test_waiting_for_a_silent_function_leaves_the_loop_free_and_can_be_cancelled():
    asked = threading.Event()
    with server(lambda connection: asked.set()) as address:  # and it never answers
        waiting = asyncio.create_task(wait_until_healthy(ports(address)))
        assert await asyncio.to_thread(asked.wait, 30)
        assert not waiting.done()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


@pytest.mark.parametrize("behaviour", [nonsense, lambda connection: connection.close()])
async def test_what_is_no_stack_is_told_apart(behaviour):
    with server(behaviour) as address:
        assert not await stack_answers(ports(address))
        await wait_until_healthy(ports(address))
