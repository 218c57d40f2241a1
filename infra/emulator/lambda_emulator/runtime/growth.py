"""Which environments compute, and which only wait for something: a reply, a lock, a time.

As many environments as there are cores are enough for functions that compute; more would only slow each other down.
One that waits takes no core, so another may be started in its place. Lambda starts one for every invocation at once,
and need not care.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

SAMPLE_SECONDS = 0.25
MOST = 64
"""Environments of one function, however much they wait."""

COMPUTING = 0.1
"""The part of the time for which a process that computes wants a core, at the least."""

_ENOUGH_WAITS = 2  # one sample alone may meet a process that hands over one call for the next
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class CoreDemand:
    """Tells, from sample to sample, which processes wanted a core for less than a tenth of the time.

    Time on the run queue counts as time on a core: on a busy machine, who is kept from computing does not wait.
    """

    def __init__(self) -> None:
        self._seen: dict[int, _Seen] = {}

    def waiting(self, pids: Iterable[int]) -> int:
        """How many of these processes have only waited, since the sample before the last."""
        now = time.monotonic()
        self._seen = {pid: _sample(pid, now, self._seen.get(pid)) for pid in pids}
        return sum(seen.waits >= _ENOUGH_WAITS for seen in self._seen.values())


class _Seen(NamedTuple):
    """A sample of a process; ``waits`` counts the samples in a row before which it had only waited."""

    time: float
    wanted: float
    waits: int


def _sample(pid: int, now: float, before: _Seen | None) -> _Seen:
    wanted = wanted_seconds(pid)
    waited = before is not None and wanted - before.wanted < COMPUTING * (now - before.time)
    return _Seen(now, wanted, before.waits + 1 if before and waited else 0)


def wanted_seconds(pid: int) -> float:
    """How long a process was on a core, and its main thread on the way to one; NaN where the kernel does not tell.

    Mirrors proc_pid_stat(5), and "Scheduler Statistics" of the Linux kernel's documentation.
    """
    folder = Path("/proc", str(pid))
    try:
        after_name = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        _, queued, _ = (folder / "schedstat").read_bytes().split()
    except (OSError, ValueError):
        return math.nan
    user, system = after_name[11:13]
    return (int(user) + int(system)) / _TICKS_A_SECOND + int(queued) / 1e9
