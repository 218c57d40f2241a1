"""The operating-system process of an execution environment: started, watched, killed with all its children.

The process leads a session and process group of its own, so one kill reaches whatever the function started.
Its end is noticed through a pidfd, before it is reaped: until then its process group number cannot be reused.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path


class FunctionProcess:
    """A started process. ``output`` is the reading end of a non-blocking pipe with its stdout and stderr."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        variables: Mapping[str, str],
        directory: Path,
        on_exit: Callable[[int], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_exit = on_exit
        self.output, writing_end = os.pipe()
        os.set_blocking(self.output, False)
        try:
            self._process = subprocess.Popen(
                command,
                env=variables,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=writing_end,
                stderr=writing_end,
                start_new_session=True,
            )
        except OSError:
            os.close(self.output)
            raise
        finally:
            os.close(writing_end)
        self.pid = self._process.pid
        self._pidfd = os.pidfd_open(self.pid)
        self._exited = select.poll()
        self._exited.register(self._pidfd, select.POLLIN)
        self._loop.add_reader(self._pidfd, self._reap)

    @property
    def alive(self) -> bool:
        """Whether the process runs now."""
        return self._pidfd >= 0 and not self._exited.poll(0)

    def terminate(self, grace_seconds: float) -> None:
        """Ask the process to end (SIGTERM), and kill its group after the grace."""
        if self._pidfd >= 0:
            signal.pidfd_send_signal(self._pidfd, signal.SIGTERM)
            self._loop.call_later(grace_seconds, self.kill)

    def kill(self) -> None:
        """SIGKILL to the process and all of its group."""
        if self._pidfd >= 0:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def _reap(self) -> None:
        self._loop.remove_reader(self._pidfd)
        self.kill()  # what the function left running in its group
        returncode = self._process.wait()
        os.close(self._pidfd)
        self._pidfd = -1
        self._on_exit(returncode)
