"""One execution environment: a runtime process, its Runtime API, its log, and the invocation that it works on.

Mirrors "Understanding the Lambda execution environment lifecycle" (AWS Lambda Developer Guide).
"""

from __future__ import annotations

import asyncio
import enum
import platform
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from emulator.invocation import LATEST, InvocationResult
from emulator.runtime import errors, logs, runtime_api
from emulator.runtime.errors import InitFailure
from emulator.runtime.inflight import Inflight
from emulator.runtime.memory import MemoryMeter
from emulator.runtime.process import FunctionProcess
from emulator.runtime.runtime_api import RuntimeConnection
from emulator.runtime.variables import function_variables
from emulator.stack import Function

INIT_SECONDS = 10.0  # limit of the init phase; "Lambda execution environment lifecycle"
STOP_GRACE_SECONDS = 0.3


class State(enum.Enum):
    """Where an environment is in its life.

    STARTING → IDLE: the process has loaded the function and asks for its first event.
    IDLE → BUSY: an event is delivered.
    BUSY → RETURNING: the answer is in and the caller has it; the runtime has yet to ask for the next event.
    RETURNING → IDLE: it asked.
    any → ENDING: it failed, ran out of time or memory, or is no longer wanted; the process is being ended.
    any → DEAD: the process is gone.
    """

    STARTING = enum.auto()
    IDLE = enum.auto()
    BUSY = enum.auto()
    RETURNING = enum.auto()
    ENDING = enum.auto()
    DEAD = enum.auto()


class EnvironmentEvents(Protocol):
    """What an environment tells the pool that it belongs to."""

    def on_idle(self, environment: Environment) -> None:
        """It can take an invocation now."""

    def on_init_failed(self, environment: Environment, failure: InitFailure) -> None:
        """The function could not be loaded. ``on_ended`` follows."""

    def on_init_timeout(self, environment: Environment) -> None:
        """The function was not loaded within the init phase's limit. ``on_ended`` follows."""

    def on_ended(self, environment: Environment) -> None:
        """Its process is gone."""


