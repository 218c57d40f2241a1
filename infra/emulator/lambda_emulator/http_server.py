"""One HTTP server of an ASGI application, in the event loop that runs: it listens at once, and answers once opened."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

import uvicorn

from lambda_emulator.asgi import Application
from lambda_emulator.coalescing import CoalescingProtocol
from lambda_emulator.origin_guard import OriginGuard
from lambda_emulator.sockets import bind, url_of


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


class HttpServer:
    """The application behind one port; 0 takes any free one, and ``flag`` is named when it is taken.

    A client may connect as soon as there is a server; it is answered once that is opened. ``certificate`` has the files
    of a certificate and its key; ``allowed_hosts`` and ``foreign_origins`` are those of ``OriginGuard``.

    Raises PortInUseError.
    """

    def __init__(
        self,
        app: Application,
        host: str,
        port: int,
        *,
        flag: str,
        certificate: tuple[Path, Path] | None = None,
        allowed_hosts: Iterable[str] = (),
        foreign_origins: bool = False,
    ) -> None:
        self._app = OriginGuard(app, (host, *allowed_hosts), foreign_origins=foreign_origins)
        self._certificate = certificate
        self._listener = bind(host, port, flag)
        self.url = url_of(self._listener, host, "https" if certificate else "http")
        self._running: tuple[_Uvicorn, asyncio.Task[None]] | None = None

    async def open(self) -> None:
        certificate, key = self._certificate or (None, None)
        config = uvicorn.Config(
            self._app,
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
        task = asyncio.create_task(server.serve(sockets=[self._listener]))
        self._running = server, task
        listening = asyncio.create_task(server.listening.wait())
        await asyncio.wait((listening, task), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            listening.cancel()
            task.result()

    async def close(self, grace_seconds: float) -> None:
        """Take no new connection, let running requests end within the grace, then drop them."""
        if self._running:
            server, task = self._running
            server.config.timeout_graceful_shutdown = max(1, math.ceil(grace_seconds))
            server.force_exit = grace_seconds <= 0
            server.should_exit = True
            await task
            for request in list(server.server_state.tasks):
                request.cancel()
            self._running = None
        self.abandon()

    def abandon(self) -> None:
        """Give the port back."""
        self._listener.close()
