"""The environments of one function: reused, scaled, queued for, replaced, reaped, and swapped for new code."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from lambda_emulator.dependencies import DependencyError, Homes
from lambda_emulator.invocation import InvocationResult, ServiceClosedError
from lambda_emulator.runtime.environment import Environment
from lambda_emulator.runtime.errors import RuntimeFailure, error_payload
from lambda_emulator.runtime.growth import CoreDemand
from lambda_emulator.runtime.guard import kill_marked
from lambda_emulator.runtime.inflight import Inflight
from lambda_emulator.runtime.lifecycle import State
from lambda_emulator.runtime.logs import LogBatch
from lambda_emulator.runtime.reload import forget_compiled
from lambda_emulator.runtime.variables import OWNER_VARIABLE
from lambda_emulator.stack import Function

RETRY_SECONDS = 10.0


class FunctionPool:
    """Runs the invocations of one function, one at a time in each environment.

    The environment that was used last is used next. Where all are busy a new one is started, up to ``limit``;
    beyond that, invocations wait in the order of their coming, and only in place of environments that wait themselves
    are more started, up to ``most``. ``keep`` environments are never reaped.

    What the function lists and is not installed yet is installed before the first start; invocations wait meanwhile.

    A start costs an invocation: environments are started for waiting invocations and after an edit, never merely
    because one died. So code that crashes cannot make processes start in a loop.
    """

    def __init__(
        self,
        function: Function,
        *,
        limit: int,
        most: int,
        keep: int,
        scratch: Path,
        owner: str,
        batch: LogBatch,
        homes: Homes,
    ) -> None:
        reserved = function.reserved_concurrency
        self.function = function
        self._limit, self._most = (limit, most) if reserved is None else (min(limit, reserved), min(most, reserved))
        self._demand = CoreDemand()
        self._extra = 0  # environments beyond the limit, in place of those that wait
        self._keep = min(keep, self._limit)
        self._scratch = scratch
        self._marks = (f"{owner}{function.logical_id}.{number}." for number in itertools.count())
        self._batch = batch
        self._homes = homes
        self._preparing: asyncio.Task[None] | None = None  # what is to be installed before any start
        self._starts_due = 0  # put off until then
        self._members: set[Environment] = set()
        self._idle: list[Environment] = []
        self._queue: deque[Inflight] = deque()
        self._left_scratch: list[Path] = []  # of crashed environments; the next one goes on with it
        self._generation = 0  # of the code: grows with every edit
        self._serving = 0  # newest generation that has become ready
        self._tried_again = 0  # newest generation that was started once more after a kill
        self._retry_at = 0.0  # no start before, by the loop's clock: the last one failed while others serve on
        self._slow_init = False  # an init phase took too long: the next invocation loads within its own time
        self._closing = False
        self._changed = asyncio.Event()  # set at every step of closing

    @property
    def in_flight(self) -> int:
        """Invocations that are running or waiting."""
        return sum(member.occupied for member in self._members) + len(self._queue)

    def active(self) -> Iterator[Environment]:
        """The environments that are loading or working."""
        return (member for member in self._members if member.state in (State.STARTING, State.BUSY))

    @property
    def unused(self) -> bool:
        """Whether nothing would be lost with the pool: no process, no invocation, nothing learned about the code."""
        return not self._members and not self._queue and not self._slow_init

    def submit(self, inflight: Inflight) -> None:
        """Run an invocation as soon as an environment is free."""
        if not self._take_idle(inflight):
            self._queue.append(inflight)
            self._scale()

    def _take_idle(self, inflight: Inflight) -> bool:
        while self._idle:
            environment = self._idle.pop()
            if environment.alive:
                environment.deliver(inflight)
                return True
        return False

    def warm(self) -> None:
        """Start the environments that are to be kept ahead of the first invocation."""
        for _ in range(self._keep - len(self._members)):
            self._start()

    def grow(self) -> None:
        """End stuck processes; start environments for invocations that wait in place of those that only wait."""
        for member in list(self._members):
            member.kill_if_stuck()
        of_interest = self._members if self._queue or self._extra else ()  # and samples of long ago are forgotten
        waiting = self._demand.waiting(member.pid for member in of_interest if member.state is State.BUSY)
        self._extra = min(waiting, self._most - self._limit)
        self._scale()

    def reap(self, idle_since: float, extra_idle_since: float) -> None:
        """End the environments that have been idle since that time of the event loop's clock.

        Those beyond the limit go earlier: ``extra_idle_since``.
        """
        left = len(self._members)
        for environment in list(self._idle):  # the longest idle comes first
            since = max(idle_since, extra_idle_since) if left > self._limit else idle_since
            if left > self._keep and environment.idle_since <= since:
                left -= 1
                self._idle.remove(environment)
                environment.stop()

    def reload(self, changed: Iterable[Path]) -> None:
        """Start environments with the edited code; they take over as soon as the first of them is ready."""
        self._generation += 1
        self._slow_init = False
        self._retry_at = 0.0
        wanted = 0
        for member in list(self._members):
            if member.state is State.STARTING and not member.occupied:
                member.kill()  # it may have loaded half of the old code
                wanted += 1
            elif member.state in (State.IDLE, State.BUSY, State.RETURNING):
                wanted += 1
        forget_compiled(changed)
        for _ in range(min(wanted, self._limit)):
            self._start()

    def _scale(self) -> None:
        if self._closing or self._preparing or (self._ready() and asyncio.get_running_loop().time() < self._retry_at):
            return
        coming = sum(member.coming for member in self._members)
        counted = sum(1 for member in self._members if member.state is not State.ENDING and not member.late)
        room = self._limit + self._extra - counted
        for _ in range(min(len(self._queue) - coming, room)):
            first, self._slow_init = self._queue.popleft() if self._slow_init else None, False
            self._start(first)

    def _ready(self) -> list[Environment]:
        return [member for member in self._members if member.state in (State.IDLE, State.BUSY, State.RETURNING)]

    async def prepared(self) -> None:
        """Install what the function lists, if it is not installed yet. What fails is logged."""
        if self._homes.ready(self.function) is None:
            self._prepare()
            while self._preparing:
                self._changed.clear()
                await self._changed.wait()

    def _prepare(self) -> None:
        """Begin to install what is missing, unless that goes on already."""
        if self._preparing is None:
            self._preparing = asyncio.create_task(self._install())

    async def _install(self) -> None:
        failure: DependencyError | OSError | None = None
        try:
            await self._homes.prepare(self.function)
        except (DependencyError, OSError) as error:
            failure = error
        finally:
            self._preparing = None
            due, self._starts_due = self._starts_due, 0
            self._changed.set()
        if failure is not None:
            self._cannot_start(str(failure), None, "Runtime.InvalidDependencies")
            return
        for _ in range(due):
            self._start()
        self._scale()

    def _start(self, first: Inflight | None = None) -> None:
        home = self._homes.ready(self.function)
        if home is None:
            if first is None:
                self._starts_due += not self._queue
            else:
                self._queue.appendleft(first)
            self._prepare()
            return
        scratch = self._left_scratch.pop() if self._left_scratch else Path(tempfile.mkdtemp(dir=self._scratch))
        try:
            environment = Environment(
                self.function,
                self,
                batch=self._batch,
                home=home,
                scratch=scratch,
                mark=next(self._marks),
                generation=self._generation,
                first=first,
            )
        except OSError as error:
            self._left_scratch.append(scratch)
            message = f"the process of {self.function.name} cannot be started: {error}"
            self._cannot_start(message, first, "Runtime.InvalidEntrypoint")
        else:
            self._members.add(environment)

    def _cannot_start(self, message: str, first: Inflight | None, error_type: str) -> None:
        self._batch.add(f"{message}\n".encode())
        if first is None and self._serves_on():
            return
        doomed = [first] if first is not None else list(self._queue)
        if first is None:
            self._queue.clear()
        for inflight in doomed:
            payload = error_payload(error_type, f"RequestId: {inflight.request_id} Error: {message}")
            inflight.finish(InvocationResult(inflight.request_id, payload, "Unhandled"))

    # What the environments say (EnvironmentEvents)

    def on_idle(self, environment: Environment) -> None:
        if environment.generation < self._serving:
            environment.stop()
            return
        if environment.generation > self._serving:
            self._serving = environment.generation
            for old in [member for member in self._idle if member.generation < self._serving]:
                self._idle.remove(old)
                old.stop()
        if not self._queue:
            self._idle.append(environment)
            self._changed.set()
        elif environment.alive:
            environment.deliver(self._queue.popleft())

    def on_untaken(self, environment: Environment, inflight: Inflight) -> None:
        if not self._take_idle(inflight):
            self._queue.appendleft(inflight)
            self._scale()

    def on_init_failed(self, environment: Environment, failure: RuntimeFailure) -> None:
        if environment.generation < self._generation:
            return
        if failure.killed and self._tried_again < environment.generation and not self._queue:
            self._tried_again = environment.generation  # the edit may be sound: it was not its error that ended it
            self._start()
            return
        if failure.killed and self._queue:
            self._start(self._queue.popleft())  # not the code's own error, maybe: Lambda loads once more
            return
        if self._serves_on():
            if environment.generation > self._serving:
                notice = f"{self.function.name}: the edited code cannot be loaded, the code before it serves on\n"
                self._batch.add(notice.encode())
            return
        while self._queue:  # each of them would meet the same error after a start of its own
            environment.refuse(self._queue.popleft(), failure)

    def _serves_on(self) -> bool:
        """After a failed start: whether there are environments to go on with. If so, starting pauses.

        The code may be half written at this moment. Lambda, with an environment for each invocation, would fail one.
        """
        self._retry_at = asyncio.get_running_loop().time() + RETRY_SECONDS
        return bool(self._ready())

    def on_init_timeout(self, environment: Environment) -> None:
        if self._queue:
            self._start(self._queue.popleft())
        else:
            self._slow_init = True

    def on_ended(self, environment: Environment) -> None:
        self._members.discard(environment)
        if environment in self._idle:
            self._idle.remove(environment)
        self._changed.set()
        if self._closing:
            return
        if environment.wanted:
            self._left_scratch.append(environment.scratch)
        else:
            self._in_background(shutil.rmtree, environment.scratch, True)
        self._in_background(kill_marked, f"{OWNER_VARIABLE}={environment.mark}")
        self._scale()
        if environment.wanted and environment.has_worked:
            self.warm()

    @staticmethod
    def _in_background(work: Callable[..., object], *arguments: object) -> None:
        asyncio.get_running_loop().run_in_executor(None, work, *arguments)

    async def drain(self) -> None:
        """Wait until nothing runs and nothing waits."""
        while self.in_flight:
            self._changed.clear()
            await self._changed.wait()

    async def close(self) -> None:
        """End every environment. Invocations that still wait get ServiceClosedError, those that run are killed."""
        self._closing = True
        if preparing := self._preparing:
            preparing.cancel()
            await asyncio.wait([preparing])
        while self._queue:
            self._queue.popleft().refuse(ServiceClosedError("the runtime was shut down"))
        for member in list(self._members):
            if member.state in (State.IDLE, State.RETURNING):
                member.stop()
            else:
                member.kill()
        while self._members:
            self._changed.clear()
            await self._changed.wait()

    def discard(self) -> None:
        """Remove what an unused pool has left on disk."""
        for scratch in self._left_scratch:
            self._in_background(shutil.rmtree, scratch, True)
