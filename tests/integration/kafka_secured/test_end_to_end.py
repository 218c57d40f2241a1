"""Apache Kafka by TLS, with SCRAM or client certificates: mapping, functions and page, by AWS's secrets."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lambda_emulator.event_source import DrainTimeouts, EventSourceService
from lambda_emulator.event_source.batches.sender import Answer
from lambda_emulator.stack import EventSource, Function, Stack
from stellar.schema import EXAMPLE
from stellar_local_stack.kafka import ApacheBroker, create_topics
from stellar_local_stack.kafka.jars import missing_programs
from support.certificates import Authority
from support.functions import load_function
from support.http_events import CONTEXT, HttpClient
from support.kafka import FAST, new_topic, produce, read_all, until
from support.page import page_server

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"


@dataclass(frozen=True)
class Secured:
    """A broker, the secrets by their names, and what the mapping and the functions are told."""

    broker: ApacheBroker
    secrets: dict[str, dict[str, str]]
    wrong: dict[str, str]  # what the brokers refuse in the place of the secret "login"
    access: list[dict[str, str]]
    variables: dict[str, str]


@pytest.fixture(scope="module", params=["SASL_SCRAM_512_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH"])
def secured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    if absent := missing_programs():
        pytest.skip(f"Apache Kafka needs {' and '.join(absent)}, which are not installed")
    folder: Path = tmp_path_factory.mktemp("tls")
    authority = Authority(folder, "authority")
    own, client = authority.sign("broker"), authority.sign("client")
    store = folder / "broker.pem"
    store.write_text(own.key.read_text() + own.certificate.read_text())
    trusted = authority.certificate.read_text()
    tls = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(store),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.certificate),
    }
    secrets = {"ca": {"certificate": trusted}}
    settings = {"ssl.ca.pem": trusted}
    scram = {}
    if request.param == "SASL_SCRAM_512_AUTH":
        protocol, scram = "SASL_SSL", {"alice": "wonderland"}
        tls |= {
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
            "sasl.mechanism.inter.broker.protocol": "PLAIN",
            "listener.name.clients.plain.sasl.jaas.config": f'{PLAIN} required username="b" password="b" user_b="b";',
            "listener.name.clients.scram-sha-512.sasl.jaas.config": f"{SCRAM} required;",
        }
        secrets["login"] = {"username": "alice", "password": "wonderland"}
        wrong = {"username": "alice", "password": "wrong"}
        settings |= {"sasl.mechanisms": "SCRAM-SHA-512", "sasl.username": "alice", "sasl.password": "wonderland"}
        variables = {"KAFKA_SECRET": f"{ARN}login-AbCdEf"}
    else:
        protocol = "SSL"
        tls |= {"ssl.client.auth": "required"}
        secrets["login"] = {"certificate": client.certificate.read_text(), "privateKey": client.key.read_text()}
        stranger = Authority(folder, "other").sign("client")
        wrong = {"certificate": stranger.certificate.read_text(), "privateKey": stranger.key.read_text()}
        settings |= {"ssl.certificate.pem": secrets["login"]["certificate"], "ssl.key.pem": client.key.read_text()}
        variables = {"KAFKA_CERTIFICATE_SECRET": f"{ARN}login-AbCdEf"}
    properties = {"listener.security.protocol.map": f"CONTROLLER:PLAINTEXT,CLIENTS:{protocol}", **tls}
    access = [
        {"Type": request.param, "URI": f"{ARN}login-AbCdEf"},
        {"Type": "SERVER_ROOT_CA_CERTIFICATE", "URI": f"{ARN}ca-AbCdEf"},
    ]
    settings["security.protocol"] = protocol
    with ApacheBroker(properties=properties, client=settings, scram=scram) as broker:
        create_topics(broker.client_config())
        variables |= {
            "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
            "KAFKA_SECURITY_PROTOCOL": protocol,
            "KAFKA_CA_SECRET": f"{ARN}ca-AbCdEf",
        }
        yield Secured(broker, secrets, wrong, access, variables)


@pytest.fixture(autouse=True)
def environment(secured: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content in secured.secrets.items():
        monkeypatch.setenv(f"STELLAR_SECRET_{name.upper()}", json.dumps(content))
    for name, value in secured.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    monkeypatch.delenv("MODEL_BUCKET", raising=False)


class Accepting:
    """A sender whose function is always content."""

    async def invoke(self, function: str, payload: bytes) -> Answer:
        return Answer("1", b"null")

    def close(self) -> None: ...


async def test_mapping_reads_by_the_secrets_of_its_access_configurations(secured: Secured) -> None:
    topic = new_topic(secured.broker)
    produce(secured.broker, topic, [b"x"] * 10)
    properties = {
        "Topics": [topic],
        "StartingPosition": "TRIM_HORIZON",
        "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": [secured.broker.bootstrap_servers]}},
        "SourceAccessConfigurations": secured.access,
    }
    function = Function("Stream", "stream", "app.handler", "python3.11", Path())
    source = EventSource("Events", "Stream", "SelfManagedKafka", properties)
    stack = Stack(Path("template.yaml"), {"Stream": function}, event_sources=(source,))
    async with EventSourceService(stack, sender=Accepting(), pace=DrainTimeouts(drain=1), backoff=FAST) as service:
        [only] = service.mappings.values()
        await until(lambda: only.metrics.counts["processed"] == 10)


def record(offset: int) -> dict[str, Any]:
    value = base64.b64encode(json.dumps(EXAMPLE).encode()).decode()
    return {"topic": "in", "partition": 0, "offset": offset, "timestamp": 1, "value": value, "headers": []}


def classify(app: Any, offset: int) -> Any:
    context = SimpleNamespace(**vars(CONTEXT), get_remaining_time_in_millis=lambda: 30_000)
    return app.lambda_handler({"eventSource": "aws:kafka", "records": {"in-0": [record(offset)]}}, context)


def test_function_writes_predictions(secured: Secured) -> None:
    with load_function("stream") as app:
        assert classify(app, 7) == {"batchItemFailures": []}
    values = [json.loads(message.value()) for message in read_all(secured.broker, "star_predictions_output", 1)]
    assert values[0]["prediction"]["label"] == "GALAXY"


def test_secret_that_is_rotated_is_read_again_and_nothing_is_lost(
    secured: Secured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STELLAR_SECRET_LOGIN", json.dumps(secured.wrong))
    with load_function("stream") as app:
        monkeypatch.setattr(sys.modules["app"], "DELIVERY_SECONDS", 3.0)
        assert classify(app, 8) == {"batchItemFailures": [{"itemIdentifier": {"partition": "in-0", "offset": 8}}]}
        monkeypatch.setenv("STELLAR_SECRET_LOGIN", json.dumps(secured.secrets["login"]))
        assert classify(app, 8) == {"batchItemFailures": []}


def test_rest_puts_a_record_and_sees_that_the_brokers_are_up(secured: Secured) -> None:
    with load_function("rest") as app:
        client = HttpClient(app.lambda_handler)
        answer = client.post("/stream/test", EXAMPLE)
        assert (answer.status, answer.json["topic"]) == (202, "star_features_input")
        states = {each["protocol"]: each["state"] for each in client.get("/services").json["services"]}
        assert states["Kafka"] == "up"
        sys.modules["stream_test"]._producer().close()


def test_page_reads_and_feeds(secured: Secured, tmp_path: Path) -> None:
    client = {name: value for name, value in secured.broker.client_config().items() if name != "bootstrap.servers"}
    lines = []
    for name, value in client.items():  # a properties file has one line for each: certificates go by file
        if name.endswith(".pem"):
            file = tmp_path / name
            file.write_text(value)
            name, value = name.replace(".pem", ".location"), str(file)
        lines.append(f"{name}={value}")
    config = tmp_path / "client.properties"
    config.write_text("\n".join(lines))
    arguments = ("--bootstrap-servers", secured.broker.bootstrap_servers, "--kafka-config", config)
    with page_server(*arguments, "--esm-url", "http://127.0.0.1:1", "--api-url", "http://127.0.0.1:9") as page:
        assert page.call("/live/status")[1]["kafka"] == "up"
        assert page.call("/live/feed", {"rate": 50}, "POST")[0] == 200
        assert len(read_all(secured.broker, "star_features_input", 20)) == 20
        page.call("/live/feed", method="DELETE")
