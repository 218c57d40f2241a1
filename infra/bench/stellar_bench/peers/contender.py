"""What a comparison is made of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from stellar_bench.clients.base import Workload
from stellar_bench.load import Opener
from stellar_deploy.tools import find_uv, tool


@dataclass(frozen=True, slots=True)
class Contender:
    """One service under measurement, and the service of ours that it is compared with (itself, if it is ours)."""

    name: str
    opener: Opener
    against: str


class AbsentError(RuntimeError):
    """A peer cannot be had here; the message says why."""


START_SECONDS = 240.0
"""How long a peer may take to listen: its environment may have to be made first."""


def in_own_environment(program: str, *requirements: str) -> list[str]:
    """The command that runs a peer's program apart from ours, on the same Python. Raises AbsentError."""
    uv = find_uv()
    if uv is None:
        raise AbsentError(f"uv, which makes the environment of {program}, is not on the PATH")
    return tool(uv, program, *requirements, python=sys.executable)


Start = Callable[[Workload, Path], AbstractContextManager[list[Contender]]]
"""Runs a service within a block; the folder is for its logs and settings. Raises AbsentError."""
