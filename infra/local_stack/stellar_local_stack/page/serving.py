"""Runs the application on uvicorn until it is told to stop, and lets no open stream hold that up."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn

from lambda_emulator.bounded_protocol import BoundedProtocol
from lambda_emulator.sockets import bind, url_of
from stellar_local_stack.page.app import create_app
from stellar_local_stack.page.live.feed import Objects
from stellar_local_stack.page.live.stream import LiveStream
from stellar_local_stack.page.settings import Settings

_GRACE_SECONDS = 2


class _Uvicorn(uvicorn.Server):
    """A uvicorn server that leaves signals alone, and says when it listens."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()


async def serve(settings: Settings, objects: Objects, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; ``on_ready`` gets the page's address, ``objects`` feed the stream on demand.

    Raises PortInUseError.
    """
    stream = LiveStream(settings.kafka_client, settings.mapping_url, objects)
    with contextlib.closing(bind(settings.host, settings.port, "--port")) as listener:
        certificate, key = settings.certificate or (None, None)
        url = url_of(listener, settings.host, "https" if certificate else "http")
        config = uvicorn.Config(
            create_app(settings, stream),
            http=BoundedProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
        server = _Uvicorn(config, lambda: on_ready(url))

        def stop() -> None:
            # uvicorn waits for every response to end, and a stream has no end of its own.
            stream.close_watchers()
            server.should_exit = True

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)
        await server.serve(sockets=[listener])
