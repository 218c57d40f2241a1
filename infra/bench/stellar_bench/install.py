"""What installing the wheel of ``lambda-emulator`` takes, beside the SAM CLI, which does the same with Docker.

Each round installs both into new, empty environments by uv, one after the other, so whatever else the machine does
falls on both. A round that is not counted comes first: it fills uv's cache.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from stellar_deploy.build import SAM
from stellar_deploy.tools import find_uv
from stellar_local_stack.project import ROOT

WHEEL = "lambda-emulator"


class InstallError(RuntimeError):
    """An installation cannot be measured; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Installation:
    """One distribution with all that it asks for. ``seconds`` is the median of the rounds, from a warm cache."""

    name: str
    seconds: float
    megabytes: float
    packages: int


def compare_installs(rounds: int) -> list[Installation]:
    """The wheel of this checkout first, then the SAM CLI. Raises InstallError."""
    uv = find_uv()
    if uv is None:
        raise InstallError("uv is not on the PATH; see https://docs.astral.sh/uv/")
    source = ROOT / "infra" / "emulator"
    if not source.is_dir():
        raise InstallError("The wheel is built from a checkout of the repository, and this is none.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _run(uv, "build", "--wheel", "--out-dir", str(folder), str(source))
        (wheel,) = folder.glob("*.whl")
        wanted = {WHEEL: str(wheel), SAM.replace("==", " "): SAM}
        times: dict[str, list[float]] = {each: [] for each in wanted}
        for number in range(rounds + 1):
            for each, requirement in wanted.items():
                times[each].append(_install(uv, folder / f"{each}-{number}", requirement))
        return [
            Installation(each, statistics.median(taken[1:]), *_measure(folder / f"{each}-0"))
            for each, taken in times.items()
        ]


def _install(uv: str, environment: Path, requirement: str) -> float:
    began = time.perf_counter()
    _run(uv, "venv", "--quiet", "--python", sys.executable, str(environment))
    _run(uv, "pip", "install", "--quiet", "--python", str(environment / "bin" / "python"), requirement)
    return time.perf_counter() - began


def _measure(environment: Path) -> tuple[float, int]:
    """Megabytes of an environment's packages, and their number."""
    (packages,) = environment.glob("lib/python*/site-packages")
    size = sum(path.stat().st_size for path in packages.rglob("*") if path.is_file())
    return size / 1e6, len(list(packages.glob("*.dist-info")))


def _run(uv: str, *arguments: str) -> None:
    # What names another environment would win over the one that is asked for.
    others = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "PYTHONPATH")
    variables = {name: value for name, value in os.environ.items() if name not in others}
    done = subprocess.run([uv, *arguments], env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InstallError(f"uv {arguments[0]} failed: {done.stderr.strip()[-500:]}")
