"""The servers that ``stellar up`` starts beside itself: their output, their end, and that none of them stays behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from lambda_emulator.runtime.guard import Guard

MARK = "STELLAR_UP"
STOP_SECONDS = 10.0
MOST_STARTS, STARTS_SECONDS = 4, 60.0
"""A server that ends more often than that within so long a time does not end by accident."""

Log = Callable[[str, str], None]
"""Called with a server's name and one line of its output."""


class Starts:
    """How often a server was started of late: more than ``MOST_STARTS`` in ``STARTS_SECONDS`` are no accident."""

    def __init__(self) -> None:
        self._times = deque([time.monotonic()], MOST_STARTS)

    def another(self) -> bool:
        """Whether it may be started once more, which is counted."""
        if len(self._times) == MOST_STARTS and time.monotonic() - self._times[0] < STARTS_SECONDS:
            return False
        self._times.append(time.monotonic())
        return True


class ChildEndedError(RuntimeError):
    """A server ended by itself. The message names it and carries its last lines."""


class Child:
    """One server: a process group of its own, whose output goes line by line to the log."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Log) -> None:
        self.name = name
        self.ending = False
        """Whether it was asked to end."""
        self._command = command
        self._environment = environment
        self._log = log
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Start the process, or start it again. Raises OSError if the program is not there."""
        async with self._starting:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                env=self._environment,
            )
            self._last_lines: list[str] = []
            self._reading = asyncio.create_task(self._read())
            if self.ending:
                self._signal()

    @property
    def code(self) -> int | None:
        """The exit status, None while it runs."""
        return self._process.returncode

    async def ended(self) -> ChildEndedError:
        """Wait until the server ends, and say how."""
        code = await self._process.wait()
        await self._reading
        detail = "\n".join(self._last_lines)
        return ChildEndedError(f"{self.name} ended with exit status {code}.\n{detail}".rstrip())

    def terminate(self) -> None:
        """Ask the server to end, and do not wait."""
        if not self.ending:
            self.ending = True
            self._signal()

    def _signal(self) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL to the whole group if it is not gone in time."""
        self.terminate()
        async with self._starting:  # it may be on its way again just now
            process = self._process
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for raw in self._process.stdout:
            line = raw.decode(errors="replace").rstrip()
            self._last_lines = [*self._last_lines[-9:], line]
            self._log(self.name, line)


class Children:
    """All servers of one ``stellar up``. Leaving the block stops them, the last started first.

    Should this process be killed, a guard kills all that carry its mark in their environment. ``folder`` is for
    whatever the servers keep while they run; it is removed with them.
    """

    def __init__(self, log: Log) -> None:
        self.log = log
        self.first_end: asyncio.Future[ChildEndedError] = asyncio.get_running_loop().create_future()
        """Done when a server ends by itself."""
        self._children: list[Child] = []
        self._watching: list[asyncio.Task[None]] = []
        self._mark = uuid.uuid4().hex
        self.folder = Path(tempfile.mkdtemp(prefix="stellar-"))

    async def __aenter__(self) -> Children:
        self._guard = Guard(f"{MARK}={self._mark}", self.folder)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in reversed(self._children):
            await child.stop()
        await asyncio.gather(*self._watching)
        await asyncio.to_thread(self._guard.close)

    async def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], *, again: bool = False
    ) -> Child:
        """Start a server. With ``again``, it is started again if it ends by itself.

        Raises OSError if the program is not there.
        """
        child = Child(name, command, {**os.environ, **environment, MARK: self._mark}, self.log)
        await child.start()
        self._children.append(child)
        self._watching.append(asyncio.create_task(self._watch(child, again=again)))
        return child

    async def start_python(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str], *, again: bool = False
    ) -> Child:
        """Start one of our own servers, or a package's, with this interpreter."""
        return await self.start(name, [sys.executable, *arguments], environment, again=again)

    def fail(self, error: ChildEndedError) -> None:
        """Something without which the others are of no use has ended."""
        if not self.first_end.done():
            self.first_end.set_result(error)

    async def _watch(self, child: Child, *, again: bool) -> None:
        starts = Starts()
        while True:
            error = await child.ended()
            if child.ending:
                return
            if not again or not starts.another():
                self.fail(error)
                return
            self.log(child.name, f"{child.name} ended with exit status {child.code}: it is started again")
            try:
                await child.start()
            except OSError as reason:
                self.fail(ChildEndedError(f"{child.name} cannot be started again: {reason}"))
                return


async def together(*work: Coroutine[Any, Any, Any]) -> list[Any]:
    """Await all of it. If one fails, or the caller is cancelled, the others are ended before that is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in work]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


async def wait_for_port(child: Child, port: int, seconds: float = 120.0) -> None:
    """Wait until something listens on a loopback port.

    Raises ChildEndedError if the server ends first, TimeoutError if it takes too long.
    """
    ended = asyncio.create_task(child.ended())
    try:
        async with asyncio.timeout(seconds):
            while True:
                if ended.done():
                    raise ended.result()
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    return
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise TimeoutError(f"{child.name} does not listen on port {port} after {seconds:g} s") from None
    finally:
        ended.cancel()
