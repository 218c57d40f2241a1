"""Where uv is, and how it installs packages into a folder."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from lambda_emulator.dependencies.errors import DependencyError

_UNREACHED = ("dns error", "error sending request", "failed to fetch", "tcp connect error", "connection refused")
_NETWORK_DISABLED = "network was disabled"
_LINES = 12  # of what uv says of a failure
_OF_AN_ENVIRONMENT = ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT")


def find_uv() -> str | None:
    """uv: on the PATH, beside this Python (where its package ``uv`` puts it), or in ``.uv`` beside the environment."""
    return next((str(path) for path in _places() if os.access(path, os.X_OK)), None)


def _places() -> Iterator[Path]:
    if on_path := shutil.which("uv"):
        yield Path(on_path)
    yield Path(sys.executable).with_name("uv")
    yield Path(sys.prefix) / "bin" / "uv"
    yield Path(sys.prefix).parent / ".uv" / "bin" / "uv"
    yield from (Path.home() / folder / "bin" / "uv" for folder in (".local", ".cargo"))


async def install(what: Sequence[str], *, python: Path, target: Path, folder: Path, purpose: str) -> None:
    """``uv pip install`` of ``what`` (requirements or ``--requirements FILE``) into ``target``, byte code included.

    ``folder`` is where relative paths start, ``purpose`` what an error names. Cancelling ends uv. Raises
    DependencyError.
    """
    uv = find_uv()
    if uv is None:
        raise DependencyError(
            f"{purpose}: uv, which installs packages, is not found. Install it (pip install uv, or "
            "https://docs.astral.sh/uv), or put the packages beside the code, or give --shared-environment"
        )
    command = [uv, "pip", "install", "--quiet", "--no-progress", "--compile-bytecode"]
    command += ["--python", str(python), "--target", str(target), *what]
    variables = {name: value for name, value in os.environ.items() if name not in _OF_AN_ENVIRONMENT}
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=variables,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us: a terminal would send it to uv too
        )
    except OSError as error:
        raise DependencyError(f"{purpose}: {uv} cannot be started: {error.strerror}") from None
    try:
        _, said = await process.communicate()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode != 0:
        raise DependencyError(f"{purpose}: {_reason(said.decode(errors='replace'))}")


def _reason(said: str) -> str:
    lines = [line.rstrip() for line in said.splitlines() if line.strip()]
    lowered = said.lower()
    if any(sign in lowered for sign in _UNREACHED) and "no solution found" not in lowered:
        return "the package index is not reached: " + " ".join(line.strip() for line in lines[-_LINES:])
    if _NETWORK_DISABLED in lowered:
        return "uv is told to stay offline, and not all of it is in its cache: " + " ".join(lines[-_LINES:])
    return "uv cannot install it:\n" + "\n".join(lines[-_LINES:])
