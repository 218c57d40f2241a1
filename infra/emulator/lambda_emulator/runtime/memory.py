"""How much memory an environment uses, and the end of those that use more than their function has.

Lambda limits the memory of the whole environment, the function's child processes included, and counts what cannot
be given back: anonymous and shared memory, not the pages of mapped files (shared libraries). There is no such limit
to be set on Linux without privileges, so it is watched: every 50 ms while an invocation runs, and at its end.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from lambda_emulator.runtime.guard import processes

WATCH_SECONDS = 0.05
_CHILDREN_EVERY = 5  # samples; finding an environment's other processes means reading all of /proc
_FRESH_SECONDS = 0.01  # spares a function that is called a thousand times a second most of the readings
_STATUS_BYTES = 8192
_SIGKILL_PENDING = 1 << (signal.SIGKILL - 1)


class MemoryMeter:
    """Reads the memory of one process. The file stays open, so a reading costs one system call."""

    def __init__(self, pid: int) -> None:
        self._file = -1
        self._peak_kib = 0
        self._peak_read_at = 0.0
        with suppress(OSError):
            self._file = os.open(f"/proc/{pid}/status", os.O_RDONLY)

    def peak_kib(self) -> int:
        """The most that the process has had resident so far, as of a moment ago; 0 where it cannot be told."""
        now = time.monotonic()
        if now - self._peak_read_at > _FRESH_SECONDS:
            self._peak_read_at = now
            self._peak_kib = max(self._peak_kib, _field(self._status(), b"VmHWM:"))
        return self._peak_kib

    def held_kib(self) -> int:
        """What the process holds now and cannot give back."""
        status = self._status()
        return _field(status, b"RssAnon:") + _field(status, b"RssShmem:")

    def peak_held_kib(self) -> int:
        """The most that the process can have held so far, the pages of files aside."""
        status = self._status()
        return _field(status, b"VmHWM:") - _field(status, b"RssFile:")

    def is_stopped(self) -> bool:
        """Whether a signal has stopped the process (state T). One that a debugger holds (t) is not meant."""
        return b"\nState:\tT" in self._status()

    def is_sleeping(self) -> bool:
        """Whether the process waits for something that may take for ever (state S): neither a core nor a disk."""
        return b"\nState:\tS" in self._status()

    def is_dying(self) -> bool:
        """Whether a SIGKILL has been sent that the process has not died of yet.

        Its own mark of the signal is gone as soon as it begins to exit; the group's stays until it is a zombie,
        which it may be long in becoming where there is much memory to give back.
        """
        status = self._status()
        return any(_signals(status, name) & _SIGKILL_PENDING for name in (b"SigPnd:", b"ShdPnd:"))

    def _status(self) -> bytes:
        with suppress(OSError):
            return os.pread(self._file, _STATUS_BYTES, 0)
        return b""

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class Measured(Protocol):
    """An environment, as far as its memory is concerned."""

    memory: MemoryMeter

    @property
    def pid(self) -> int: ...
    @property
    def memory_limit_kib(self) -> int: ...
    def out_of_memory(self) -> None:
        """End it: it holds more than its function may."""


async def watch_memory(active: Callable[[], Iterable[Measured]]) -> None:
    """End every active environment that goes beyond its limit, for ever."""
    sample = 0
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        sample += 1
        environments = list(active())
        children = _children_of_groups() if environments and sample % _CHILDREN_EVERY == 0 else {}
        for environment in environments:
            held = environment.memory.held_kib()
            others = children.get(environment.pid, ())
            if others and held + sum(map(_held_kib, others)) > environment.memory_limit_kib:
                held = sum(map(_proportional_kib, (environment.pid, *others)))
            if held > environment.memory_limit_kib:
                environment.out_of_memory()


def _children_of_groups() -> dict[int, list[int]]:
    """The processes of each process group, its leader left out."""
    groups: dict[int, list[int]] = defaultdict(list)
    for pid, (_, group) in processes():
        if pid != group:
            groups[group].append(pid)
    return groups


def _held_kib(pid: int) -> int:
    meter = MemoryMeter(pid)
    try:
        return meter.held_kib()
    finally:
        meter.close()


def _proportional_kib(pid: int) -> int:
    """As ``held_kib``, with the pages that forked processes share counted once over all of them."""
    with suppress(OSError):
        rollup = Path("/proc", str(pid), "smaps_rollup").read_bytes()
        return _field(rollup, b"Pss_Anon:") + _field(rollup, b"Pss_Shmem:")
    return 0


def _field(status: bytes, name: bytes) -> int:
    start = status.find(name)
    return 0 if start < 0 else int(status[start + len(name) : status.index(b"kB", start)])


def _signals(status: bytes, name: bytes) -> int:
    start = status.find(name)
    return 0 if start < 0 else int(status[start + len(name) : status.index(b"\n", start)], 16)
