"""`sam local` with our template, in containers: the same answers as from our own runtime."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stellar_deploy.build import sam_build, sam_command
from stellar_local_stack.project import ROOT
from support.answers import Answer, over_graphql, over_rest
from support.docker import START_SECONDS, has
from support.ports import free_ports
from support.thousand_objects import ROWS, a_thousand
from support.up import STELLAR

pytestmark = [pytest.mark.containers, pytest.mark.xdist_group("containers"), pytest.mark.timeout(1800)]

FLOAT32 = 1e-6  # what the order of float32 sums may change
LAMBDA_IMAGE = "public.ecr.aws/lambda/python:3.11-x86_64"
PARAMETERS = "PythonRuntime=python3.11"
EVENT = ROOT / "tests" / "events" / "rest-predict.json"
VARIABLES = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"}


class Api:
    """An HTTP API on a port of this machine."""

    def __init__(self, port: int) -> None:
        self.ports = {"http": port}

    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['http']}"

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url()}/model", timeout=60) as answer:
                return bool(json.load(answer)["version"])
        except (OSError, ValueError, KeyError):
            return False


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not has(LAMBDA_IMAGE):
        pytest.skip(f"no Docker engine with the image {LAMBDA_IMAGE}, which no registry gives")
    return sam_build(tmp_path_factory.mktemp("sam") / "build", "3.11")


@contextmanager
def served(command: list[str], log: Path) -> Iterator[Api]:
    """A ``start-api`` that answers."""
    (port,) = free_ports(1)
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, **VARIABLES},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            api = Api(port)
            deadline = time.monotonic() + START_SECONDS
            while not api.answers():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.5)
            yield api
        finally:
            process.terminate()
            process.wait(60)


def test_sam_local_gives_a_thousand_objects_our_answers(built: Path, tmp_path: Path) -> None:
    rows = a_thousand()
    sam = [*sam_command(), "local", "start-api", "--template", str(built), "--warm-containers", "EAGER"]
    sam += ["--skip-pull-image", "--parameter-overrides", PARAMETERS]
    ours = [str(STELLAR), "local", "start-api", "--no-watch", "--parameter-overrides", PARAMETERS]
    given: dict[str, list[Answer]] = {}
    for name, command in (("sam", sam), ("ours", ours)):
        with served(command, tmp_path / f"{name}.log") as api:
            given[f"{name} REST"] = over_rest(api, rows)
            given[f"{name} GraphQL"] = over_graphql(api, rows)
    first = given["ours REST"]
    assert len(first) == ROWS
    for name, answers in given.items():
        for place, (one, other) in enumerate(zip(first, answers, strict=True)):
            assert one.probabilities == pytest.approx(other.probabilities, abs=FLOAT32), (name, place)
            assert one._replace(probabilities=()) == other._replace(probabilities=()), (name, place)


def test_sam_local_invokes_a_function(built: Path) -> None:
    command = [*sam_command(), "local", "invoke", "RestFunction", "--template", str(built), "--event", str(EVENT)]
    done = subprocess.run(
        [*command, "--skip-pull-image", "--parameter-overrides", PARAMETERS],
        cwd=ROOT,
        env={**os.environ, **VARIABLES},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["label"] == "GALAXY"
