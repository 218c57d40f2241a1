"""Serves a stack: the APIs on one port, the Lambda API on another, one runtime behind both, in one event loop.

``serve`` does all of it, from the sockets to the last drained invocation. ``Servers`` is the part without the
runtime, for those who bring an ``Invoker`` of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lambda_emulator.asgi import Application, Receive, Scope, Send
from lambda_emulator.durable import DurableService, needed
from lambda_emulator.http_api import create_app as create_gateway
from lambda_emulator.http_api.app import RequestListener
from lambda_emulator.http_server import HttpServer
from lambda_emulator.invocation import Invoker
from lambda_emulator.invoke_api import LambdaApi, Router
from lambda_emulator.live import LiveService, follow
from lambda_emulator.stack import Stack


@dataclass(frozen=True, slots=True)
class Options:
    """How the servers are to be opened. A port of None starts no such server; 0 takes any free port."""

    host: str = "127.0.0.1"
    http_port: int | None = None
    lambda_port: int | None = None
    http_flag: str = "--port"  # named when the port is taken
    lambda_flag: str = "--port"
    static_dir: Path | None = None
    enforce_authorizers: bool = True
    certificate: tuple[Path, Path] | None = None  # certificate and key files
    allowed_hosts: tuple[str, ...] = ()  # beside addresses, loopback names and ``host``; ``*`` for every one
    async_time_scale: float = 1.0
    routers: Iterable[Router] = ()
    on_request: RequestListener | None = None
    source_ip: str | None = None  # that callers on this machine seem to have


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the servers were opened; None for a closed one."""

    http: str | None
    lambda_api: str | None


@dataclass
class Stop:
    """How a server is told to end: ``requested`` lets it drain, ``forced`` cuts the draining short."""

    requested: asyncio.Event = field(default_factory=asyncio.Event)
    forced: asyncio.Event = field(default_factory=asyncio.Event)

    def request(self) -> None:
        """Ask once to drain and end; asked again, end at once."""
        if self.requested.is_set():
            self.forced.set()
        self.requested.set()


class Servers:
    """The HTTP servers before one invoker. ``bind``, then enter as an async context manager."""

    def __init__(self, stack: Stack, invoker: Invoker, options: Options, durable: DurableService | None = None) -> None:
        self._invoker = invoker
        self._options = options
        self.replace(stack)
        self._servers: list[HttpServer] = []
        routers = (*options.routers, *([durable.router()] if durable else []))
        self.lambda_api = LambdaApi(invoker, routers=routers, time_scale=options.async_time_scale, durable=durable)

    def bind(self) -> Addresses:
        """Take the ports. A client may connect from now on; it is answered once the servers are entered.

        Raises PortInUseError.
        """
        options = self._options
        try:
            return Addresses(
                self._listen(self._to_gateway, options.http_port, options.http_flag, foreign_origins=True),
                self._listen(self.lambda_api, options.lambda_port, options.lambda_flag),
            )
        except OSError:
            for server in self._servers:
                server.abandon()
            raise

    def replace(self, stack: Stack) -> None:
        """Serve the APIs of another stack from the next request on."""
        options = self._options
        self._gateway = create_gateway(
            stack.apis,
            self._invoker,
            static_dir=options.static_dir,
            enforce_authorizers=options.enforce_authorizers,
            on_request=options.on_request,
            source_ip=options.source_ip,
        )

    async def _to_gateway(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._gateway(scope, receive, send)

    async def __aenter__(self) -> Self:
        for server in self._servers:
            await server.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close(0.0)

    async def close(self, grace_seconds: float = 10.0) -> None:
        """Take no new connection, let running requests and queued events end within the grace, then drop them."""
        await asyncio.gather(
            self.lambda_api.close(grace_seconds), *(server.close(grace_seconds) for server in self._servers)
        )

    def _listen(self, app: Application, port: int | None, flag: str, *, foreign_origins: bool = False) -> str | None:
        if port is None:
            return None
        options = self._options
        server = HttpServer(
            app,
            options.host,
            port,
            flag=flag,
            certificate=options.certificate,
            allowed_hosts=options.allowed_hosts,
            foreign_origins=foreign_origins,
        )
        self._servers.append(server)
        return server.url


async def serve(
    stack: Stack,
    options: Options,
    *,
    stop: Stop,
    on_ready: Callable[[Addresses], None] | None = None,
    reload: Callable[[], Stack] | None = None,
    grace_seconds: float = 10.0,
    **runtime: Any,
) -> None:
    """Serve the stack until ``stop`` is requested, then drain: requests, queued events, invocations, processes.

    ``on_ready`` is called when both servers are open, after the installing of what functions list. With ``reload`` the
    template is watched, and what ``reload`` gives is served after each change of it. The whole of the draining takes
    ``grace_seconds`` at most. ``runtime`` goes to ``LambdaService``.

    Raises PortInUseError before any process is started.
    """
    loop = asyncio.get_running_loop()
    durable = DurableService() if needed(stack) else None
    stack = durable.prepared(stack) if durable else stack
    service = LiveService(stack, **runtime)
    servers = Servers(stack, durable or service, options, durable)
    addresses = servers.bind()

    async def adopt(edited: Stack) -> None:
        if needed(edited) and not durable:
            raise ValueError("the first durable function needs a restart")
        edited = durable.prepared(edited) if durable else edited
        await service.replace(edited)
        servers.replace(edited)

    async with contextlib.AsyncExitStack() as entered:
        entered.push_async_callback(servers.close, 0.0)
        await entered.enter_async_context(service)
        entered.push_async_callback(service.drain_and_close, 0.0)  # where it fails or is cancelled: nothing to wait for
        if durable:
            await entered.enter_async_context(durable)
        if not await _prepared(service, stop):
            return
        if durable:
            await durable.open(service)
        await entered.enter_async_context(servers)
        if on_ready:
            on_ready(addresses)
        following = asyncio.create_task(follow(stack.template_path, reload, adopt, stop.requested)) if reload else None
        await stop.requested.wait()
        deadline = loop.time() + grace_seconds
        draining = asyncio.create_task(servers.close(grace_seconds))
        forced = asyncio.create_task(stop.forced.wait())
        await asyncio.wait((draining, forced), return_when=asyncio.FIRST_COMPLETED)
        if following:
            await following
        if draining.done():
            # What runs still is what no request waits for any more: it may use up the rest of the grace.
            forced.cancel()
            await service.drain_and_close(max(0.0, deadline - loop.time()))
        else:
            await service.drain_and_close(0.0)
            await servers.close(0.0)
            await draining


async def _prepared(service: LiveService, stop: Stop) -> bool:
    """Wait until what functions list is installed; False if ``stop`` is requested first."""
    waiting = [asyncio.create_task(service.prepared()), asyncio.create_task(stop.requested.wait())]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
    return not stop.requested.is_set()
