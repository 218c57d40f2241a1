"""The wheel of ``lambda-emulator`` alone, in an environment of its own outside of any checkout, with its examples."""

from __future__ import annotations

import json
import shutil
from base64 import b64decode
from pathlib import Path

import pytest

from stellar_local_stack.kafka import EmbeddedBroker, Topic, create_topics
from support.commands import run, serving
from support.functions import ROOT
from support.kafka import produce, read_all
from support.wheels import build, install, installed, interpreter

EXAMPLES = ROOT / "infra" / "emulator" / "examples"
NOT_FOR_IT = {"moto", "numpy", "onnxruntime", "fastapi", "strawberry-graphql", "stellar-model"}

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    [only] = build(tmp_path_factory.mktemp("wheel"), "lambda-emulator")
    return only


@pytest.fixture(scope="module", params=["3.11", "3.12", "3.13"])
def program(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed command."""
    return install(tmp_path_factory.mktemp("environment") / "venv", interpreter(request.param), wheel) / (
        "lambda-emulator"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The examples, outside of the checkout."""
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    return tmp_path / "examples"


def test_wheel_brings_nothing_that_only_the_product_needs(program: Path) -> None:
    assert not installed(program.parent) & NOT_FOR_IT


def test_http_api(program: Path, folder: Path) -> None:
    with serving(folder / "http-api", "start-api", program=[str(program)]) as api:
        assert api.get("/greetings/ada") == (200, b'{"message": "Hello, ada"}')
        assert api.get("/greetings", "POST", b'{"name": "bob"}') == (201, b'{"name": "bob"}')
        assert api.get("/greetings", "POST", b"bob")[0] == 400
        assert api.end() == 0


def test_rest_api_with_an_authorizer(program: Path, folder: Path) -> None:
    with serving(folder / "rest-api", "start-api", program=[str(program)]) as api:
        status, body = api.get("/notes", headers={"Authorization": "Bearer open-sesame"})
        assert (status, json.loads(body)) == (200, {"user": "ada", "notes": ["buy punched cards"]})
        assert api.get("/notes", headers={"Authorization": "Bearer guessed"})[0] == 401
        assert api.get("/notes")[0] == 401


def test_kafka_consumer_with_partial_failures_and_a_dead_letter_topic(program: Path, folder: Path) -> None:
    consumer = folder / "kafka-consumer"
    with EmbeddedBroker() as broker, serving(consumer, "start-lambda", program=[str(program)]) as functions:
        create_topics(broker.client_config(), [Topic("orders", 1), Topic("orders-dead-letters", 1)])
        produce(broker, "orders", [{"id": 1, "quantity": 2}, b"no order", {"id": 3, "quantity": 4}])
        arguments = ["--bootstrap-servers", broker.bootstrap_servers, "--lambda-endpoint", functions.address]
        with serving(consumer, "start-esm", *arguments, program=[str(program)], port="--metrics-port") as mapping:
            [dead] = read_all(broker, "orders-dead-letters", 1, seconds=60)
            functions.wait_for("order 3: 4 pieces")
            assert mapping.end() == 0
    payload = json.loads(dead.value())["payload"]
    [record] = payload["records"]["orders-0"]
    assert b64decode(record["value"]) == b"no order"


def test_sample_event_goes_into_an_invocation(program: Path, folder: Path) -> None:
    event = run(folder, "generate-event", "kafka", "--topic", "orders", program=[str(program)])
    assert event.returncode == 0, event.stderr
    answer = run(folder / "kafka-consumer", "invoke", "-e", "-", stdin=event.stdout, program=[str(program)])
    assert json.loads(answer.stdout) == {
        "batchItemFailures": [{"itemIdentifier": {"partition": "orders-0", "offset": 0}}]
    }
