"""One execution environment: a runtime process, its Runtime API, and the invocation that it works on.

Mirrors "Understanding the Lambda execution environment lifecycle" (AWS Lambda Developer Guide). Everything here runs
on the event loop's thread.
"""

from __future__ import annotations

import asyncio
import math
import time
from pathlib import Path
from typing import Literal

from lambda_emulator.dependencies import Home
from lambda_emulator.runtime import errors, logs
from lambda_emulator.runtime.command import runtime_command
from lambda_emulator.runtime.errors import RuntimeFailure
from lambda_emulator.runtime.extensions import Extensions, Telemetry, extension_files
from lambda_emulator.runtime.growth import COMPUTING, SAMPLE_SECONDS, wanted_seconds
from lambda_emulator.runtime.inflight import Inflight
from lambda_emulator.runtime.lifecycle import LATE_SECONDS, RETURN_SECONDS, EnvironmentEvents, State
from lambda_emulator.runtime.memory import MemoryMeter
from lambda_emulator.runtime.process import FunctionProcess
from lambda_emulator.runtime.record import Record
from lambda_emulator.runtime.runtime_api import RuntimeApi, RuntimeConnection
from lambda_emulator.runtime.stuck import StuckWatch
from lambda_emulator.runtime.variables import function_variables
from lambda_emulator.stack import Function

INIT_SECONDS = 10.0  # limit of the init phase; "Lambda execution environment lifecycle"
STOP_GRACE_SECONDS = 0.3  # for a SIGTERM handler; Lambda gives none to functions without extensions


