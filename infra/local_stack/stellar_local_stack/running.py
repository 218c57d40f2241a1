"""Which stacks run on this machine: each ``stellar up`` keeps a note of its ports, by which clients find it.

A note is for its user's eyes alone. It names its process by id and start time, so that one that a killed stack left
behind is recognised, and removed.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click

from stellar_local_stack.ports import OFFSET_VARIABLE, PORTS, Ports
from stellar_local_stack.state_files import state_folder, write_private

_CLOCK_SECONDS = 2.0
"""By how much two readings of one process's start may differ: it is told relative to the machine's own."""


@dataclass(frozen=True, slots=True)
class Running:
    """One running stack. ``ready`` is when it could be used, in seconds since the epoch."""

    pid: int
    started: float
    ready: float
    ports: Ports
    issuer: str = ""

    @property
    def alive(self) -> bool:
        """Whether its process is still there, and is not another that has its id now."""
        return is_same(self.pid, self.started)


def folder() -> Path:
    """``$XDG_RUNTIME_DIR/stellar``, else ``$XDG_STATE_HOME/stellar/stacks`` (``~/.local/state/stellar/stacks``)."""
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        return Path(runtime, "stellar")
    return state_folder("stacks")


@contextmanager
def noted(ports: Ports, issuer: str, warn: Callable[[str], None]) -> Iterator[None]:
    """Keep a note of this process as a stack. Without one it runs all the same; ``warn`` says what that costs."""
    pid = os.getpid()
    note = Running(pid, start_time(pid) or 0.0, time.time(), ports, issuer)
    file = folder() / f"{pid}.json"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(file, json.dumps(asdict(note)).encode())
    except OSError as error:
        warn(f"{file}: {error.strerror}. `stellar probe` and other clients need its ports told.")
    try:
        yield
    finally:
        with suppress(OSError):
            file.unlink()


def stacks() -> list[Running]:
    """Every stack of this user that runs, the newest first. Notes of those that do not are removed."""
    found = []
    for file in folder().glob("*.json"):
        try:
            content = json.loads(file.read_text())
            stack = Running(**{**content, "ports": Ports(**content["ports"])})
        except (OSError, ValueError, TypeError, KeyError):
            continue
        if stack.alive:
            found.append(stack)
        else:
            file.unlink(missing_ok=True)
    return sorted(found, key=lambda stack: stack.ready, reverse=True)


def chosen(wanted: int | None, environment: Mapping[str, str]) -> tuple[Ports, Running | None]:
    """The ports of the stack that a client talks to, and the stack if it has a note.

    It is the one on the HTTP port ``wanted``; else the one that the variables of ``stellar up`` name; else the newest.
    A port that has a variable is that. Raises click.ClickException if there is no stack on the port ``wanted``.
    """
    named = {port.field: number for port in PORTS if (number := _number(environment, port.variable))}
    defaults = expected(environment)
    running = stacks()
    moved = "http" in named or defaults.http != PORTS[0].default
    http = wanted or (defaults.http if moved else None)
    stack = next((each for each in running if http in (None, each.ports.http)), None)
    if wanted is not None:
        if stack is None:
            there = ", ".join(str(each.ports.http) for each in running) or "none"
            raise click.ClickException(f"No stack of `stellar up` has the HTTP port {wanted}. Running: {there}.")
        return stack.ports, stack
    return replace(stack.ports if stack else defaults, **named), stack


def expected(environment: Mapping[str, str]) -> Ports:
    """Where ``stellar up`` listens, started with these variables and no flags."""
    offset = _number(environment, OFFSET_VARIABLE) or 0
    return Ports(**{port.field: _number(environment, port.variable) or port.default + offset for port in PORTS})


def _number(environment: Mapping[str, str], variable: str) -> int | None:
    text = environment.get(variable, "")
    return int(text) if text.isdecimal() else None


def start_time(pid: int) -> float | None:
    """When a process began, in seconds since the epoch; None where it has ended."""
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None


def is_same(pid: int, started: float) -> bool:
    """Whether the process that began then still runs; another may have its id by now."""
    found = start_time(pid)
    return found is not None and abs(found - started) < _CLOCK_SECONDS
