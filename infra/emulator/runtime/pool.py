"""The environments of one function: reused, scaled, queued for, replaced and reaped."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections import deque
from pathlib import Path

from emulator.invocation import InvocationResult, TooManyRequestsError
from emulator.runtime import logs
from emulator.runtime.environment import Environment, State
from emulator.runtime.errors import InitFailure
from emulator.runtime.inflight import Inflight
from emulator.stack import Function

RESERVED_EXCEEDED = "ReservedFunctionConcurrentInvocationLimitExceeded"


class FunctionPool:
    """Runs the invocations of one function, one at a time in each environment.

    The environment that was used last is used next. Beyond ``limit`` environments invocations wait in the order of
    their coming; beyond the function's reserved concurrency they are refused.
    """

    def __init__(
        self,
        function: Function,
        *,
        limit: int,
        scratch: Path,
        owner: str,
        batch: logs.LogBatch,
        keep: int = 0,
        python: str = sys.executable,
    ) -> None:
        reserved = function.reserved_concurrency
        self.function = function
        self._limit = limit if reserved is None else min(limit, reserved)
        self._scratch_root = scratch
        self._owner = owner
        self._batch = batch
        self._keep = keep
        self._python = python
        self._members: set[Environment] = set()
        self._idle: list[Environment] = []
        self._queue: deque[Inflight] = deque()
        self._generation = 0
        self._slow_init = False
        self._closing = False

    @property
    def in_flight(self) -> int:
        """Invocations that are running or waiting."""
        busy = sum(1 for member in self._members if member.state is State.BUSY)
        return busy + len(self._queue)

    def submit(self, inflight: Inflight) -> None:
        """Run an invocation as soon as an environment is free. Raises TooManyRequestsError."""
        reserved = self.function.reserved_concurrency
        if reserved is not None and self.in_flight >= reserved:
            raise TooManyRequestsError(RESERVED_EXCEEDED)
        while self._idle:
            environment = self._idle.pop()
            if environment.alive:
                environment.deliver(inflight)
                return
        self._queue.append(inflight)
        self._scale()

    def warm(self) -> None:
        """Start an environment ahead of the first invocation."""
        self._start()

    def _scale(self) -> None:
        coming = sum(1 for member in self._members if member.state in (State.STARTING, State.RETURNING))
        room = self._limit - sum(1 for member in self._members if member.state is not State.ENDING)
        for _ in range(min(len(self._queue) - coming, room)):
            self._start(self._queue.popleft() if self._slow_init else None)

    def _start(self, first: Inflight | None = None) -> None:
        scratch = Path(tempfile.mkdtemp(dir=self._scratch_root))
        self._members.add(
            Environment(
                self.function,
                self,
                batch=self._batch,
                scratch=scratch,
                owner=self._owner,
                generation=self._generation,
                first=first,
                python=self._python,
            )
        )

    # What the environments say (EnvironmentEvents)

    def on_idle(self, environment: Environment) -> None:
        if self._queue:
            environment.deliver(self._queue.popleft())
        elif self._closing:
            environment.stop()
        else:
            self._idle.append(environment)

    def on_init_failed(self, environment: Environment, failure: InitFailure) -> None:
        while self._queue:
            inflight = self._queue.popleft()
            inflight.finish(InvocationResult(inflight.request_id, failure.payload(inflight.request_id), "Unhandled"))

    def on_init_timeout(self, environment: Environment) -> None:
        self._slow_init = True

    def on_ended(self, environment: Environment) -> None:
        self._members.discard(environment)
        if environment in self._idle:
            self._idle.remove(environment)
        self._scale()

    async def close(self) -> None:
        """End every environment."""
        self._closing = True
        for member in list(self._members):
            member.kill()
        while self._members:
            await asyncio.sleep(0.01)
        shutil.rmtree(self._scratch_root, ignore_errors=True)
