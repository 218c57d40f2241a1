"""Which Python runs a function.

``Runtime: python3.13`` runs on Python 3.13 where there is one: the one at hand, one that uv has installed, one on the
PATH, or pyenv's. Else on the nearest that there is. Only folders are looked into, so a search takes no time.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lambda_emulator.dependencies.uv import find_uv

Version = tuple[int, int]

AT_HAND: Version = sys.version_info[:2]
SUPPORTED: tuple[Version, ...] = tuple((3, minor) for minor in range(10, 15))
"""The versions that the runtime client installs on."""

_RUNTIME = re.compile(r"python(\d)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python on this machine."""

    path: str
    version: Version

    @property
    def name(self) -> str:
        return name_of(self.version)

    @property
    def number(self) -> str:
        """``3.13``; of the Python at hand, which is known, with the patch."""
        return platform.python_version() if self.version == AT_HAND else self.name.removeprefix("python")


def name_of(version: Version) -> str:
    """``python3.13``, as ``Runtime`` has it."""
    return f"python{version[0]}.{version[1]}"


@cache
def interpreter_for(runtime: str) -> Interpreter:
    """The Python for a ``Runtime``: of its version, else of the nearest one, the newer of two.

    One other than that at hand needs uv, which installs the runtime client for it.
    """
    written = _RUNTIME.fullmatch(runtime)
    wanted = (int(written[1]), int(written[2])) if written else AT_HAND
    found = available()
    nearest = min(found, key=lambda version: (abs(version[1] - wanted[1]), -version[1]))
    return Interpreter(found[nearest], nearest)


@cache
def available() -> Mapping[Version, str]:
    """Every Python that can run functions, by version."""
    versions = {*SUPPORTED, AT_HAND} if find_uv() else {AT_HAND}
    return {version: path for version in sorted(versions) if (path := find(version)) is not None}


def base_executable() -> str:
    """The Python at hand, outside of the virtual environment that it may run in."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def find(version: Version, host: Mapping[str, str] = os.environ) -> str | None:
    """A Python of that version, or None."""
    if version == AT_HAND:
        return base_executable()
    return next((str(path) for path in _candidates(version, host) if os.access(path, os.X_OK)), None)


def _candidates(version: Version, host: Mapping[str, str]) -> Iterator[Path]:
    name = name_of(version)
    number = name.removeprefix("python")
    home = Path(host.get("HOME") or Path.home())
    data = Path(host.get("XDG_DATA_HOME") or home / ".local" / "share")
    uv = Path(host.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python")
    yield from _newest(uv.glob(f"cpython-{number}.*/bin/{name}"))
    for folder in host.get("PATH", "").split(os.pathsep):
        # A shim (of pyenv, asdf or mise) is there for every version, and runs only the chosen one.
        if folder and Path(folder).name != "shims" and (found := shutil.which(name, path=folder)):
            yield Path(found)
    pyenv = Path(host.get("PYENV_ROOT") or home / ".pyenv")
    yield from _newest((pyenv / "versions").glob(f"{number}.*/bin/{name}"))


def _newest(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: [int(part) for part in re.findall(r"\d+", str(path))], reverse=True)


def runtime_warnings(runtimes: Iterable[str], *, shared: bool) -> Iterator[str]:
    """One warning for each runtime that functions do not get. ``shared``: all run on the Python at hand."""
    for runtime in sorted(set(runtimes)):
        version = AT_HAND if shared else interpreter_for(runtime).version
        name = name_of(version)
        if name == runtime:
            continue
        reason = "which all functions share" if shared else f"as {runtime} or uv is not on this machine"
        way = "" if shared else f"; uv python install {runtime.removeprefix('python')} brings it"
        yield f"functions for {runtime} run on {name}, {reason}{way}"
