"""Two ways to put load on a service: closed loop (workers in a row) and open loop (a fixed arrival rate)."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Protocol

from stellar_bench.latency import Summary, summarise


class Session(Protocol):
    """One client's connection to a service."""

    async def call(self, index: int) -> bool:
        """Make the ``index``-th request; True if its answer was right. May raise OSError."""

    async def close(self) -> None:
        """Hang up."""


PATIENCE = 20
"""Failures in a row after which a run is given up."""

Opener = Callable[[], Awaitable[Session]]
Progress = Callable[[int], None]


def _ignore(_: int) -> None:
    """No progress is shown."""


class ServiceGoneError(RuntimeError):
    """So many requests failed in a row that it makes no sense to go on."""


class _Recorder:
    """Latencies and failures of the run under way."""

    def __init__(self, progress: Progress) -> None:
        self.latencies: list[float] = []
        self.failures = 0
        self._failures_in_a_row = 0
        self._progress = progress

    async def call(self, session: Session, index: int, started: float) -> bool:
        """One request; its latency counts from ``started``. False if the connection is no longer of use."""
        try:
            good = await session.call(index)
        except (OSError, EOFError):
            self._failed()
            return False
        finally:
            self._progress(1)
        if good:
            self.latencies.append(perf_counter() - started)
            self._failures_in_a_row = 0
        else:
            self._failed()
        return True

    def _failed(self) -> None:
        self.failures += 1
        self._failures_in_a_row += 1
        if self._failures_in_a_row == PATIENCE:
            raise ServiceGoneError(f"{PATIENCE} requests in a row failed")


async def closed_loop(open_session: Opener, requests: int, concurrency: int, progress: Progress = _ignore) -> Summary:
    """``concurrency`` clients, each sending its next request when its last is answered. Raises ServiceGoneError."""
    recorder = _Recorder(progress)
    indices = iter(range(requests))
    sessions = [await open_session() for _ in range(min(concurrency, requests))]

    async def worker(slot: int) -> None:
        for index in indices:
            if not await recorder.call(sessions[slot], index, perf_counter()):
                sessions[slot] = await open_session()

    started = perf_counter()
    await asyncio.gather(*(worker(slot) for slot in range(len(sessions))))
    seconds = perf_counter() - started
    for session in sessions:
        await session.close()
    return summarise(recorder.latencies, recorder.failures, seconds)


async def open_loop(
    open_session: Opener, requests: int, rate: float, concurrency: int, progress: Progress = _ignore
) -> Summary:
    """``rate`` requests a second, whether or not the earlier ones are answered.

    A latency counts from the moment the request was *due*, so a service that stalls is charged for the queue that
    it caused (no coordinated omission). ``concurrency`` bounds the connections, not the arrivals.
    """
    recorder = _Recorder(progress)
    due: asyncio.Queue[tuple[int, float] | None] = asyncio.Queue()
    sessions = [await open_session() for _ in range(min(concurrency, requests))]

    async def worker(slot: int) -> None:
        while (job := await due.get()) is not None:
            index, moment = job
            if not await recorder.call(sessions[slot], index, moment):
                sessions[slot] = await open_session()

    workers = [asyncio.create_task(worker(slot)) for slot in range(len(sessions))]
    started = perf_counter()
    for index, moment in zip(range(requests), itertools.count(started, 1.0 / rate), strict=False):
        if (wait := moment - perf_counter()) > 0:
            await asyncio.sleep(wait)
        due.put_nowait((index, moment))
    for _ in workers:
        due.put_nowait(None)
    await asyncio.gather(*workers)
    seconds = perf_counter() - started
    for session in sessions:
        await session.close()
    return summarise(recorder.latencies, recorder.failures, seconds)
