"""Clients that send a request byte by byte, or none: they are cut off, and nobody else is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest

from lambda_emulator import bounded_protocol
from lambda_emulator.server import Addresses
from support.gateway_doubles import FakeInvoker, a_function, a_stack, an_api
from support.served import Connection, servers_of

Address = Callable[[Addresses], str | None]
FRONTS = pytest.mark.parametrize(
    "front", [lambda to: to.http, lambda to: to.lambda_api], ids=["HTTP front", "Lambda API"]
)

HEAD = b"POST /2015-03-31/functions/Hello/invocations HTTP/1.1\r\nhost: localhost\r\n"


def a_stack_and_invoker() -> tuple[object, FakeInvoker]:
    return a_stack(a_function(), apis=[an_api("http", "$default")]), FakeInvoker(
        a_function(), answer=lambda event: {"statusCode": 200, "body": "hello"}
    )


async def drip(connection: Connection) -> None:
    """Send a byte now and then, for as long as the connection is there."""
    with suppress(ConnectionError):
        while True:
            await connection.send(b"1")
            await asyncio.sleep(0.01)


async def cut_off(connection: Connection) -> bytes:
    """All that comes before the server closes the connection."""
    with suppress(ConnectionResetError):
        async with asyncio.timeout(60):
            return await connection.reader.read()
    return b""


@FRONTS
@pytest.mark.parametrize("first", [b"", b"G", b"GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: "])
async def test_a_head_that_never_ends_is_answered_408(
    front: Address, first: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_protocol, "HEAD_SECONDS", 0.3)
    stack, invoker = a_stack_and_invoker()
    async with servers_of(stack, invoker) as addresses, Connection.open(front(addresses)) as connection:
        await connection.send(first)
        assert (await cut_off(connection)).startswith(b"HTTP/1.1 408 ")
    assert invoker.calls == []


@FRONTS
@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\nx: ", HEAD + b"content-length: 1000000\r\n\r\n"])
async def test_a_byte_now_and_then_gains_no_time(front: Address, first: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_protocol, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(bounded_protocol, "BODY_SECONDS", 0.3)
    stack, invoker = a_stack_and_invoker()
    async with servers_of(stack, invoker) as addresses, Connection.open(front(addresses)) as connection:
        await connection.send(first)
        dripping = asyncio.create_task(drip(connection))
        answer = await cut_off(connection)  # lost where a byte came between the answer and the close
        dripping.cancel()
        assert answer[:13] in (b"", b"HTTP/1.1 408 ")
    assert invoker.calls == []


@FRONTS
async def test_a_second_request_is_bounded_like_the_first(front: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_protocol, "HEAD_SECONDS", 0.3)
    stack, invoker = a_stack_and_invoker()
    async with servers_of(stack, invoker) as addresses, Connection.open(front(addresses)) as connection:
        assert (await connection.get("/health"))[0] == 200
        await connection.send(b"GET /health HTTP/1.1\r\n")
        assert (await cut_off(connection)).startswith(b"HTTP/1.1 408 ")


@FRONTS
async def test_a_body_that_hardly_comes_is_answered_408(front: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_protocol, "BODY_SECONDS", 0.3)
    stack, invoker = a_stack_and_invoker()
    async with servers_of(stack, invoker) as addresses, Connection.open(front(addresses)) as connection:
        await connection.send(HEAD + b"content-length: 1000000\r\n\r\n")
        assert (await cut_off(connection)).startswith(b"HTTP/1.1 408 ")
    assert invoker.calls == []


@FRONTS
async def test_a_head_without_end_is_answered_431(front: Address) -> None:
    stack, invoker = a_stack_and_invoker()
    async with servers_of(stack, invoker) as addresses, Connection.open(front(addresses)) as connection:
        await connection.send(HEAD + (b"x-more: " + b"a" * 1000 + b"\r\n") * 65)
        assert b"HTTP/1.1 431 " in await cut_off(connection)


async def test_a_body_that_comes_fast_enough_and_an_answer_that_takes_long_are_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounded_protocol, "HEAD_SECONDS", 0.1)
    monkeypatch.setattr(bounded_protocol, "BODY_SECONDS", 0.1)
    monkeypatch.setattr(bounded_protocol, "LEAST_RATE", 10)

    async def slow(event: object) -> object:
        await asyncio.sleep(0.5)
        return {"statusCode": 200, "body": "late"}

    stack, invoker = a_stack_and_invoker()
    invoker.answer = slow
    async with servers_of(stack, invoker) as addresses, Connection.open(addresses.http) as connection:
        await connection.send(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 60\r\n\r\n")
        for _ in range(6):
            await connection.send(b"1234567890")
            await asyncio.sleep(0.1)
        status, _, body = await connection.response()
        assert (status, body) == (200, b"late")


async def test_two_hundred_slow_clients_are_gone_and_another_is_served_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounded_protocol, "HEAD_SECONDS", 1.0)
    stack, invoker = a_stack_and_invoker()
    async with servers_of(stack, invoker) as addresses:
        slow = [await asyncio.open_connection("127.0.0.1", int(addresses.http.rpartition(":")[2])) for _ in range(200)]
        for _, writer in slow:
            writer.write(b"GET / HTTP/1.1\r\nx: ")
        async with Connection.open(addresses.http) as quick:
            assert (await quick.get("/"))[0] == 200
        async with asyncio.timeout(60):
            answers = await asyncio.gather(*(reader.read() for reader, _ in slow))
        assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in answers)
        for _, writer in slow:
            writer.close()
