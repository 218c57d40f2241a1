"""The stack of the compose files, run by its own command lines as processes: from the bucket to a prediction."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer

from stellar.schema import EXAMPLE
from stellar_local_stack.kafka import ApacheBroker
from support import containers
from support.ports import free_ports
from support.uncontained import Uncontained

# They share one broker with the other tests of Kafka.
pytestmark = pytest.mark.xdist_group("kafka")

OPENED = ("minio:9000", "api:3000", "grpc:50051", "grpc:9465", "functions:3001", "esm:9464", "page:5174")
VALUES = {name: f"value-of-{name.lower()}" for name in containers.secrets()}
SERVERS = ("grpc", "api", "functions", "esm", "page")


@pytest.fixture(scope="module")
def addresses(apache: ApacheBroker) -> dict[str, str]:
    """Where the addresses of the compose network are here."""
    opened = {name: f"127.0.0.1:{port}" for name, port in zip(OPENED, free_ports(len(OPENED)), strict=True)}
    return {**opened, "kafka:19092": apache.bootstrap_servers}


@pytest.fixture(scope="module")
def stack(addresses: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Uncontained]:
    """All of our services, started in the order that the compose files ask for, with moto in MinIO's place."""
    own = Uncontained(tmp_path_factory.mktemp("compose"), addresses, VALUES)
    host, port = addresses["minio:9000"].split(":")
    s3 = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", host, "-p", port],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until_it_answers(f"http://{host}:{port}/")
        for name in ("model", "model", "topics", "topics"):  # again, as at every later start of the stack
            done = own.once(name)
            assert done.returncode == 0, done.stderr
        for name in SERVERS:
            own.start(name)
        for name in SERVERS:
            own.wait(name)
        yield own
    finally:
        own.stop()
        s3.terminate()
        s3.wait()


def test_rest_answers_with_the_model_of_the_bucket(stack: Uncontained, addresses: dict[str, str]) -> None:
    answer = _call(f"http://{addresses['api:3000']}/predict", {"features": EXAMPLE})
    assert answer["label"] == "GALAXY"
    assert _call(f"http://{addresses['api:3000']}/health")["source"] == "s3"


def test_services_finds_the_others_under_their_names(stack: Uncontained, addresses: dict[str, str]) -> None:
    found = json.dumps(_call(f"http://{addresses['api:3000']}/services"))
    assert addresses["grpc:50051"] in found
    assert addresses["kafka:19092"] in found


def test_a_record_becomes_a_prediction(stack: Uncontained, addresses: dict[str, str]) -> None:
    producer = Producer({"bootstrap.servers": addresses["kafka:19092"]})
    producer.produce("star_features_input", json.dumps(EXAMPLE), key="compose")
    assert producer.flush(30) == 0
    consumer = Consumer(
        {
            "bootstrap.servers": addresses["kafka:19092"],
            "group.id": "compose-test",
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe(["star_predictions_output"])
    try:
        deadline = time.monotonic() + 60
        while (record := consumer.poll(0.5)) is None or record.error() or record.key() != b"compose":
            assert time.monotonic() < deadline, stack.log("esm") + stack.log("functions")
        assert json.loads(record.value())["prediction"]["label"] == "GALAXY"
    finally:
        consumer.close()


def test_prometheus_finds_metrics_at_both_targets(stack: Uncontained, addresses: dict[str, str]) -> None:
    for target, name in (("grpc:9465", "stellar_grpc_streams"), ("esm:9464", "esm_records_polled")):
        with urllib.request.urlopen(f"http://{addresses[target]}/metrics", timeout=10) as page:
            assert re.search(rf"^# TYPE {name}", page.read().decode(), re.MULTILINE)


def test_a_health_check_fails_where_nothing_answers(stack: Uncontained, addresses: dict[str, str]) -> None:
    closed = f"127.0.0.1:{free_ports(1)[0]}"
    stack.addresses = dict.fromkeys(addresses, closed)
    try:
        for name in SERVERS:
            assert stack.health(name).returncode == 1, name
    finally:
        stack.addresses = addresses


def test_nothing_is_written_beside_the_program(stack: Uncontained) -> None:
    assert stack.listing() == stack.files


def _call(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def _until_it_answers(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
