"""Serves a stack: the APIs on one port, the Lambda API on another, one runtime behind both, in one event loop.

``serve`` does all of it, from the sockets to the last drained invocation. ``FrontDoors`` is the part without the
runtime, for those who bring an ``Invoker`` of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn

from emulator.asgi import Application, Receive, Scope, Send
from emulator.coalescing import CoalescingProtocol
from emulator.http_api import create_app as create_gateway
from emulator.http_api.app import RequestListener
from emulator.invocation import Invoker
from emulator.invoke_api import LambdaApi, Router
from emulator.live import LiveService, follow
from emulator.sockets import bind, url_of
from emulator.stack import Stack


@dataclass(frozen=True, slots=True)
class Options:
    """How the front doors are to be opened. A port of None leaves that door closed; 0 takes any free port."""

    host: str = "127.0.0.1"
    http_port: int | None = None
    lambda_port: int | None = None
    http_flag: str = "--port"  # named when the port is taken
    lambda_flag: str = "--port"
    static_dir: Path | None = None
    enforce_authorizers: bool = True
    certificate: tuple[Path, Path] | None = None  # certificate and key files
    async_time_scale: float = 1.0
    routers: Iterable[Router] = ()
    on_request: RequestListener | None = None


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the front doors were opened; None for a closed one."""

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


class _Uvicorn(uvicorn.Server):
    """A uvicorn server that leaves signals alone and tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


class FrontDoors:
    """The HTTP servers before one invoker. ``bind``, then enter as an async context manager."""

    def __init__(self, stack: Stack, invoker: Invoker, options: Options) -> None:
        self._invoker = invoker
        self._options = options
        self.replace(stack)
        self._listeners: list[tuple[Application, socket.socket]] = []
        self._servers: list[tuple[_Uvicorn, asyncio.Task[None]]] = []
        self.lambda_api = LambdaApi(invoker, routers=options.routers, time_scale=options.async_time_scale)

    def bind(self) -> Addresses:
        """Take the ports. A client may connect from now on; it is answered once the doors are entered.

        Raises PortInUseError.
        """
        options = self._options
        try:
            return Addresses(
                self._listen(self._to_gateway, options.http_port, options.http_flag),
                self._listen(self.lambda_api, options.lambda_port, options.lambda_flag),
            )
        except OSError:
            self._close_listeners()
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
        )

    async def _to_gateway(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._gateway(scope, receive, send)

    async def __aenter__(self) -> Self:
        for app, listener in self._listeners:
            await self._start(app, listener)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close(0.0)

    async def close(self, grace_seconds: float = 10.0) -> None:
        """Take no new connection, let running requests and queued events end within the grace, then drop them."""
        for server, _ in self._servers:
            server.config.timeout_graceful_shutdown = max(1, math.ceil(grace_seconds))
            server.force_exit = grace_seconds <= 0
            server.should_exit = True
        await asyncio.gather(self.lambda_api.close(grace_seconds), *(task for _, task in self._servers))
        for server, _ in self._servers:
            for request in list(server.server_state.tasks):
                request.cancel()
        self._servers.clear()
        self._close_listeners()

    def _listen(self, app: Application, port: int | None, flag: str) -> str | None:
        if port is None:
            return None
        listener = bind(self._options.host, port, flag)
        self._listeners.append((app, listener))
        return url_of(listener, self._options.host, "https" if self._options.certificate else "http")

    def _close_listeners(self) -> None:
        for _, listener in self._listeners:
            listener.close()
        self._listeners.clear()

    async def _start(self, app: Application, listener: socket.socket) -> None:
        certificate, key = self._options.certificate or (None, None)
        config = uvicorn.Config(
            app,
            interface="asgi3",
            http=CoalescingProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
        server = _Uvicorn(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        self._servers.append((server, task))
        listening = asyncio.create_task(server.listening.wait())
        await asyncio.wait((listening, task), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            listening.cancel()
            task.result()


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

    ``on_ready`` is called when both doors are open. With ``reload`` the template is watched, and what ``reload``
    gives is served after each change of it. The whole of the draining takes ``grace_seconds`` at most. ``runtime``
    goes to ``LambdaService``.

    Raises PortInUseError before any process is started.
    """
    loop = asyncio.get_running_loop()
    service = LiveService(stack, **runtime)
    doors = FrontDoors(stack, service, options)
    addresses = doors.bind()

    async def adopt(edited: Stack) -> None:
        await service.replace(edited)
        doors.replace(edited)

    async with contextlib.AsyncExitStack() as entered:
        entered.push_async_callback(doors.close, 0.0)
        await entered.enter_async_context(service)
        await entered.enter_async_context(doors)
        if on_ready:
            on_ready(addresses)
        following = asyncio.create_task(follow(stack.template_path, reload, adopt, stop.requested)) if reload else None
        await stop.requested.wait()
        deadline = loop.time() + grace_seconds
        draining = asyncio.create_task(doors.close(grace_seconds))
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
            await doors.close(0.0)
            await draining
