"""Brokers that run on after the command that started them: one small keeper process each, and a note of where it is.

The keeper holds the broker as any other parent would, so a keeper that is killed takes its broker along.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from stellar_local_stack.kafka.process import BrokerError
from stellar_local_stack.running import is_same, start_time

_COMMAND = "stellar_local_stack.kafka.cli"
_STOP_SECONDS = 20.0
_started: dict[int, subprocess.Popen[bytes]] = {}
"""Keepers that this very process started, which is thereby the one to reap them."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """A running keeper and its broker."""

    kind: str
    port: int
    pid: int
    started: float  # seconds; tells the process from a later one with the same id

    @property
    def running(self) -> bool:
        return is_same(self.pid, self.started)


def start(kind: str, port: int, ready_seconds: float = 120.0) -> Keeper:
    """Start a keeper with its broker and the project's topics, and wait until it is ready. Raises BrokerError."""
    log = _folder() / f"{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                _COMMAND,
                "start",
                "--foreground",
                "--kind",
                kind,
                "--port",
                str(port),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + ready_seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise BrokerError(log.read_text(errors="replace").strip().removeprefix("Error: "))
        if "Ready" in log.read_text(errors="replace"):
            _started[process.pid] = process
            keeper = Keeper(kind, port, process.pid, start_time(process.pid) or 0.0)
            _note(port).write_text(json.dumps(asdict(keeper)))
            return keeper
        time.sleep(0.05)
    process.kill()
    process.wait()
    raise BrokerError(f"The broker was not ready in {ready_seconds:.0f} s:\n{log.read_text(errors='replace')}")


def stop(keeper: Keeper) -> None:
    """End a keeper and its broker."""
    with suppress(ProcessLookupError):
        os.kill(keeper.pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while keeper.running and time.monotonic() < deadline:
        time.sleep(0.02)
    if keeper.running:
        os.kill(keeper.pid, signal.SIGKILL)
    if process := _started.pop(keeper.pid, None):
        process.wait()
    _note(keeper.port).unlink(missing_ok=True)


def keepers() -> Iterator[Keeper]:
    """Every keeper that runs; notes of those that do not are removed."""
    for note in sorted(_folder().glob("*.json")):
        try:
            keeper = Keeper(**json.loads(note.read_text()))
        except (ValueError, TypeError):
            note.unlink(missing_ok=True)
            continue
        if keeper.running:
            yield keeper
        else:
            note.unlink(missing_ok=True)


def _folder() -> Path:
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"stellar-kafka.{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _note(port: int) -> Path:
    return _folder() / f"{port}.json"
