"""Processor time and memory of the processes behind a port, while a benchmark runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import TracebackType

import psutil

INTERVAL = 0.2  # seconds between samples


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process and all below it used: ``cpu`` in cores (1.0 is one core kept busy), peak resident MiB."""

    cpu: float
    peak_mib: float


def listener(port: int) -> psutil.Process | None:
    """The process that listens on a port, or None where there is none or the system hides it."""
    for connection in psutil.net_connections("tcp"):
        address = connection.laddr
        if connection.status == psutil.CONN_LISTEN and connection.pid and address and address.port == port:
            return psutil.Process(connection.pid)
    return None


def _family(root: psutil.Process) -> list[psutil.Process]:
    return [root, *root.children(recursive=True)]


class Meter:
    """Samples a process and its descendants between ``async with`` and its end; then ``usage`` is known.

    Descendants that end in between are counted up to their last sample.
    """

    def __init__(self, root: psutil.Process) -> None:
        self._root = root
        self._first: dict[int, float] = {}
        self._last: dict[int, float] = {}
        self._peak = 0
        self._seconds = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def usage(self) -> Usage:
        spent = sum(last - self._first[pid] for pid, last in self._last.items())
        return Usage(cpu=spent / self._seconds if self._seconds else 0.0, peak_mib=self._peak / 2**20)

    async def __aenter__(self) -> Meter:
        self._started = asyncio.get_running_loop().time()
        self._sample()
        self._task = asyncio.create_task(self._keep_sampling())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        self._sample()
        self._seconds = asyncio.get_running_loop().time() - self._started

    async def _keep_sampling(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            self._sample()

    def _sample(self) -> None:
        resident = 0
        try:
            family = _family(self._root)
        except psutil.NoSuchProcess:
            return
        for process in family:
            try:
                times = process.cpu_times()
                resident += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
            self._last[process.pid] = times.user + times.system
            self._first.setdefault(process.pid, self._last[process.pid])
        self._peak = max(self._peak, resident)
