"""The template on another AWS: MiniStack makes the stack, answers through its API, and classifies Kafka's records."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import orjson
import pytest

from stellar.schema import EXAMPLE
from stellar_bench.peers.contender import AbsentError
from stellar_bench.peers.ministack import PYTHON, ministack_server
from stellar_bench.servers import ServerDidNotStartError
from stellar_deploy.tools import MINISTACK
from stellar_local_stack.kafka import EmbeddedBroker, Topic, create_topics
from support.kafka import produce, read_all

ROOT = Path(__file__).resolve().parents[3]
STELLAR = str(Path(sys.executable).with_name("stellar"))

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("ministack")]


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as broker:
        topics = ("star_features_input", "star_predictions_output", "star_features_dlq")
        create_topics(broker.client_config(), [Topic(name, 2) for name in topics])
        yield broker


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ExitStack() as running:
        try:
            server = running.enter_context(ministack_server(tmp_path_factory.mktemp("ministack")))
        except (AbsentError, ServerDidNotStartError) as error:
            pytest.skip(f"{MINISTACK} cannot be had: {error}")
        yield server


@pytest.fixture(scope="module")
def deployed(endpoint: str, broker: EmbeddedBroker) -> dict[str, str]:
    command = [STELLAR, "deploy", "localstack", "--endpoint-url", endpoint, "--python", PYTHON]
    done = subprocess.run(
        [*command, "--kafka", broker.bootstrap_servers, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "endpoint": endpoint}


def call(deployed: dict[str, str], path: str, content: object = None) -> dict[str, object]:
    """A call through the API, whose name is sent as Host: no resolver has to know it."""
    host = deployed["api_url"].removeprefix("http://")
    body = None if content is None else json.dumps(content).encode()
    request = Request(f"{deployed['endpoint']}{path}", body, {"host": host, "content-type": "application/json"})
    try:
        with urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except HTTPError as error:
        return json.load(error)


def test_rest_answers_through_its_api(deployed: dict[str, str]) -> None:
    answer = call(deployed, "/predict", {"features": EXAMPLE})
    assert answer["label"] == "GALAXY"
    assert answer["model_version"] == deployed["model_version"]
    refused = call(deployed, "/predict", {"features": {**EXAMPLE, "delta": 123}})
    assert (refused["status"], refused["errors"][0]["field"]) == (422, "features.delta")


def test_the_champion_comes_from_its_bucket(deployed: dict[str, str]) -> None:
    deadline = time.monotonic() + 60
    # Over GraphQL, for MiniStack keeps /health to itself.
    question = {"query": "{ health { status source lastError } }"}
    while (health := call(deployed, "/graphql", question)["data"]["health"])["source"] != "s3":
        assert time.monotonic() < deadline, health
        time.sleep(0.5)
    assert health["status"] == "ok"


def test_graphql_answers_through_its_api(deployed: dict[str, str]) -> None:
    answer = call(deployed, "/graphql", {"query": "{ model { version } }"})
    assert answer == {"data": {"model": {"version": deployed["model_version"]}}}


def test_a_kafka_record_is_classified_by_the_function_that_it_hosts(
    deployed: dict[str, str], broker: EmbeddedBroker, tmp_path: Path
) -> None:
    poller = [STELLAR, "local", "start-esm", "--bootstrap-servers", broker.bootstrap_servers, "--metrics-port", "0"]
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*poller, "--lambda-endpoint", deployed["endpoint"]], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        produce(broker, "star_features_input", [EXAMPLE])
        (record,) = read_all(broker, "star_predictions_output", 1, seconds=60)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert orjson.loads(record.value())["prediction"]["label"] == "GALAXY", log.read_text()


def test_nothing_at_the_endpoint_is_told_with_the_way_out() -> None:
    command = [STELLAR, "deploy", "localstack", "--endpoint-url", "http://127.0.0.1:9"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "nothing answers at http://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr
