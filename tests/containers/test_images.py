"""The images: built, started as a careful operator starts them, used, and stopped."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from stellar.schema import EXAMPLE
from support.answers import post
from support.docker import Container, bases, build, docker, example, inspect, megabytes, running

pytestmark = [pytest.mark.containers, pytest.mark.xdist_group("containers"), pytest.mark.timeout(1800)]

USER = "10001:10001"
MOST_OVER_BASE = 350  # megabytes
HEALTHY = ("python", "/app/infra/docker/healthy.py")


@pytest.fixture(scope="module")
def emulator() -> str:
    return build("emulator")


@pytest.fixture(scope="module")
def runtime() -> str:
    return build("runtime")


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


def drains(container: Container) -> None:
    """It ends by itself when it is told to."""
    assert container.stop() in (0, 143), container.logs()
    assert "Traceback" not in container.logs()


def test_the_emulator_alone_runs_a_strangers_template(emulator: str) -> None:
    mounted = f"type=bind,source={example('http-api')},target=/var/task,readonly"
    with running(emulator, "--mount", mounted, "--publish", "127.0.0.1::3000") as container:
        container.wait_until(*HEALTHY, "http", "http://127.0.0.1:3000/greetings/Ada")
        assert get(f"{container.url(3000)}/greetings/Ada") == {"message": "Hello, Ada"}
        assert container.run("id", "-u").stdout.strip() == USER.partition(":")[0]
        drains(container)


def test_the_emulator_invokes_a_function_once_and_ends(emulator: str) -> None:
    mounted = f"type=bind,source={example('http-api')},target=/var/task,readonly"
    printed = docker("run", "--rm", "--init", "--mount", mounted, emulator, "--help")
    assert "start-api" in printed
    assert "start-esm" in printed


def test_the_runtime_classifies_with_the_model_that_ships(runtime: str) -> None:
    with running(runtime, "--publish", "127.0.0.1::3000") as container:
        container.wait_until(*HEALTHY, "http", "http://127.0.0.1:3000/health")
        url = container.url(3000)
        assert post(f"{url}/predict", {"features": EXAMPLE})["label"] == "GALAXY"
        assert get(f"{url}/health")["status"] in ("ok", "degraded")  # neither gRPC nor Kafka is beside it
        drains(container)


def test_the_runtime_serves_grpc(runtime: str) -> None:
    command = ("grpc", "--host", "0.0.0.0", "--port", "50051")
    with running(runtime, command=command) as container:
        container.wait_until(*HEALTHY, "grpc", "127.0.0.1:50051")
        drains(container)


@pytest.mark.parametrize("name", ["runtime", "emulator"])
def test_image_says_what_it_is_and_holds_no_more(name: str, request: pytest.FixtureRequest) -> None:
    image = request.getfixturevalue(name)
    config = inspect(image)["Config"]
    assert config["User"] == USER
    labels = config["Labels"]
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert labels["org.opencontainers.image.title"]
    bill = json.loads(docker("run", "--rm", "--entrypoint", "cat", image, "/app/sbom.cdx.json"))
    assert bill["bomFormat"] == "CycloneDX"
    assert {"boto3", "awslambdaric"} <= {each["name"] for each in bill["components"]}
    assert megabytes(image) - megabytes(bases()["PYTHON_IMAGE"]) < MOST_OVER_BASE