class Environment:
    """Starts its process when made. Raises OSError if the process cannot be started.

    ``home`` is what the process starts from, ``scratch`` the folder for the function's temporary files. ``mark`` tells
    the environment's processes from all others. ``first`` binds the start to one invocation, whose time limit then
    covers the loading too: Lambda's second attempt after an init phase that took too long or was killed.
    """

    def __init__(
        self,
        function: Function,
        events: EnvironmentEvents,
        *,
        batch: logs.LogBatch,
        home: Home,
        scratch: Path,
        mark: str,
        generation: int = 0,
        first: Inflight | None = None,
    ) -> None:
        self.function = function
        self.scratch = scratch
        self.mark = mark
        self.generation = generation
        self.state = State.STARTING
        self.wanted = True  # False once it was ended on purpose
        self.has_worked = False
        self.idle_since = 0.0
        self._events = events
        self._loop = asyncio.get_running_loop()
        self._inflight = first
        self._connection: RuntimeConnection | None = None
        self._out_of_memory = False
        self._answered_at = 0.0
        self._returning_wanted = math.nan  # seconds on a core, when it was last asked
        self._api = RuntimeApi(self, lambda: (self.pid, *self._extensions.pids))
        extensions = extension_files(function)
        telemetry = Telemetry(kept=bool(extensions))
        self._record = Record(function, batch, home.version, telemetry)
        self._extensions = Extensions(
            function, extensions, batch, telemetry, on_ready=self._all_ready, on_failed=self._extension_failed
        )
        self._telemetry = telemetry
        self._awaits_extensions = False  # the runtime waits for an event, and they are not done with the last one
        self._ending: Literal["spindown", "timeout", "failure"] = "failure"
        self._extension_failure = ("", "")  # error type and reason, once an extension has failed
        variables = function_variables(function, runtime_api=self._api.address, scratch=scratch, mark=mark, home=home)
        try:
            self._process = FunctionProcess(
                runtime_command(function, home.python),
                variables=variables,
                directory=function.code_dir,
                on_exit=self._exited,
            )
        except OSError:
            self._api.close()
            raise
        self._extensions.start(variables)
        self.memory = MemoryMeter(self._process.pid)
        self._watch = StuckWatch(self._process.pid, self.memory, self._unread_bytes)
        self._record.log.attach(self._process.output)
        if first is not None:
            self._record.begin(first)
        limit = INIT_SECONDS if first is None and not function.debugged else function.timeout_seconds
        self._timer = self._loop.call_later(limit, self._out_of_time)

    # What the pool sees and asks for

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs, asked of the kernel: it knows before the event loop hears of it."""
        if self._connection is not None and self._connection.closed:
            return False
        return self._process.alive and not self.memory.is_dying() and not self.memory.is_stopped()

    @property
    def occupied(self) -> bool:
        """Whether an invocation is in it."""
        return self._inflight is not None

    @property
    def coming(self) -> bool:
        """Whether it will be idle soon, if nothing fails."""
        return self._inflight is None and self.state in (State.STARTING, State.RETURNING) and not self.late

    @property
    def late(self) -> bool:
        """Whether it has answered, and has long not asked for the next event."""
        if self.function.debugged:
            return False
        return self.state is State.RETURNING and self._loop.time() - self._answered_at > LATE_SECONDS

    @property
    def memory_limit_kib(self) -> int:
        """A limit beyond every machine's memory where the function has none."""
        return self.function.memory_mb * 1024 if self.function.limits_memory else 1 << 40

    def deliver(self, inflight: Inflight) -> None:
        """Give the waiting runtime its next event. Only while IDLE."""
        self._inflight = inflight
        self._record.begin(inflight)
        self._timer = self._loop.call_later(self.function.timeout_seconds, self._out_of_time)
        self._send(inflight, self.function.timeout_seconds)

    def refuse(self, inflight: Inflight, failure: RuntimeFailure) -> None:
        """Answer an invocation that waited for this environment, which never became ready."""
        self._record.refuse(inflight, failure)

    def stop(self) -> None:
        """End an environment that has no invocation: SIGTERM, then SIGKILL."""
        self.wanted = False
        self._ending = "spindown"
        self._leave(State.ENDING)
        self._process.terminate(STOP_GRACE_SECONDS)

    def kill(self) -> None:
        """End it at once, whatever it does. An invocation in it is answered as after a crash."""
        self.wanted = False
        self._ending = "spindown"
        if self._inflight is None:
            self._leave(State.ENDING)
        self._process.kill()

    def kill_if_stuck(self) -> None:
        """End a process that answers nobody, unless a debugger may hold it. To be called often."""
        if self.function.debugged:
            return
        wrong = self._watch.check(self._loop.time())
        if wrong is None or self.state in (State.ENDING, State.DEAD):
            return
        self._record.notice(f"{self.function.name}: process {self.pid} {wrong}; it is killed")
        if self.state is State.BUSY and self._unread_bytes():
            inflight = self._close_invocation(State.ENDING)
            assert inflight is not None
            self._events.on_untaken(self, inflight)
        self._process.kill()

    def out_of_memory(self) -> None:
        """End it because it holds more memory than its function may."""
        self._out_of_memory = True
        self._record.memory(self.memory_limit_kib)
        self._process.kill()

    # What the runtime says (RuntimeEvents)

    def on_next(self, connection: RuntimeConnection) -> bool:
        if self.state is State.STARTING:
            self._record.ready()
            self._record.memory(self.memory.peak_kib())
        elif self.state is not State.RETURNING:
            return False
        self._connection = connection
        if self._extensions.ready:
            self._take_next()
            return True
        self._awaits_extensions = True
        if self.state is State.RETURNING:
            self._timer.cancel()
            left = max(LATE_SECONDS, self._record.seconds_left())
            self._timer = self._loop.call_later(left, self._extensions_out_of_time)
        return True

    def on_extension_call(self, connection: RuntimeConnection, head: bytes, body: bytes) -> bytes | None:
        return self._extensions.called(connection, head, body)

    def on_response(self, connection: RuntimeConnection, request_id: str, payload: bytes | None) -> bool:
        return self._answered(connection, request_id, payload, None)

    def on_error(self, connection: RuntimeConnection, request_id: str, payload: bytes | None) -> bool:
        return self._answered(connection, request_id, payload, "Unhandled")

    def on_init_error(self, payload: bytes, error_type: str) -> bool:
        if self.state is not State.STARTING:
            return False
        self._record.memory(self.memory.peak_kib())
        self._init_failed(RuntimeFailure(error_type, reported=payload))
        self._process.terminate(STOP_GRACE_SECONDS)  # it exits by itself, unless a thread of the function holds it
        return True

    def on_lost(self, connection: RuntimeConnection) -> None:
        if self.state is State.IDLE:  # most often its process is on the way to its end
            self._loop.call_later(LATE_SECONDS, self._left_alone, connection)

    def _answered(
        self, connection: RuntimeConnection, request_id: str, payload: bytes | None, function_error: str | None
    ) -> bool:
        inflight = self._inflight
        if self.state is not State.BUSY or inflight is None or inflight.request_id != request_id:
            return False
        # The caller comes first: it runs on before the runtime is told that it may go on.
        self._loop.call_soon(connection.accept if payload is not None else connection.refuse_size)
        peak_kib = self.memory.peak_kib()
        self._record.memory(peak_kib)
        if peak_kib > self.memory_limit_kib and self.memory.peak_held_kib() > self.memory_limit_kib:
            self.out_of_memory()  # it went beyond its limit between two samples of the memory watch
            return True
        self._close_invocation(State.RETURNING)
        self._answered_at = self._loop.time()
        self._timer = self._loop.call_later(RETURN_SECONDS, self._has_not_returned)
        if payload is None:
            self._record.finish(inflight, errors.response_too_large(), "Unhandled")
        else:
            self._record.finish(inflight, payload, function_error)
        return True

    # What the extensions say

    def _all_ready(self) -> None:
        if self._awaits_extensions and self.state in (State.STARTING, State.RETURNING):
            self._awaits_extensions = False
            self._take_next()

    def _extension_failed(self, error_type: str, text: str) -> None:
        self._record.notice(f"{self.function.name}: {text}; the environment is ended")
        self._extension_failure = error_type, text
        self._process.kill()

    def _extensions_out_of_time(self) -> None:
        self._record.notice(f"{self.function.name}: an extension has not asked for its next event in time")
        self._ending = "timeout"
        self._leave(State.ENDING)
        self._process.kill()

    # Inside

    def _take_next(self) -> None:
        """The runtime waits, and so do the extensions: give the event that is there, or be idle."""
        self._telemetry.initialised()
        if self._inflight is not None:
            self._send(self._inflight, self._record.seconds_left())
            return
        self._timer.cancel()
        self.state = State.IDLE
        self.idle_since = self._loop.time()
        self._events.on_idle(self)

    def _send(self, inflight: Inflight, seconds_left: float) -> None:
        assert self._connection is not None
        self.state = State.BUSY
        deadline_ms = int((time.time() + seconds_left) * 1000)
        self._watch.event_sent()
        self._extensions.invoke(inflight, deadline_ms)
        self._connection.send_event(inflight.event_head(deadline_ms), inflight.payload)

    def _out_of_time(self) -> None:
        self._record.memory(self.memory.peak_kib())
        self._ending = "timeout"
        self._process.kill()
        if self.state is State.STARTING:
            self._record.init_ended(self._phase, "timeout")
        inflight = self._close_invocation(State.ENDING)
        if inflight is None:
            self._events.on_init_timeout(self)
        else:
            self._record.finish_timed_out(inflight)

    def _left_alone(self, connection: RuntimeConnection) -> None:
        if self.state is State.IDLE and connection is self._connection:
            self._record.notice(f"{self.function.name}: process {self.pid} closed its connection; it is killed")
            self._process.kill()

    def _has_not_returned(self) -> None:
        """Kill it, unless it computes: then check again."""
        wanted, before = wanted_seconds(self.pid), self._returning_wanted
        self._returning_wanted = wanted
        if self.function.debugged or not wanted - before < COMPUTING * SAMPLE_SECONDS:
            self._timer = self._loop.call_later(SAMPLE_SECONDS, self._has_not_returned)
            return
        text = f"{self.function.name}: process {self.pid} answered, and asked for no event in {RETURN_SECONDS:g} s"
        self._record.notice(f"{text}; it is killed")
        self._leave(State.ENDING)
        self._process.kill()

    def _unread_bytes(self) -> int:
        return self._connection.unread_bytes() if self._connection is not None else 0

    def _init_failed(self, failure: RuntimeFailure) -> None:
        self._record.init_ended(self._phase, "error", failure.error_type)
        inflight = self._close_invocation(State.ENDING)
        if inflight is None:
            self._events.on_init_failed(self, failure)
        else:
            self._record.finish_failed(inflight, failure)

    @property
    def _phase(self) -> str:
        return "init" if self._inflight is None else "invoke"

    def _exited(self, returncode: int) -> None:
        failure = self._failure(returncode)
        if self.state is State.STARTING:
            self._init_failed(failure)
        inflight = self._close_invocation(State.ENDING)
        if inflight is not None:
            self._record.finish_failed(inflight, failure)
        self._record.log.drain()
        self._record.log.close()
        self.memory.close()
        self._extensions.shut_down(self._ending, self._all_ended)

    def _failure(self, returncode: int) -> RuntimeFailure:
        error_type, reason = self._extension_failure
        if error_type:
            about = f"RequestId: {self._inflight.request_id} " if self._inflight else ""
            return RuntimeFailure(error_type, reported=errors.error_payload(error_type, f"{about}Error: {reason}"))
        error_type = "Runtime.OutOfMemory" if self._out_of_memory else "Runtime.ExitError"
        return RuntimeFailure(error_type, returncode=returncode)

    def _all_ended(self) -> None:
        self.state = State.DEAD
        self._api.close()
        self._events.on_ended(self)

    def _close_invocation(self, state: State) -> Inflight | None:
        """Leave for ``state`` with no invocation any more, and no time limit; give the invocation that there was."""
        inflight, self._inflight = self._inflight, None
        self.has_worked |= inflight is not None
        self._leave(state)
        return inflight

    def _leave(self, state: State) -> None:
        self._timer.cancel()
        self.state = state
