"""Several server processes on one port: the kernel deals connections out among them (SO_REUSEPORT).

The parent holds the port, starts the workers, replaces one that dies, and serves the metrics of all. A worker's
standard input is its lifeline: it ends when the parent does, however that ends. Its standard output says when it is
ready.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from stellar_grpc.listening import hold
from stellar_grpc.metrics import Metrics, forget
from stellar_grpc.running import START_ERRORS, StopRequest, log_to_stderr, on_signals, run, serve
from stellar_grpc.server import END_SECONDS
from stellar_grpc.settings import Settings

_LOG = logging.getLogger(__name__)
_READY = b"ready\n"


class WorkerFailedError(RuntimeError):
    """A worker ended before it was ready. Its own words are on stderr."""


class Workers:
    """The worker processes of one server. ``run`` serves until ``stop`` is asked."""

    def __init__(self, settings: Settings, count: int, metrics_folder: Path) -> None:
        self._settings = settings
        self._count = count
        self._metrics_folder = metrics_folder
        self._environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(metrics_folder)}

    async def run(self, stop: StopRequest, on_ready: Callable[[int], None]) -> None:
        """``on_ready`` is given the port once all workers listen. Raises PortInUseError, WorkerFailedError, OSError."""
        with hold(self._settings.host, self._settings.port) as held:
            port = held.getsockname()[1]
            settings = replace(self._settings, port=port, reuse_port=True)
            workers = await asyncio.gather(*(self._start(settings) for _ in range(self._count)), return_exceptions=True)
            processes = [worker for worker in workers if isinstance(worker, asyncio.subprocess.Process)]
            keeping = [asyncio.create_task(self._keep(process, settings, stop)) for process in processes]
            try:
                for worker in workers:
                    if isinstance(worker, BaseException):
                        raise worker
                on_ready(port)
                failures = [asyncio.create_task(stop.first.wait()), *keeping]
                done, _ = await asyncio.wait(failures, return_when=asyncio.FIRST_COMPLETED)
                failures[0].cancel()
                for task in done:
                    task.result()
            finally:
                stop.first.set()
                await asyncio.gather(*keeping, return_exceptions=True)

    async def _start(self, settings: Settings) -> asyncio.subprocess.Process:
        text = json.dumps(asdict(settings), default=str)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            __name__,
            text,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=self._environment,
            start_new_session=True,  # Ctrl-C reaches the parent alone, which tells its workers once
        )
        assert process.stdout is not None
        if await process.stdout.readline() != _READY:
            raise WorkerFailedError(f"A worker ended with exit status {await process.wait()} before it was ready.")
        return process

    async def _keep(self, process: asyncio.subprocess.Process, settings: Settings, stop: StopRequest) -> None:
        """Replace the worker whenever it dies, until a stop is asked; then see to its end."""
        stopping = asyncio.create_task(stop.first.wait())
        try:
            while True:
                ended = asyncio.create_task(process.wait())
                await asyncio.wait((ended, stopping), return_when=asyncio.FIRST_COMPLETED)
                if stopping.done():
                    break
                _LOG.warning("worker %d ended (exit status %d); another takes its place", process.pid, ended.result())
                forget(process.pid, self._metrics_folder)
                process = await self._start(settings)
            await self._end(process, ended, stop)
        finally:
            stopping.cancel()

    async def _end(self, process: asyncio.subprocess.Process, ended: asyncio.Task[int], stop: StopRequest) -> None:
        forced = asyncio.create_task(stop.second.wait())
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        seconds = self._settings.grace_seconds + 2 * END_SECONDS
        await asyncio.wait((ended, forced), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        forced.cancel()
        if not ended.done():
            with suppress(ProcessLookupError):
                process.kill()
            await ended


async def _work(settings: Settings) -> None:
    stop = StopRequest()
    on_signals(stop.ask)
    lifeline = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lifeline), sys.stdin)

    async def follow_parent() -> None:
        await lifeline.read()
        stop.ask()

    following = asyncio.create_task(follow_parent())

    def ready(*_: object) -> None:
        sys.stdout.buffer.write(_READY)
        sys.stdout.buffer.flush()

    await serve(settings, Metrics(), stop, ready)
    if following.done():  # the parent was killed: nobody else is left to clear up
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
    following.cancel()


def _settings(text: str) -> Settings:
    values = json.loads(text)
    for name in ("tls_cert", "tls_key", "client_ca"):
        values[name] = Path(values[name]) if values[name] else None
    return Settings(**values)


if __name__ == "__main__":
    log_to_stderr()
    try:
        run(_work(_settings(sys.argv[1])))
    except START_ERRORS as error:
        sys.exit(f"ERROR {error}")
