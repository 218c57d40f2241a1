"""Which environments compute, and which only wait for something: a reply, a lock, a time.

As many environments as there are cores are enough for functions that compute; more would only slow each other down.
One that waits takes no core, so another may be started in its place. Lambda starts one for every invocation at once,
and need not care.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

LOOK_SECONDS = 0.25
MOST = 64
"""Environments of one function, however much they wait."""

_COMPUTING = 0.1


class CoreDemand:
    """Tells, from one look to the next, which processes wanted a core for less than a tenth of the time.

    Time on the run queue counts as time on a core: on a busy machine, who is kept from computing does not wait.
    """

    def __init__(self) -> None:
        self._seen: dict[int, tuple[float, float]] = {}

    def waiting(self, pids: Iterable[int]) -> int:
        """How many of these processes have only waited since the last look, at which they were there too."""
        now = time.monotonic()
        seen = {pid: (now, _wanted_seconds(pid)) for pid in pids}
        number = 0
        for pid, (_, wanted) in seen.items():
            since, before = self._seen.get(pid, (now, wanted))
            number += since < now and wanted - before < _COMPUTING * (now - since)
        self._seen = seen
        return number


def _wanted_seconds(pid: int) -> float:
    """How long the process's threads were on a core or on their way to one ("Scheduler Statistics", Linux kernel)."""
    total = 0
    with suppress(OSError, ValueError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            running, queued, _ = (thread / "schedstat").read_bytes().split()
            total += int(running) + int(queued)
    return total / 1e9
