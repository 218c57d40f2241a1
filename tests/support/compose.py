"""The compose files, run by Docker Compose under a name, ports and passwords of the test's own."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from stellar_local_stack.kafka import jars
from support import containers
from support.docker import DOCKER, docker, has, require_bases, succeeds
from support.ports import free_ports

STAND_INS = containers.ROOT / "tests" / "containers" / "stand_ins"
REPLACED = {"apache/kafka": "kafka", "postgres": "postgres", "prom/prometheus": "prometheus"}
"""What has a Dockerfile of real parts in ``stand_ins``, for where no image registry is reached."""

PORTS = (
    "HTTP",
    "GRPC",
    "KAFKA",
    "LAMBDA",
    "METRICS",
    "PAGE",
    "S3",
    "MINIO",
    "MLFLOW",
    "AIRFLOW",
    "PROMETHEUS",
    "GRAFANA",
)
HEALTHY_SECONDS = 600.0


def require_compose() -> None:
    """Skip where the engine has no Compose."""
    done = subprocess.run([DOCKER, "compose", "version"], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("there is no `docker compose` on this machine")


def require_image(name: str, folder: Path) -> None:
    """The image of a service that is not ours: the engine's, a registry's, or a stand-in. Skips where there is none."""
    if has(name):
        return
    stand_in = REPLACED.get(name.partition(":")[0])
    if stand_in is None or not succeeds("image", "inspect", "local/debian:bookworm-slim"):
        pytest.skip(f"no Docker engine with the image {name}, which no registry gives")
    context = folder / stand_in
    shutil.copytree(STAND_INS, context)
    if stand_in == "kafka":
        shutil.copytree(jars.fetch(), context / "kafka")
    docker("build", "--file", str(context / f"{stand_in}.Dockerfile"), "--tag", name, str(context))


class Compose:
    """A stack of some profiles. Nothing of it is left after ``down``."""

    def __init__(self, folder: Path, *profiles: str) -> None:
        self.project = f"stellar-test-{secrets.token_hex(4)}"
        numbers = free_ports(len(PORTS))
        self.ports = {name.lower(): number for name, number in zip(PORTS, numbers, strict=True)}
        values = {name: secrets.token_hex(16) for name in containers.secrets()}
        values |= {f"STELLAR_{name}_PORT": str(self.ports[name.lower()]) for name in PORTS}
        self._values = folder / "values.env"
        self._values.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        self._profiles = [word for each in profiles for word in ("--profile", each)]
        self._folder = folder

    def url(self, server: str = "http") -> str:
        return f"http://127.0.0.1:{self.ports[server]}"

    def run(self, *arguments: str) -> str:
        """A command of Docker Compose; what it prints."""
        files = ("--file", str(containers.INFRA / "compose.yaml"), "--env-file", str(self._values))
        return docker("compose", *files, "--project-name", self.project, *self._profiles, *arguments)

    def up(self) -> None:
        """Build, start, and wait until every service is healthy, or done if it is one that ends."""
        require_bases()
        for image in self.run("config", "--images").split():
            if not image.startswith("stellar/"):
                require_image(image, self._folder)
        self.run("build")
        self.run("up", "--detach")
        self.wait_until_healthy()

    def wait_until_healthy(self) -> None:
        deadline = time.monotonic() + HEALTHY_SECONDS
        while waiting := [name for name, state in self.states().items() if state not in ("healthy", "done")]:
            assert time.monotonic() < deadline, f"{waiting}\n{self.run('logs', '--tail', '20', *waiting)}"
            time.sleep(1)

    def states(self) -> dict[str, str]:
        """Of each service, whether it is ``healthy``, ``done`` (ended without an error) or what else."""
        found = {}
        for each in self._listed():
            ended = each["State"] == "exited" and each["ExitCode"] == 0
            found[each["Service"]] = "done" if ended else each["Health"] or each["State"]
        return found

    def kill(self, service: str, command: str) -> None:
        """SIGKILL for the process of that name in a service's container, as the kernel's out-of-memory killer does."""
        script = (
            "import os, pathlib\n"
            "for each in pathlib.Path('/proc').glob('[0-9]*/cmdline'):\n"
            f"    if each.parent.name != str(os.getpid()) and {command!r} in each.read_text().split(chr(0)):\n"
            "        os.kill(int(each.parent.name), 9)\n"
        )
        self.run("exec", "--no-TTY", service, "python", "-c", script)

    def starts(self, service: str) -> int:
        """How often the engine has restarted a service's container."""
        (number,) = self.run("ps", "--quiet", service).split()
        (found,) = json.loads(docker("inspect", number))
        return int(found["RestartCount"])

    def down(self) -> None:
        self.run("down", "--volumes", "--timeout", "30")

    def left_behind(self) -> list[str]:
        """Containers, networks and volumes that still bear the project's name."""
        label = f"label=com.docker.compose.project={self.project}"
        kinds = (("ps", "--all"), ("network", "ls"), ("volume", "ls"))
        return [line for kind in kinds for line in docker(*kind, "--quiet", "--filter", label).split()]

    def _listed(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run("ps", "--all", "--format", "json").splitlines()]
