"""TLS with SASL on a real broker: credentials from a secret, or from the client's own settings."""

from __future__ import annotations

import datetime
import ipaddress
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lambda_emulator.event_source import DrainTimeouts, EventSourceService
from lambda_emulator.event_source.batches.sender import Answer
from lambda_emulator.stack import EventSource, Function, Stack
from stellar_local_stack.kafka import ApacheBroker
from stellar_local_stack.kafka.jars import missing_programs
from support.kafka import FAST, mapping, new_topic, produce, until


def certificate() -> tuple[str, str]:
    """A certificate of 127.0.0.1 that signs itself, and its key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(pem).decode(), private.decode()


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ApacheBroker, str]]:
    """A broker that demands TLS and a name, and the certificate that it shows."""
    if absent := missing_programs():
        pytest.skip(f"Apache Kafka needs {' and '.join(absent)}, which are not installed")
    public, private = certificate()
    store: Path = tmp_path_factory.mktemp("tls") / "broker.pem"
    store.write_text(private + public)
    login = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    properties = {
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,CLIENTS:SASL_SSL",
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "listener.name.clients.plain.sasl.jaas.config": (
            f'{login} username="broker" password="b" user_broker="b" user_alice="wonderland";'
        ),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(store),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(store),
    }
    client = {
        "security.protocol": "SASL_SSL",
        "sasl.mechanisms": "PLAIN",
        "sasl.username": "alice",
        "sasl.password": "wonderland",
        "ssl.ca.pem": public,
    }
    with ApacheBroker(properties=properties, client=client) as broker:
        yield broker, public


async def test_client_settings_reach_a_secured_broker(secured: tuple[ApacheBroker, str]) -> None:
    broker, _ = secured
    topic = new_topic(broker)
    produce(broker, topic, [b"x"] * 10)
    async with mapping(broker, topic=topic) as running:
        await until(lambda: running.counts["processed"] == 10)


class _Accepting:
    """A sender whose function is always content."""

    async def invoke(self, function: str, payload: bytes) -> Answer:
        return Answer("1", b"null")

    def close(self) -> None: ...


async def test_source_access_configurations_name_the_secrets(
    secured: tuple[ApacheBroker, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broker, public = secured
    topic = new_topic(broker)
    produce(broker, topic, [b"x"] * 10)
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:"
    monkeypatch.setenv("STELLAR_SECRET_KAFKA_LOGIN", json.dumps({"username": "alice", "password": "wrong"}))
    monkeypatch.setenv("STELLAR_SECRET_KAFKA_CA", json.dumps({"certificate": public}))
    properties = {
        "Topics": [topic],
        "StartingPosition": "TRIM_HORIZON",
        "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": [broker.bootstrap_servers]}},
        "SourceAccessConfigurations": [
            {"Type": "BASIC_AUTH", "URI": f"{arn}kafka/login-AbCdEf"},
            {"Type": "SERVER_ROOT_CA_CERTIFICATE", "URI": f"{arn}kafka/ca-AbCdEf"},
            {"Type": "VPC_SUBNET", "URI": "subnet:subnet-1"},
        ],
    }
    function = Function("Stream", "stream", "app.handler", "python3.11", Path())
    stack = Stack(
        Path("template.yaml"),
        {"Stream": function},
        event_sources=(EventSource("Events", "Stream", "SelfManagedKafka", properties),),
    )
    async with EventSourceService(stack, sender=_Accepting(), pace=DrainTimeouts(drain=1), backoff=FAST) as service:
        [only] = service.mappings.values()
        await until(lambda: only.last_result.startswith("PROBLEM"))
        # The right password is noticed without anything being restarted.
        monkeypatch.setenv("STELLAR_SECRET_KAFKA_LOGIN", json.dumps({"username": "alice", "password": "wonderland"}))
        await until(lambda: only.metrics.counts["processed"] == 10)
