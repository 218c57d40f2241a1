"""Servers under measurement: started as processes of their own, waited for, and stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


class ServerDidNotStartError(RuntimeError):
    """The server ended, or did not listen, within its time. The message carries what it printed last."""


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def serve(
    command: Sequence[str], port: int, log: Path, *, cwd: Path | None = None, timeout: float = 60.0
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; enter the block once it listens on ``port``.

    Raises ServerDidNotStartError.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ.copy(),
        )
        try:
            deadline = time.monotonic() + timeout
            while not _listens(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    tail = log.read_bytes()[-2000:].decode(errors="replace")
                    raise ServerDidNotStartError(f"{' '.join(command)} did not listen on {port}:\n{tail}")
                time.sleep(0.02)
            yield process
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, then SIGKILL to its process group after ten seconds."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
