"""What an environment writes, and the lines that Lambda writes around it.

Mirrors "Log and monitor Python Lambda functions" (AWS Lambda Developer Guide): START, END, REPORT, INIT_START and
INIT_REPORT. stdout and stderr arrive through one pipe, so their order is the order of writing, and whatever
bypasses Python (``os.write``, subprocesses, C extensions) is caught too.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable

_LOG = logging.getLogger(__name__)

LogSink = Callable[[str, bytes], None]
"""Called with a function's name and whole lines of its log, many at a time.

Bytes are as the function wrote them; the Python runtime parts the lines of a stack trace by carriage returns.
"""

TAIL_BYTES = 4096
MAX_LINE = 262_144  # bytes; a longer line is cut, as CloudWatch Logs cuts events
_PIPE_CAPACITY = 65_536  # bytes; one read of this size empties the pipe
_FLUSH_SECONDS = 0.02
_FLUSH_BYTES = 262_144


class LogBatch:
    """Gathers the lines of one function's environments and gives them to the sink some fifty times a second."""

    def __init__(self, function_name: str, sink: LogSink | None) -> None:
        self._name = function_name
        self._sink = sink
        self._lines: list[bytes] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, lines: bytes) -> None:
        """Take whole lines."""
        if self._sink is None:
            return
        self._lines.append(lines)
        self._size += len(lines)
        if self._size > _FLUSH_BYTES:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Give the sink what has been gathered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lines, self._lines, self._size = b"".join(self._lines), [], 0
        if lines and self._sink is not None:
            try:
                self._sink(self._name, lines)
            except Exception:  # a full disk or a closed terminal must not fail the invocations
                self._sink = None
                _LOG.exception("The log of %s cannot be written, it is dropped from here on", self._name)


class EnvironmentLog:
    """The log of one environment: its pipe, cut into lines, with the tail of the current invocation."""

    def __init__(self, batch: LogBatch, listener: Callable[[bytes], None] | None = None) -> None:
        self._batch = batch
        self._listener = listener  # told of whole lines that the process wrote
        self._pipe = -1
        self._partial = b""
        self._tail = bytearray()

    def attach(self, pipe: int) -> None:
        """Read from ``pipe`` (non-blocking; owned from now on)."""
        self._pipe = pipe
        asyncio.get_running_loop().add_reader(pipe, self.drain)

    def drain(self) -> None:
        """Take what the pipe holds at this moment. Never waits, and is bounded however much is being written."""
        if self._pipe < 0:
            return
        try:
            data = os.read(self._pipe, _PIPE_CAPACITY)
        except BlockingIOError:
            return
        if not data:
            self.close()
            return
        self._keep(data)
        if self._partial:
            data = self._partial + data
        end = data.rfind(b"\n") + 1
        self._partial = data[end:]
        if end:
            self._batch.add(data[:end])
            if self._listener is not None:
                self._listener(data[:end])
        if len(self._partial) > MAX_LINE:
            self._end_line()

    def start(self, line: bytes) -> None:
        """Open an invocation's log: the tail begins here."""
        self._end_line()
        self._tail.clear()
        if line:
            self.platform(line)

    def platform(self, lines: bytes) -> None:
        """Write whole lines of Lambda's own."""
        self._end_line()
        self._keep(lines)
        self._batch.add(lines)

    def tail(self) -> bytes:
        """The last 4 KiB of the current invocation's log."""
        return bytes(self._tail[-TAIL_BYTES:])

    def close(self) -> None:
        """Stop reading. What the pipe still holds has to be drained before."""
        if self._pipe >= 0:
            asyncio.get_running_loop().remove_reader(self._pipe)
            os.close(self._pipe)
            self._pipe = -1
            self._end_line()

    def _end_line(self) -> None:
        if self._partial:
            self._batch.add(self._partial + b"\n")
            self._tail += b"\n"
            self._partial = b""

    def _keep(self, data: bytes) -> None:
        tail = self._tail
        tail += data[-TAIL_BYTES:]
        if len(tail) > 4 * TAIL_BYTES:
            del tail[:-TAIL_BYTES]


def start_line(request_id: str, version: str) -> bytes:
    """START, before an invocation."""
    return f"START RequestId: {request_id} Version: {version}\n".encode()


def end_lines(
    request_id: str,
    *,
    duration_ms: float,
    billed_ms: int,
    memory_size_mb: int,
    max_memory_mb: int,
    init_ms: float | None,
    status: str,
) -> bytes:
    """END and REPORT. ``status`` is as for ``init_report_line``, and empty for an invocation that was answered."""
    init = "" if init_ms is None else f"Init Duration: {init_ms:.2f} ms\t"
    ended = f"Status: {status}" if status else ""
    return (
        f"END RequestId: {request_id}\nREPORT RequestId: {request_id}\tDuration: {duration_ms:.2f} ms\t"
        f"Billed Duration: {billed_ms} ms\tMemory Size: {memory_size_mb} MB\t"
        f"Max Memory Used: {max_memory_mb} MB\t{init}{ended}\n"
    ).encode()


def init_start_line(python_version: str) -> bytes:
    """INIT_START, before an environment's init phase."""
    return f"INIT_START Runtime Version: python:{python_version}\n".encode()


def init_report_line(init_ms: float, phase: str, status: str) -> bytes:
    """``phase`` is ``init`` or ``invoke``; ``status`` is ``timeout`` or what ``error_status`` gives."""
    return f"INIT_REPORT Init Duration: {init_ms:.2f} ms\tPhase: {phase}\tStatus: {status}\n".encode()


def error_status(error_type: str) -> str:
    """The status of an init phase that ended in an error."""
    return f"error\tError Type: {error_type}"


def timestamp() -> str:
    """This moment as Lambda writes it: UTC, to the millisecond."""
    now = time.time()
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now * 1000) % 1000:03d}Z"


def timeout_lines(request_id: str, timeout_seconds: float) -> bytes:
    """The line of an invocation that took longer than the function's time-out."""
    return f"{timestamp()} {request_id} Task timed out after {timeout_seconds:.2f} seconds\n\n".encode()


def exit_lines(request_id: str, reason: str) -> bytes:
    """The lines of an invocation whose process ended."""
    return f"RequestId: {request_id} Error: {reason}\nRuntime.ExitError\n".encode()
