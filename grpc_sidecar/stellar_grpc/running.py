"""One server process from its start to its end: store, metrics, signals, the line that says it is ready."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import closing
from typing import Any, TypeVar

from stellar import ModelStore, open_store
from stellar.artefact import ArtefactError
from stellar.settings import SettingError
from stellar_grpc.metrics import Metrics
from stellar_grpc.server import Server
from stellar_grpc.settings import Settings
from stellar_grpc.tls import TlsError

T = TypeVar("T")

START_ERRORS = (ArtefactError, OSError, SettingError, TlsError)
"""What can be wrong with the settings, the port or the model. Their messages are for the user."""

_LOG = logging.getLogger(__name__)


def log_to_stderr() -> None:
    """Write this server's own log; of boto3's, which tells where it found its settings, only what is wrong."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on uvloop where there is one."""
    if sys.platform == "win32":
        return asyncio.run(main)
    import uvloop

    return uvloop.run(main)


def on_signals(stop: Callable[[], None]) -> None:
    """Call ``stop`` at every SIGINT and SIGTERM. To be called in the event loop."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)


class StopRequest:
    """Asked once, the server drains; asked again, it drops what still runs."""

    def __init__(self) -> None:
        self.first = asyncio.Event()
        self.second = asyncio.Event()

    def ask(self) -> None:
        (self.second if self.first.is_set() else self.first).set()


async def serve(
    settings: Settings, metrics: Metrics, stop: StopRequest, on_ready: Callable[[Server, ModelStore], None]
) -> None:
    """Serve until ``stop`` is asked. Raises one of START_ERRORS."""
    with closing(await asyncio.to_thread(open_store)) as store:
        server = Server(settings, store, metrics)
        await server.start()
        gc.freeze()  # what is there by now stays: no collection need walk through it again
        on_ready(server, store)
        await stop.first.wait()
        _LOG.info("stopping: running calls have %g s to end", settings.grace_seconds)
        draining = asyncio.create_task(server.stop())
        forced = asyncio.create_task(stop.second.wait())
        await asyncio.wait((draining, forced), return_when=asyncio.FIRST_COMPLETED)
        if not draining.done():
            await server.stop()
        forced.cancel()
        await draining
