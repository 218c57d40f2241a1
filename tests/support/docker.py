"""Docker as the tests of containers use it: our images, containers that end with their test, the compose files.

``DOCKER`` names another program than ``docker``; it must build by BuildKit. Images are built once a run and kept by the
engine, whose cache makes the next build a matter of seconds.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.containers import ROOT

DOCKER = os.environ.get("DOCKER", "docker")
HARDENED = ("--read-only", "--tmpfs", "/tmp:mode=1777", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true")
START_SECONDS = 300.0


def docker(*arguments: str, seconds: float = 1200.0, environment: Mapping[str, str] | None = None) -> str:
    """What the command prints. Fails the test with its errors."""
    done = subprocess.run(
        [DOCKER, *arguments],
        cwd=ROOT,
        env={**os.environ, "DOCKER_BUILDKIT": "1", **(environment or {})},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, f"docker {' '.join(arguments)}\n{done.stdout[-3000:]}{done.stderr[-6000:]}"
    return done.stdout


def require_engine() -> None:
    """Skip where no engine answers."""
    try:
        done = subprocess.run([DOCKER, "info"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        pytest.skip("no Docker engine: the program is missing or hangs")
    if done.returncode:
        pytest.skip("no Docker engine answers")


def succeeds(*arguments: str) -> bool:
    """Whether the command does."""
    done = subprocess.run([DOCKER, *arguments], capture_output=True, timeout=600, check=False)
    return done.returncode == 0


def has(image: str) -> bool:
    """Whether the engine has an image, or gets it from a registry."""
    return succeeds("image", "inspect", image) or succeeds("pull", "--quiet", image)


def bases(dockerfile: str = "stellar") -> dict[str, str]:
    """The images that a Dockerfile starts from, by the name of the argument that replaces them."""
    text = (ROOT / "infra" / "docker" / f"{dockerfile}.Dockerfile").read_text()
    return dict(re.findall(r"^ARG (\w+_IMAGE)=(\S+)$", text, re.MULTILINE))


def require_bases(dockerfile: str = "stellar") -> None:
    """Skip where the engine can have none of them."""
    for image in bases(dockerfile).values():
        if not has(image):
            pytest.skip(f"no Docker engine with the image {image}, which no registry gives")


def build(target: str, dockerfile: str = "stellar") -> str:
    """Build one of our images; its name. Skips where there is nothing to build it from."""
    require_bases(dockerfile)
    name = f"stellar-test/{target}"
    docker("build", "--file", f"infra/docker/{dockerfile}.Dockerfile", "--target", target, "--tag", name, ".")
    return name


def inspect(what: str) -> Any:
    """What the engine knows of an image or a container."""
    (found,) = json.loads(docker("inspect", what))
    return found


def megabytes(image: str) -> float:
    """The size of an image, its base included."""
    return float(inspect(image)["Size"]) / 1e6


@dataclass(frozen=True, slots=True)
class Container:
    """One that runs. Its ports are on free ones of 127.0.0.1."""

    name: str

    def url(self, port: int) -> str:
        address = docker("port", self.name, f"{port}/tcp").splitlines()[0]
        return f"http://{address}"

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command in the container."""
        return subprocess.run([DOCKER, "exec", self.name, *command], capture_output=True, text=True, check=False)

    def logs(self) -> str:
        return subprocess.run(
            [DOCKER, "logs", self.name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        ).stdout

    def wait_until(self, *command: str, seconds: float = START_SECONDS) -> None:
        """Until a command in the container succeeds, as a health check does."""
        deadline = time.monotonic() + seconds
        while self.run(*command).returncode:
            assert inspect(self.name)["State"]["Running"], self.logs()
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.2)

    def stop(self) -> int:
        """Send SIGTERM; the exit code, which is 137 where the engine had to kill it."""
        docker("stop", "--time", "60", self.name)
        return int(inspect(self.name)["State"]["ExitCode"])


@contextmanager
def running(image: str, *options: str, command: tuple[str, ...] = ()) -> Iterator[Container]:
    """A container of an image: read-only, without capabilities, gone afterwards."""
    name = docker("run", "--detach", "--init", *HARDENED, *options, image, *command).strip()
    try:
        yield Container(name)
    finally:
        docker("rm", "--force", "--volumes", name)


def example(name: str) -> Path:
    """The folder of one of the examples that come with the emulator."""
    return ROOT / "infra" / "emulator" / "examples" / name
