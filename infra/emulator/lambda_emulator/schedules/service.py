"""Runs the schedules of a stack: waits until one is due, and delivers its event beside the waiting."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from lambda_emulator.event_source.batches.backoff import Backoff
from lambda_emulator.schedules.delivery import Caller, Delivered, deliver
from lambda_emulator.schedules.expression import Timing, timing_of
from lambda_emulator.stack import Schedule, Stack

_LOG = logging.getLogger(__name__)
_INSTANT = timedelta(microseconds=1)
_LATE = timedelta(minutes=1)  # the precision that AWS promises
_POLL_SECONDS = 30.0  # how long a sleep may be before the clock is read again: it may have been set


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a schedule: when it was due, and what came of its delivery (None: given up)."""

    schedule: Schedule
    due: datetime
    delivered: Delivered | None


class ScheduleService:
    """An async context manager: schedules run from entry to exit.

    ``on_run`` is told of every run. ``clock`` gives the time in UTC, and ``sleep`` lets it pass.
    """

    def __init__(
        self,
        stack: Stack,
        caller: Caller,
        *,
        on_run: Callable[[Run], None] = lambda _: None,
        clock: Callable[[], datetime] = now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        backoff: Backoff | None = None,
        grace_seconds: float = 10.0,
    ) -> None:
        self._stack = stack
        self._caller = caller
        self._on_run = on_run
        self._clock = clock
        self._sleep = sleep
        self._backoff = backoff or Backoff(1.0, 300.0)
        self._grace = grace_seconds
        self._started = clock()
        self._timings = [(schedule, timing_of(schedule, self._started)) for schedule in stack.schedules]
        self._waiting: set[asyncio.Task[None]] = set()
        self._delivering: set[asyncio.Task[Run]] = set()

    def upcoming(self) -> Iterable[tuple[Schedule, datetime | None]]:
        """Every schedule, with its next run; None where it is disabled or past."""
        for schedule, timing in self._timings:
            yield schedule, timing.after(self._started - _INSTANT) if schedule.enabled else None

    async def __aenter__(self) -> Self:
        for schedule, timing in self._timings:
            if schedule.enabled:
                self._waiting.add(asyncio.create_task(self._follow(schedule, timing)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Start no other run, and let deliveries on their way end within the grace."""
        await _cancel(self._waiting)
        if self._delivering:
            await asyncio.wait(self._delivering, timeout=self._grace)
        if lost := len(self._delivering):
            _LOG.warning("%d scheduled events are lost: the Lambda API has not accepted them", lost)
        await _cancel(self._delivering)

    async def fire(self, schedule: Schedule, due: datetime | None = None) -> Run:
        """Run a schedule now, whatever its expression says."""
        due = (due or self._clock()).replace(microsecond=0)
        function = self._stack.functions[schedule.function]
        name = f"{function.name}:{schedule.qualifier}" if schedule.qualifier else function.name
        run = Run(schedule, due, await deliver(schedule, name, due, self._caller, self._backoff))
        self._on_run(run)
        return run

    async def _follow(self, schedule: Schedule, timing: Timing) -> None:
        seen = self._started - _INSTANT
        while (due := timing.after(seen)) is not None:
            while (left := (due - self._clock()).total_seconds()) > 0:
                await self._sleep(min(left, _POLL_SECONDS))
            task = asyncio.create_task(self.fire(schedule, due))
            self._delivering.add(task)
            task.add_done_callback(self._delivered)
            late = self._clock()
            if late - due > _LATE:
                _LOG.warning(
                    "%s: due at %s, and run late; what was due until now is left out", schedule.logical_id, due
                )
            seen = due if late - due <= _LATE else late

    def _delivered(self, task: asyncio.Task[Run]) -> None:
        self._delivering.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _LOG.error("A scheduled event broke off", exc_info=error)


async def _cancel(tasks: set[asyncio.Task[Any]]) -> None:
    for task in list(tasks):
        task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
