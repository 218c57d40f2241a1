"""When environments count as waiting: a look tells something only of what was there at the look before."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from lambda_emulator.dependencies import SharedHome
from lambda_emulator.runtime import growth
from lambda_emulator.runtime.growth import CoreDemand
from lambda_emulator.runtime.logs import LogBatch
from lambda_emulator.runtime.pool import FunctionPool
from support.gateway_doubles import a_function


@pytest.fixture
def sleeper() -> Iterator[int]:
    with subprocess.Popen(["/bin/sleep", "60"]) as process:
        yield process.pid
        process.kill()


@pytest.fixture
def long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour passes between two looks, beside which the sleeper's own start is nothing, even on a busy machine."""
    clock = count(0.0, 3600.0)
    monkeypatch.setattr(growth, "time", SimpleNamespace(monotonic=lambda: next(clock)))


@pytest.mark.usefixtures("long_waits")
def test_a_process_counts_as_waiting_after_two_looks_in_a_row(sleeper: int) -> None:
    demand = CoreDemand()
    assert [demand.waiting([sleeper]) for _ in range(3)] == [0, 0, 1]
    assert demand.waiting(()) == 0
    assert [demand.waiting([sleeper]) for _ in range(3)] == [0, 0, 1]


async def test_a_pool_forgets_its_looks_while_no_invocation_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[list[int]] = []
    monkeypatch.setattr(CoreDemand, "waiting", lambda _, pids: looks.append(list(pids)) or 0)
    pool = FunctionPool(
        a_function(),
        limit=1,
        most=2,
        keep=0,
        scratch=tmp_path,
        owner="",
        batch=LogBatch("hello", None),
        homes=SharedHome(),
    )
    pool.grow()
    assert looks == [[]]
