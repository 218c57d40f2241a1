"""The gateway before real functions: many at once, hang-ups, timeouts, answers that are too large."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lambda_emulator.runtime import LambdaService
from lambda_emulator.stack import Route
from support.gateway_doubles import an_api
from support.served import Connection, servers_of
from support.stacks import function, stack

CODE = """
import os, time

def handler(event, context):
    query = event.get("queryStringParameters") or {}
    time.sleep(float(query.get("sleep", 0)))
    if "megabytes" in query:
        return {"statusCode": 200, "body": "x" * int(query["megabytes"]) * 1024 * 1024}
    return {"statusCode": 200, "body": str(os.getpid())}
"""


@pytest.fixture
def served(tmp_path: Path) -> Any:
    """Called as ``async with served(limit=…) as address``, serves ``CODE`` behind an HTTP API."""
    (tmp_path / "app.py").write_text(CODE)

    @asynccontextmanager
    async def serve(kind: str = "http", limit: float = 30.0, concurrency: int = 2) -> AsyncIterator[str | None]:
        hello = function(tmp_path, logical_id="Hello", name="hello", handler="app.handler")
        payload: Any = "1.0" if kind == "rest" else "2.0"
        route = Route("GET", "/x", "Hello", payload_format=payload, timeout_seconds=limit)
        the_stack = dataclasses.replace(stack(hello), apis=(an_api(kind, route),))
        async with (
            LambdaService(the_stack, watch=False, concurrency=concurrency) as service,
            servers_of(the_stack, service) as addresses,
        ):
            yield addresses.http

    return serve


async def get(address: str | None, path: str) -> tuple[int, bytes]:
    async with Connection.open(address) as connection:
        status, _, body = await connection.get(path)
        return status, body


async def answered(address: str | None) -> bytes:
    """The first answer that is in time; on a busy machine a cold start may not be."""
    async with asyncio.timeout(20):
        while (answer := await get(address, "/x"))[0] != 200:
            pass
    return answer[1]


async def test_sixty_four_parallel_requests_share_the_environments(served: Any) -> None:
    async with served() as address:
        answers = await asyncio.gather(*(get(address, "/x?sleep=0.01") for _ in range(64)))
    assert {status for status, _ in answers} == {200}
    assert len({body for _, body in answers}) <= 2


async def test_a_hang_up_leaves_the_environment_usable(served: Any) -> None:
    async with served(concurrency=1) as address:
        _, pid = await get(address, "/x")
        for _ in range(5):
            async with Connection.open(address) as connection:
                await connection.send(b"GET /x?sleep=0.05 HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert await get(address, "/x") == (200, pid)


@pytest.mark.parametrize(("kind", "status"), [("http", 503), ("rest", 504)])
async def test_the_function_outlives_the_integration_timeout(served: Any, kind: str, status: int) -> None:
    async with served(kind, limit=0.5, concurrency=1) as address:
        pid = await answered(address)
        assert (await get(address, "/x?sleep=0.8"))[0] == status
        assert await answered(address) == pid


@pytest.mark.parametrize(("kind", "status"), [("http", 500), ("rest", 502)])
async def test_a_seven_megabyte_answer_is_an_error_and_the_next_one_is_not(served: Any, kind: str, status: int) -> None:
    async with served(kind) as address:
        assert (await get(address, "/x?megabytes=5"))[0] == 200
        answer_status, body = await get(address, "/x?megabytes=7")
        assert answer_status == status
        assert json.loads(body)["message"].lower() == "internal server error"
        assert (await get(address, "/x"))[0] == 200
