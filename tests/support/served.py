"""A stack served on real sockets inside the test's own event loop, and lean ways to talk to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from lambda_emulator.invocation import Invoker
from lambda_emulator.server import Addresses, Options, Servers
from lambda_emulator.stack import Stack


@asynccontextmanager
async def servers_of(stack: Stack, invoker: Invoker, **options: Any) -> AsyncIterator[Addresses]:
    """Both servers before an invoker, on free ports."""
    servers = Servers(stack, invoker, Options(http_port=0, lambda_port=0, **options))
    addresses = servers.bind()
    async with servers:
        yield addresses


class Connection:
    """One HTTP/1.1 connection, by hand: nothing is retried, nothing is hidden."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    @asynccontextmanager
    async def open(cls, address: str | None) -> AsyncIterator[Connection]:
        assert address is not None
        url = urlsplit(address)
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        try:
            yield cls(reader, writer)
        finally:
            writer.close()

    async def send(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def response(self, *, head_only: bool = False) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (lower case) and body of the next response."""
        async with asyncio.timeout(20):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            status = int(head[0].split()[1])
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            length = 0 if head_only else int(headers.get("content-length", 0))
            return status, headers, await self.reader.readexactly(length)

    async def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        await self.send(f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
        return await self.response()
