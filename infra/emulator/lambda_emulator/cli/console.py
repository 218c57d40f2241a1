"""What the commands write on stderr (or into ``--log-file``), without ever holding up a request.

Lines are gathered for a moment and written by a thread of their own: a terminal that is stopped, or a parent that
does not read its pipe, then costs some log lines and never an invocation.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections import deque
from types import TracebackType
from typing import Self

_REQUEST_LOG_DELAY = 0.05  # seconds; more than the lines of functions are gathered for
_CAPACITY = 8 * 1024 * 1024  # bytes that may wait to be written
_DROPPED = b"[some log lines were dropped: nobody reads them]\n"


class Console:
    """A line writer that never blocks its caller. A context manager; leaving it writes what is left.

    ``descriptor`` is the file to write to; ``names`` says whether the lines of functions are marked with the
    function's name.
    """

    def __init__(self, descriptor: int, *, names: bool = False) -> None:
        self._descriptor = descriptor
        self._names = names
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._changed = threading.Condition()
        self._closed = False
        self._dropped = False
        self._thread = threading.Thread(target=self._write, name="console", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout=1.0)

    def line(self, text: str) -> None:
        """Write one line."""
        self.write(text.encode(errors="replace") + b"\n")

    def write(self, lines: bytes) -> None:
        """Write whole lines."""
        with self._changed:
            if self._size + len(lines) > _CAPACITY:
                self._dropped = True
                return
            self._waiting.append(lines)
            self._size += len(lines)
            self._changed.notify()

    def function_lines(self, name: str, lines: bytes) -> None:
        """Write lines of a function's log. Fits ``LambdaService(log_sink=…)``."""
        # The runtime client parts the lines of a traceback by carriage returns, to keep it one log event.
        lines = lines.replace(b"\r", b"\n")
        if self._names:
            mark = name.encode() + b" | "
            lines = b"".join(mark + line + b"\n" for line in lines.split(b"\n")[:-1])
        self.write(lines)

    def _write(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                batch = b"".join(self._waiting)
                if self._dropped:
                    batch += _DROPPED
                self._waiting.clear()
                self._size, self._dropped = 0, False
                if not batch:
                    return
            try:
                self._write_all(batch)
            except OSError:
                return  # the other end is gone: there is no one left to tell

    def _write_all(self, batch: bytes) -> None:
        view = memoryview(batch)
        while view:
            view = view[os.write(self._descriptor, view) :]


class RequestLog:
    """One line for each answered request, a moment later: after the lines that its function wrote meanwhile.

    ``mark`` stands before each line.
    """

    def __init__(self, console: Console, mark: str = "") -> None:
        self._console = console
        self._mark = mark
        self._lines: list[str] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, method: str, target: str, status: int, seconds: float) -> None:
        """Fits ``Options(on_request=…)``."""
        self._lines.append(f"{self._mark}{method} {target} {status} {seconds * 1000:.1f} ms\n")
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_REQUEST_LOG_DELAY, self.flush)

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lines, self._lines = "".join(self._lines), []
        if lines:
            self._console.write(lines.encode(errors="replace"))


class ConsoleHandler(logging.Handler):
    """Sends log records to a console, one line each; a traceback follows its record."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._console.line(self.format(record))


def configure_logging(console: Console, *, debug: bool) -> None:
    """Let this package's warnings (everything, if ``debug``) reach the console."""
    handler = ConsoleHandler(console)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("lambda_emulator").setLevel(logging.DEBUG if debug else logging.INFO)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
