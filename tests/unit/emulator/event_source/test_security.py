from __future__ import annotations

import json
from pathlib import Path

import pytest

from lambda_emulator.event_source.kafka.cluster import Cluster
from lambda_emulator.event_source.kafka.security import (
    SecurityError,
    client_settings,
    read_kafka_config,
    read_secret,
    secret_variable,
)
from lambda_emulator.event_source.values import InvalidMappingError
from support.kafka import a_config

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:kafka/login-AbCdEf"
SECRET = {"username": "u", "password": "p", "certificate": "C", "privateKey": "K", "privateKeyPassword": "S"}


def test_the_variable_of_a_secret_has_its_name_without_the_suffix_of_the_arn() -> None:
    assert secret_variable(ARN) == "STELLAR_SECRET_KAFKA_LOGIN"
    assert secret_variable("my-secret") == "STELLAR_SECRET_MY_SECRET"


def test_a_secret_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STELLAR_SECRET_KAFKA_LOGIN", json.dumps(SECRET))
    assert read_secret(ARN) == SECRET
    monkeypatch.setenv("STELLAR_SECRET_KAFKA_LOGIN", "[]")
    with pytest.raises(SecurityError, match="JSON object"):
        read_secret(ARN)


@pytest.mark.parametrize(
    ("kind", "mechanism"),
    [
        ("BASIC_AUTH", "PLAIN"),
        ("SASL_SCRAM_256_AUTH", "SCRAM-SHA-256"),
        ("SASL_SCRAM_512_AUTH", "SCRAM-SHA-512"),
    ],
)
def test_names_and_passwords_go_over_tls(kind: str, mechanism: str) -> None:
    assert client_settings([(kind, ARN)], lambda _: SECRET) == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanisms": mechanism,
        "sasl.username": "u",
        "sasl.password": "p",
    }


def test_certificates_of_client_and_server() -> None:
    access = [("CLIENT_CERTIFICATE_TLS_AUTH", ARN), ("SERVER_ROOT_CA_CERTIFICATE", ARN), ("VPC_SUBNET", "subnet:a")]
    assert client_settings(access, lambda _: SECRET) == {
        "security.protocol": "SSL",
        "ssl.certificate.pem": "C",
        "ssl.key.pem": "K",
        "ssl.key.password": "S",
        "ssl.ca.pem": "C",
    }


def test_what_cannot_be_had_locally_says_what_to_do() -> None:
    with pytest.raises(SecurityError, match="--kafka-config"):
        client_settings([("OAUTHBEARER_AUTH", ARN)], lambda _: SECRET)
    with pytest.raises(SecurityError, match="has no 'username'"):
        client_settings([("BASIC_AUTH", ARN)], lambda _: {})


def test_client_settings_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "client.properties"
    path.write_text("# a comment\n\nsecurity.protocol = SASL_SSL\nsasl.password=a=b\n")
    assert read_kafka_config(path) == {"security.protocol": "SASL_SSL", "sasl.password": "a=b"}
    path.write_text("nonsense\n")
    with pytest.raises(SecurityError, match="line 1"):
        read_kafka_config(path)
    path.write_bytes(b"sasl.password=\xff\n")
    with pytest.raises(SecurityError, match="is not UTF-8"):
        read_kafka_config(path)


def test_credentials_of_the_template_are_not_shown_to_other_brokers() -> None:
    config = a_config(SourceAccessConfigurations=[{"Type": "BASIC_AUTH", "URI": ARN}])
    settings = Cluster("127.0.0.1:9092", {"client.id": "me"}).settings(config)
    assert settings == {"bootstrap.servers": "127.0.0.1:9092", "client.id": "me"}


def test_an_msk_cluster_needs_to_be_told_where_it_is() -> None:
    with pytest.raises(InvalidMappingError, match="--bootstrap-servers"):
        Cluster().servers(a_config())
