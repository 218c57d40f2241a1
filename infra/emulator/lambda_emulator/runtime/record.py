"""What is written down of an environment's invocations: the log lines around them, the figures, and the results."""

from __future__ import annotations

import time
from collections.abc import Callable

from lambda_emulator.invocation import InvocationResult
from lambda_emulator.runtime import errors, logs
from lambda_emulator.runtime.errors import RuntimeFailure
from lambda_emulator.runtime.extensions import Telemetry
from lambda_emulator.runtime.inflight import Inflight
from lambda_emulator.runtime.platform_events import Figures, JsonEvents, platform_events
from lambda_emulator.stack import Function


class Record:
    """Begins with the start of the environment's process. ``log`` is to be attached to its output."""

    def __init__(self, function: Function, batch: logs.LogBatch, python_version: str, telemetry: Telemetry) -> None:
        self.log = logs.EnvironmentLog(batch, telemetry.function_lines)
        self._function = function
        self._started = self._began = time.perf_counter()
        self._init_ms: float | None = None  # until an invocation has reported it
        self._peak_kib = 0
        self._events = platform_events(function, python_version)
        self._telemetry = telemetry
        self._told = JsonEvents(function, python_version, least="DEBUG")
        self._write(self._events.init_start())
        self._tell(lambda told: told.init_start())

    def ready(self) -> None:
        """The function is loaded."""
        self._init_ms = self._elapsed_ms(self._started)
        init_ms = self._init_ms
        self._write(self._events.init_done(init_ms))
        self._tell(lambda told: told.init_done(init_ms))

    def memory(self, peak_kib: int) -> None:
        """The process has been seen to use so much."""
        self._peak_kib = max(self._peak_kib, peak_kib)

    def notice(self, text: str) -> None:
        """Write a line of the platform's own, outside of any invocation."""
        self.log.platform(f"{text}\n".encode())

    def begin(self, inflight: Inflight) -> None:
        """An invocation begins; the log tail begins with it."""
        self._began = time.perf_counter()
        self.log.start(self._events.start(inflight.request_id))
        self._tell(lambda told: told.start(inflight.request_id))

    def seconds_left(self) -> float:
        """Of the invocation's time limit."""
        return self._function.timeout_seconds - (time.perf_counter() - self._began)

    def finish(
        self,
        inflight: Inflight,
        payload: bytes,
        function_error: str | None,
        *,
        status: str = "",
        error_type: str = "",
        duration_ms: float | None = None,
    ) -> None:
        """The invocation is over: write its last lines and give its caller the result.

        ``status`` and ``error_type`` are of an invocation that was not answered; ``duration_ms`` is measured where it
        is not given.
        """
        if function_error and not status:
            status, error_type = "error", errors.type_of(payload)
        if duration_ms is None:
            duration_ms = self._elapsed_ms(self._began)
        init_ms, self._init_ms = self._init_ms, None
        self.log.drain()
        figures = Figures(
            duration_ms,
            init_ms,
            memory_size_mb=self._function.memory_mb,
            max_memory_mb=min(self._peak_kib // 1024, self._function.memory_mb),
            produced_bytes=len(payload),
        )
        self._write(self._events.end(inflight.request_id, figures, status, error_type))
        self._tell(lambda told: told.end(inflight.request_id, figures, status, error_type))
        tail = self.log.tail()
        inflight.finish(InvocationResult(inflight.request_id, payload, function_error, tail, duration_ms, init_ms))

    def finish_timed_out(self, inflight: Inflight) -> None:
        """The invocation was cut off at the function's time limit."""
        limit = self._function.timeout_seconds
        self.log.drain()
        self._write(self._events.timed_out(inflight.request_id))
        payload = errors.timed_out(inflight.request_id, limit)
        self.finish(inflight, payload, "Unhandled", status="timeout", duration_ms=limit * 1000.0)

    def finish_failed(self, inflight: Inflight, failure: RuntimeFailure) -> None:
        """The environment failed under the invocation."""
        self.log.drain()
        if failure.reported is None:
            self._write(self._events.exited(inflight.request_id, errors.exit_reason(failure.returncode)))
        payload = failure.payload(inflight.request_id)
        self.finish(inflight, payload, "Unhandled", status="error", error_type=failure.error_type)

    def refuse(self, inflight: Inflight, failure: RuntimeFailure) -> None:
        """The invocation waited for this environment, and the function could not be loaded."""
        self._began = self._started
        self._write(self._events.start(inflight.request_id))
        self.finish_failed(inflight, failure)

    def init_ended(self, phase: str, status: str, error_type: str = "") -> None:
        """The function was not loaded. The arguments are as for ``PlatformEvents.init_ended``."""
        self.log.drain()
        init_ms = self._elapsed_ms(self._started)
        self._write(self._events.init_ended(init_ms, phase, status, error_type))
        self._tell(lambda told: told.init_ended(init_ms, phase, status, error_type))

    def _tell(self, event: Callable[[JsonEvents], bytes]) -> None:
        """Give an event to those who subscribe to telemetry, whatever the log's own format and level."""
        if self._telemetry.wanted:
            self._telemetry.platform(event(self._told))

    def _write(self, lines: bytes) -> None:
        if lines:
            self.log.platform(lines)

    @staticmethod
    def _elapsed_ms(since: float) -> float:
        return (time.perf_counter() - since) * 1000
