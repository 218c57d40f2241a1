"""What a comparison is made of."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench.clients.base import Workload
from bench.load import Opener


@dataclass(frozen=True, slots=True)
class Contender:
    """One service under measurement, and the service of ours that it is compared with (itself, if it is ours)."""

    name: str
    opener: Opener
    against: str


class AbsentError(RuntimeError):
    """A peer cannot be had here; the message says why."""


Start = Callable[[Workload, Path], AbstractContextManager[list[Contender]]]
"""Runs a service within a block; the folder is for its logs and settings. Raises AbsentError."""
