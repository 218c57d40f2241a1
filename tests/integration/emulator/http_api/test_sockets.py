"""The gateway on real sockets: keep-alive, hang-ups, odd requests, timeouts, the way it ends."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

from lambda_emulator.invocation import InvocationResult
from lambda_emulator.server import Options, Servers
from support.gateway_doubles import FakeInvoker, a_function, a_stack, an_api
from support.served import Connection, servers_of
from support.stacks import until

OK = {"statusCode": 200, "body": "hello"}


def a_served_stack(answer: Any = None) -> tuple[Any, FakeInvoker]:
    invoker = FakeInvoker(a_function(), answer=answer or (lambda event: OK))
    return a_stack(a_function(), apis=[an_api("http", "ANY /x", "$default")]), invoker


def listening(address: str | None) -> bool:
    """Whether a new connection is still taken."""
    url = urlsplit(address or "")
    with socket.socket() as probe:
        return probe.connect_ex((url.hostname, url.port)) == 0


async def test_one_connection_carries_many_requests() -> None:
    stack, invoker = a_served_stack()
    async with servers_of(stack, invoker) as addresses, Connection.open(addresses.http) as connection:
        for _ in range(3):
            status, headers, body = await connection.get("/x")
            assert (status, body) == (200, b"hello")
            assert "server" not in headers
            assert "date" in headers


async def test_head_has_the_length_and_no_body() -> None:
    stack, invoker = a_served_stack()
    async with servers_of(stack, invoker) as addresses, Connection.open(addresses.http) as connection:
        await connection.send(b"HEAD /x HTTP/1.1\r\nhost: localhost\r\n\r\n")
        status, headers, _ = await connection.response(head_only=True)
        assert (status, headers["content-length"]) == (200, "5")
        assert (await connection.get("/x"))[2] == b"hello"


async def test_a_chunked_body_after_expect_continue() -> None:
    stack, invoker = a_served_stack()
    async with servers_of(stack, invoker) as addresses, Connection.open(addresses.http) as connection:
        await connection.send(
            b"POST /x HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\nexpect: 100-continue\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        assert await connection.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await connection.send(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        assert (await connection.response())[0] == 200
        assert invoker.last.event["body"] == "abcde"


async def test_http_1_0_is_answered_in_http_1_1() -> None:
    stack, invoker = a_served_stack()
    async with servers_of(stack, invoker) as addresses, Connection.open(addresses.http) as connection:
        await connection.send(b"GET /x HTTP/1.0\r\n\r\n")
        assert (await connection.reader.read()).startswith(b"HTTP/1.1 200 OK\r\n")
        assert invoker.last.event["requestContext"]["http"]["protocol"] == "HTTP/1.0"


async def test_what_is_no_http_is_refused_and_others_go_on() -> None:
    stack, invoker = a_served_stack()
    async with servers_of(stack, invoker) as addresses, Connection.open(addresses.http) as good:
        for raw in (b"\x16\x03\x01 not http\r\n\r\n", b"GET /\xff\xfe HTTP/1.1\r\n\r\n", b"GET  HTTP/9.9\r\n\r\n"):
            async with Connection.open(addresses.http) as bad:
                await bad.send(raw)
                assert (await bad.reader.read()).startswith(b"HTTP/1.1 400 ")
        assert (await good.get("/x"))[0] == 200


async def test_a_websocket_upgrade_is_answered_as_plain_http() -> None:
    stack, invoker = a_served_stack()
    async with servers_of(stack, invoker) as addresses, Connection.open(addresses.http) as connection:
        await connection.send(
            b"GET /x HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
            b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n"
        )
        assert (await connection.response())[0] == 200


async def test_a_client_that_hangs_up_does_not_stop_the_function() -> None:
    begun, release, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(event: Any) -> Any:
        begun.set()
        await release.wait()
        ended.set()
        return OK

    stack, invoker = a_served_stack(slow)
    async with servers_of(stack, invoker) as addresses:
        async with Connection.open(addresses.http) as connection:
            await connection.send(b"GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n")
            await begun.wait()
        release.set()
        async with asyncio.timeout(10):
            await ended.wait()
        invoker.answer = lambda event: OK
        async with Connection.open(addresses.http) as connection:
            assert (await connection.get("/x"))[0] == 200


async def test_sixty_four_at_once() -> None:
    async def slow(event: Any) -> InvocationResult:
        await asyncio.sleep(0.01)
        return InvocationResult("r", b'"done"')

    stack, invoker = a_served_stack(slow)
    async with servers_of(stack, invoker) as addresses:

        async def one() -> int:
            async with Connection.open(addresses.http) as connection:
                return (await connection.get("/x"))[0]

        assert await asyncio.gather(*(one() for _ in range(64))) == [200] * 64


async def test_closing_lets_a_running_request_end() -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    async def slow(event: Any) -> Any:
        begun.set()
        await release.wait()
        return OK

    stack, invoker = a_served_stack(slow)
    servers = Servers(stack, invoker, Options(http_port=0))
    addresses = servers.bind()
    async with servers, Connection.open(addresses.http) as connection:
        await connection.send(b"GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await begun.wait()
        closing = asyncio.create_task(servers.close(5))
        await until(lambda: not listening(addresses.http))
        release.set()
        assert (await connection.response())[2] == b"hello"
        await closing


async def test_closing_does_not_wait_for_idle_connections_nor_past_the_grace() -> None:
    async def forever(event: Any) -> Any:
        await asyncio.Event().wait()

    stack, invoker = a_served_stack(forever)
    async with AsyncExitStack() as connections:
        async with servers_of(stack, invoker) as addresses:
            idle = await connections.enter_async_context(Connection.open(addresses.http))
            busy = await connections.enter_async_context(Connection.open(addresses.http))
            await busy.send(b"GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n")
            await until(lambda: bool(invoker.calls))
            assert not idle.reader.at_eof()
        await connections.enter_async_context(asyncio.timeout(5))
        assert await idle.reader.read() == b""
