"""Runs a coroutine of a command: event loop, signals, console, exit codes."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from lambda_emulator.cli.console import Console, configure_logging
from lambda_emulator.server import Stop
from lambda_emulator.sockets import PortInUseError

T = TypeVar("T")


@contextmanager
def open_console(log_file: Path | None, *, names: bool, debug: bool) -> Iterator[Console]:
    """Where logs go: stderr, or the file. Raises click.ClickException where that cannot be written."""
    try:
        target = log_file.open("ab") if log_file else sys.stderr.buffer
    except OSError as error:
        raise click.ClickException(f"The log file {log_file} cannot be written: {error.strerror}") from None
    sys.stderr.flush()
    try:
        with Console(target.fileno(), names=names) as console:
            configure_logging(console, debug=debug)
            yield console
    finally:
        if log_file:
            target.close()


def run(main: Callable[[Stop], Coroutine[Any, Any, T]]) -> T:
    """Run ``main`` in a new event loop. SIGINT and SIGTERM ask it to stop; a second one, to stop at once.

    Ends the process with 1 where a port is taken, and with 130 where it was told twice to stop.
    """
    stop: Stop | None = None

    async def with_signals() -> T:
        nonlocal stop
        stop = Stop()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.request)
        try:
            return await main(stop)
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            outcome = runner.run(with_signals())
    except PortInUseError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        raise click.ClickException(f"The address cannot be used: {error.strerror}") from None
    if stop is not None and stop.forced.is_set():
        raise SystemExit(130)
    return outcome


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop
