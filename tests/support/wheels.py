"""Wheels of the workspace's members, and environments that hold nothing but what is installed into them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from support.functions import ROOT


def uv(*arguments: str, folder: Path = ROOT) -> str:
    """Run uv and give what it prints. Skips where there is no uv."""
    program = shutil.which("uv") or shutil.which("uv", path=ROOT / ".uv" / "bin")
    if program is None:
        pytest.skip("uv is neither on the PATH nor in .uv")
    # what names this project's environment would win over the one that is asked for
    ours = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "PYTHONPATH")
    variables = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run(
        [program, "--no-progress", *arguments], cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def interpreter(version: str) -> Path:
    """A Python of that version, "3.12": uv's, the system's, or pyenv's. Skips where there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for root in (pyenv / "versions").glob(f"{version}.*"):
        if (root / "bin" / "python").is_file():
            return root / "bin" / "python"
    rows = uv("python", "list", "--only-installed", "--no-python-downloads", version, folder=Path("/")).splitlines()
    if not rows:
        pytest.skip(f"Python {version} is not on this machine")
    return Path(rows[0].split()[1])


def build(folder: Path, *members: str) -> list[Path]:
    """The wheels of these members, all of them by default."""
    chosen = [word for member in members for word in ("--package", member)] or ["--all-packages"]
    uv("build", "--wheel", "--out-dir", str(folder), *chosen)
    return sorted(folder.glob("*.whl"))


def install(folder: Path, python: Path, *wheels: Path | str) -> Path:
    """A new environment with these wheels and what they ask for; its folder of programs."""
    uv("venv", "--python", str(python), str(folder), folder=Path("/"))
    uv("pip", "install", "--python", str(folder / "bin" / "python"), *map(str, wheels), folder=Path("/"))
    return folder / "bin"


def installed(programs: Path) -> set[str]:
    """The names of the distributions in an environment."""
    rows = uv("pip", "freeze", "--python", str(programs / "python"), folder=Path("/")).splitlines()
    return {row.partition("==")[0].partition(" @")[0] for row in rows}
