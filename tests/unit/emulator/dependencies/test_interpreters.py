"""Which Python runs which ``Runtime``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambda_emulator.dependencies import interpreters
from lambda_emulator.dependencies.interpreters import (
    AT_HAND,
    available,
    base_executable,
    find,
    interpreter_for,
    name_of,
    runtime_warnings,
)

OTHER = next((3, minor) for minor in (13, 12) if (3, minor) != AT_HAND)
MINE = name_of(AT_HAND)


def program(path: Path) -> str:
    path.parent.mkdir(parents=True)
    path.touch(0o755)
    return str(path)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[interpreters.Version, str]]:
    """The Pythons that there are; the test may change them."""
    found = {AT_HAND: base_executable()}
    interpreter_for.cache_clear()
    monkeypatch.setattr(interpreters, "available", lambda: found)
    yield found
    interpreter_for.cache_clear()


def test_the_python_at_hand_is_taken_from_outside_of_its_virtual_environment() -> None:
    path = find(AT_HAND, {})
    assert path is not None
    assert not Path(path).is_relative_to(sys.prefix) or sys.prefix == sys.base_prefix


def test_a_python_is_found_on_the_path_with_uv_and_with_pyenv_but_not_as_a_shim(tmp_path: Path) -> None:
    name = name_of(OTHER)
    number = name.removeprefix("python")
    shims = Path(program(tmp_path / ".pyenv" / "shims" / name)).parent
    host = {"HOME": str(tmp_path), "PATH": str(shims)}
    assert find(OTHER, host) is None
    pyenv = [program(tmp_path / f".pyenv/versions/{number}.{patch}/bin/{name}") for patch in (9, 10)]
    assert find(OTHER, host) == pyenv[1]
    on_path = program(tmp_path / "bin" / name)
    assert find(OTHER, host | {"PATH": f"{shims}:{tmp_path}/bin"}) == on_path
    uv = program(tmp_path / f".local/share/uv/python/cpython-{number}.2-linux/bin/{name}")
    assert find(OTHER, host | {"PATH": f"{shims}:{tmp_path}/bin"}) == uv


def test_only_the_python_at_hand_counts_where_there_is_no_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    available.cache_clear()
    monkeypatch.setattr(interpreters, "find_uv", lambda: None)
    assert available() == {AT_HAND: base_executable()}
    available.cache_clear()


def test_a_runtime_runs_on_its_own_version_else_on_the_nearest(machine: dict[interpreters.Version, str]) -> None:
    machine.clear()
    machine.update({(3, 11): "eleven", (3, 13): "thirteen"})
    wanted = ("python3.13", "python3.11", "python3.12", "python3.14", "python3.8", "python3")
    assert [interpreter_for(runtime).path for runtime in wanted[:5]] == [
        "thirteen",
        "eleven",
        "thirteen",
        "thirteen",
        "eleven",
    ]


def test_a_runtime_that_is_not_there_is_told_once(machine: dict[interpreters.Version, str]) -> None:
    (warning,) = runtime_warnings([MINE, "python3.6", "python3.6"], shared=False)
    assert warning.startswith(f"functions for python3.6 run on {MINE}, as python3.6 or uv is not on this machine")
    (warning,) = runtime_warnings([MINE, "python3.6"], shared=True)
    assert warning == f"functions for python3.6 run on {MINE}, which all functions share"