class Environment:
    """See the module. Made by a pool; everything runs on the event loop's thread.

    ``scratch`` is the folder that the function has for temporary files. It outlives the environment, as ``/tmp``
    outlives a reset of the process. ``first`` binds the start to one invocation: its time limit then covers the
    loading too (the second attempt after a start that took too long).
    """

    def __init__(
        self,
        function: Function,
        events: EnvironmentEvents,
        *,
        batch: logs.LogBatch,
        scratch: Path,
        owner: str,
        generation: int = 0,
        first: Inflight | None = None,
        python: str = sys.executable,
        host: Mapping[str, str] | None = None,
    ) -> None:
        self.function = function
        self.scratch = scratch
        self.generation = generation
        self.state = State.STARTING
        self.idle_since = 0.0
        self._events = events
        self._loop = asyncio.get_running_loop()
        self._log = logs.EnvironmentLog(batch)
        self._inflight = first
        self._connection: RuntimeConnection | None = None
        self._init_ms: float | None = None  # until the first invocation has reported it
        self._started = self._began = time.perf_counter()
        listener = runtime_api.listen()
        self._log.platform(logs.init_start_line(platform.python_version()))
        self._process = FunctionProcess(
            (python, "-m", "awslambdaric", function.handler),
            variables=function_variables(
                function, runtime_api=f"127.0.0.1:{listener.getsockname()[1]}", scratch=scratch, owner=owner
            ),
            directory=function.code_dir,
            on_exit=self._exited,
        )
        self._memory = MemoryMeter(self._process.pid)
        self._log.attach(self._process.output)
        self._serving = self._loop.create_task(runtime_api.serve(listener, self))
        limit = INIT_SECONDS if first is None else float(function.timeout_seconds)
        self._timer = self._loop.call_later(limit, self._out_of_time)
        if first is not None:
            self._log.start(logs.start_line(first.request_id, LATEST))

    # What the pool asks for

    @property
    def alive(self) -> bool:
        """Whether the process still runs, asked of the kernel."""
        return self._process.alive

    @property
    def pid(self) -> int:
        return self._process.pid

    def deliver(self, inflight: Inflight) -> None:
        """Give the waiting runtime its next event. Only while IDLE."""
        self._inflight = inflight
        self._began = time.perf_counter()
        self._log.start(logs.start_line(inflight.request_id, LATEST))
        self._timer = self._loop.call_later(self.function.timeout_seconds, self._out_of_time)
        self._send(inflight, self.function.timeout_seconds)

    def stop(self) -> None:
        """End an environment that is not busy: SIGTERM, then SIGKILL."""
        self._leave(State.ENDING)
        self._process.terminate(STOP_GRACE_SECONDS)

    def kill(self) -> None:
        """End the environment at once, whatever it does. An invocation in it fails as after a crash."""
        self._process.kill()

    # What the runtime says (RuntimeEvents)

    def on_next(self, connection: RuntimeConnection) -> bool:
        if self.state is State.STARTING:
            self._init_ms = (time.perf_counter() - self._started) * 1000
        elif self.state is not State.RETURNING:
            return False
        self._connection = connection
        if self._inflight is not None:
            elapsed = time.perf_counter() - self._began
            self._send(self._inflight, self.function.timeout_seconds - elapsed)
            return True
        self._timer.cancel()
        self.state = State.IDLE
        self.idle_since = self._loop.time()
        self._events.on_idle(self)
        return True

    def on_response(self, connection: RuntimeConnection, request_id: str, payload: bytes | None) -> bool:
        return self._answered(connection, request_id, payload, None)

    def on_error(self, connection: RuntimeConnection, request_id: str, payload: bytes | None) -> bool:
        return self._answered(connection, request_id, payload, "Unhandled")

    def on_init_error(self, payload: bytes, error_type: str) -> bool:
        if self.state is not State.STARTING:
            return False
        self._init_failed(InitFailure(reported=payload, error_type=error_type))
        return True

    def _answered(
        self, connection: RuntimeConnection, request_id: str, payload: bytes | None, function_error: str | None
    ) -> bool:
        inflight = self._inflight
        if self.state is not State.BUSY or inflight is None or inflight.request_id != request_id:
            return False
        if payload is None:
            connection.refuse_size()
            self._finish(errors.response_too_large(), "Unhandled")
        else:
            connection.accept()
            self._finish(payload, function_error)
        self.state = State.RETURNING
        return True

    # Inside

    def _send(self, inflight: Inflight, seconds_left: float) -> None:
        self.state = State.BUSY
        assert self._connection is not None
        deadline_ms = int((time.time() + seconds_left) * 1000)
        self._connection.send_event(inflight.event_head(deadline_ms), inflight.payload)

    def _finish(self, payload: bytes, function_error: str | None, status: str = "") -> None:
        """Close the invocation: its last lines of log, then the result to the caller."""
        inflight = self._inflight
        assert inflight is not None
        self._inflight = None
        self._timer.cancel()
        duration_ms = (time.perf_counter() - self._began) * 1000
        init_ms, self._init_ms = self._init_ms, None
        self._log.drain()
        self._log.platform(
            logs.end_lines(
                inflight.request_id,
                duration_ms=duration_ms,
                memory_size_mb=self.function.memory_mb,
                max_memory_mb=min(self._memory.peak_mb(), self.function.memory_mb),
                init_ms=init_ms,
                status=status,
            )
        )
        inflight.finish(
            InvocationResult(
                inflight.request_id, payload, function_error, self._log.tail(), duration_ms, init_ms, LATEST
            )
        )

    def _out_of_time(self) -> None:
        starting = self.state is State.STARTING
        self._leave(State.ENDING)
        self._process.kill()
        self._log.drain()
        if starting:
            phase = "init" if self._inflight is None else "invoke"
            elapsed_ms = (time.perf_counter() - self._started) * 1000
            self._log.platform(logs.init_report_line(elapsed_ms, phase, "timeout"))
        if self._inflight is None:
            self._events.on_init_timeout(self)
            return
        request_id, limit = self._inflight.request_id, self.function.timeout_seconds
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        self._log.platform(f"{stamp}Z {request_id} Task timed out after {limit:.2f} seconds\n\n".encode())
        self._finish(errors.timed_out(request_id, limit), "Unhandled", "timeout")

    def _init_failed(self, failure: InitFailure) -> None:
        self._leave(State.ENDING)
        self._log.drain()
        phase = "init" if self._inflight is None else "invoke"
        elapsed_ms = (time.perf_counter() - self._started) * 1000
        status = f"error\tError Type: {failure.error_type}"
        self._log.platform(logs.init_report_line(elapsed_ms, phase, status))
        if self._inflight is None:
            self._events.on_init_failed(self, failure)
        else:
            self._finish(failure.payload(self._inflight.request_id), "Unhandled", status)

    def _exited(self, returncode: int) -> None:
        state = self.state
        self._leave(State.DEAD)
        self._log.drain()
        if state is State.STARTING:
            self._init_failed(InitFailure(reported=None, returncode=returncode))
        elif self._inflight is not None:
            request_id = self._inflight.request_id
            reason = errors.exit_reason(returncode)
            self._log.platform(f"RequestId: {request_id} Error: {reason}\nRuntime.ExitError\n".encode())
            payload = errors.runtime_exited(request_id, returncode)
            self._finish(payload, "Unhandled", "error\tError Type: Runtime.ExitError")
        self.state = State.DEAD
        self._log.close()
        self._memory.close()
        self._serving.add_done_callback(lambda serving: serving.result().close())
        self._events.on_ended(self)

    def _leave(self, state: State) -> None:
        self._timer.cancel()
        self.state = state
