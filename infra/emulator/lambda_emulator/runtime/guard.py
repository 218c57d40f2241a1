"""No process outlives its environment, and none outlives the runtime.

Killing a process group does not reach a child that made a session of its own (a daemon). But every descendant
inherits the environment's mark (``variables.OWNER_VARIABLE``), and /proc shows who carries it. (What both makes a
session of its own and clears its variables is found only while the process that started it lives.)

Run as a program (``python -I -S guard.py MARK FOLDER``), this module is the runtime's guard: it waits until its
standard input ends, which the kernel sees to however the runtime dies, then kills all that carry MARK and removes
FOLDER. It imports the standard library only and starts in some ten milliseconds.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_ROUNDS = 50
_PAUSE_SECONDS = 0.02


class Guard:
    """The guard process of one runtime. ``close`` lets it do its work and waits for it."""

    def __init__(self, mark: str, folder: Path) -> None:
        self._process = subprocess.Popen(
            (sys.executable, "-I", "-S", __file__, mark, str(folder)),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )

    def close(self) -> None:
        """End the guard; blocks until everything that carried the mark is gone."""
        self._process.communicate()


def kill_marked(mark: str) -> None:
    """SIGKILL to every process whose environment holds ``mark``, its descendants and their process groups.

    Searches again until a search finds none, for what was being started meanwhile.
    """
    for _ in range(_ROUNDS):
        running = dict(processes())
        doomed = {pid for pid in running if _carries(pid, mark.encode())}
        if not doomed:
            return
        groups = {running[pid][1] for pid in doomed}
        grown = True
        while grown:
            family = {pid for pid, (parent, group) in running.items() if parent in doomed or group in groups}
            grown = not family <= doomed
            doomed |= family
        for pid in doomed - {os.getpid()}:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_PAUSE_SECONDS)


def processes() -> Iterator[tuple[int, tuple[int, int]]]:
    """Every process that is not a zombie: its id, and those of its parent and its group."""
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                fields = (entry / "stat").read_bytes().rpartition(b")")[2].split()
                if fields[0] not in (b"Z", b"X"):
                    yield int(entry.name), (int(fields[1]), int(fields[2]))


def _carries(pid: int, mark: bytes) -> bool:
    with suppress(OSError):
        return mark in (_PROC / str(pid) / "environ").read_bytes()
    return False


def _main(mark: str, folder: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while os.read(0, 4096):
        pass
    kill_marked(mark)
    time.sleep(_PAUSE_SECONDS)  # a process that the runtime was starting as it died carries the mark only by now
    kill_marked(mark)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _main(*sys.argv[1:])
