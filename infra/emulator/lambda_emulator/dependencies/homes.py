"""For each function the Python that runs it and the folders of the packages that it lists."""

from __future__ import annotations

import hashlib
import logging
import platform
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from lambda_emulator.dependencies import managed_runtime, uv
from lambda_emulator.dependencies.cache import Cache, cache_folder
from lambda_emulator.dependencies.interpreters import AT_HAND, Interpreter, interpreter_for
from lambda_emulator.dependencies.requirements import Requirements, requirements_of
from lambda_emulator.stack import Function

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Home:
    """What the processes of a function start from."""

    python: str
    version: str = platform.python_version()
    packages: Mapping[Path, Path] = field(default_factory=dict)  # what a folder of code lists, by that folder
    environment: Path | None = None  # the virtual environment of ``python``, where it is the functions' own


class Homes(Protocol):
    """Gives functions their homes."""

    def ready(self, function: Function) -> Home | None:
        """The home, if there is nothing to install; returns at once."""

    async def prepare(self, function: Function) -> Home:
        """The home, after the installing of what is missing. Raises DependencyError."""


class SharedHome:
    """One Python for all functions, with all that is installed for it: requirements.txt counts for nothing."""

    def __init__(self, python: str = sys.executable) -> None:
        self._home = Home(python)

    def ready(self, function: Function) -> Home | None:
        return self._home

    async def prepare(self, function: Function) -> Home:
        return self._home


class OwnHomes:
    """A Python for each version that functions ask for, and an installation for each list of packages.

    ``scratch`` is a folder of the caller's, to whose end these homes are good.
    """

    def __init__(self, scratch: Path, cache: Cache | None = None) -> None:
        self._scratch = scratch
        self._cache = cache or Cache(cache_folder())
        self._linked: Path | None = None

    def ready(self, function: Function) -> Home | None:
        python = interpreter_for(function.runtime)
        environment = self._environment(python)
        if environment is None:
            return None
        packages = {}
        for folder, wanted in _listed(function):
            installed = self._cache.find(wanted.key(python))
            if installed is None:
                return None
            packages[folder] = installed
        return Home(str(environment / "bin" / "python"), python.number, packages, environment)

    async def prepare(self, function: Function) -> Home:
        python = interpreter_for(function.runtime)
        if self._environment(python) is None:
            await self._cache.make(_runtime_key(python), partial(_install_runtime, python))
        environment = self._environment(python)
        assert environment is not None
        for _, wanted in _listed(function):
            key = wanted.key(python)
            if self._cache.find(key) is None:
                await self._cache.make(key, partial(_install, wanted, function, environment / "bin" / "python"))
        home = self.ready(function)
        if home is None:  # a list was edited meanwhile
            return await self.prepare(function)
        return home

    def _environment(self, python: Interpreter) -> Path | None:
        """The virtual environment with the managed runtime's packages, if it is there or needs no installing."""
        if python.version != AT_HAND:
            return self._cache.find(_runtime_key(python))
        if self._linked is None:
            folder = self._scratch / "runtime"
            managed_runtime.link_packages(managed_runtime.write_environment(folder, python))
            self._linked = folder
        return self._linked


def _listed(function: Function) -> Iterator[tuple[Path, Requirements]]:
    for folder in (function.code_dir, *function.layer_dirs):
        wanted = requirements_of(folder)
        if wanted is not None:
            yield folder, wanted


def _runtime_key(python: Interpreter) -> str:
    versions = [python.path, platform.machine(), *managed_runtime.provided_versions()]
    return f"{python.name}-{hashlib.sha256(' '.join(versions).encode()).hexdigest()[:16]}"


async def _install_runtime(python: Interpreter, folder: Path) -> None:
    packages = managed_runtime.write_environment(folder, python)
    _LOG.info("Installing the Lambda runtime's packages for %s", python.name)
    await uv.install(
        managed_runtime.provided_versions(),
        python=folder / "bin" / "python",
        target=packages,
        folder=folder,
        purpose=f"the Lambda runtime's packages for {python.name}",
    )


async def _install(wanted: Requirements, function: Function, python: Path, target: Path) -> None:
    began = time.monotonic()
    _LOG.info("Installing %s for %s", wanted.file, function.name)
    await uv.install(
        ["--requirements", str(wanted.file)],
        python=python,
        target=target,
        folder=wanted.file.parent,
        purpose=f"{function.name} lists packages in {wanted.file}",
    )
    _LOG.info("Installed %s in %.1f s", wanted.file, time.monotonic() - began)
