"""The Kafka cluster, and how a function proves to it who it is: what the environment and the secrets that it names say.

The secrets are those of the event source mapping's ``SourceAccessConfigurations``: ``KAFKA_SECRET`` has ``username``
and ``password`` (SASL_SCRAM_512_AUTH), ``KAFKA_CERTIFICATE_SECRET`` has ``certificate`` and ``privateKey``
(CLIENT_CERTIFICATE_TLS_AUTH), ``KAFKA_CA_SECRET`` has the ``certificate`` of an authority that is not a public one.
They are read anew at each call, as they are rotated; what reads one raises SecretError.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from stellar.secrets import Secret
from stellar_service import ports


class Login(NamedTuple):
    """A name and a password, and the SASL mechanism by which they are shown."""

    mechanism: str
    username: str
    password: str


class Certificate(NamedTuple):
    """A client's certificate and its private key (PEM)."""

    certificate: str
    key: str


def addresses() -> str:
    """``host:port``, with commas between several."""
    return os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or ports.address(ports.KAFKA)


def security_protocol() -> str:
    """``PLAINTEXT``, ``SSL``, ``SASL_PLAINTEXT`` or ``SASL_SSL``."""
    return os.environ.get("KAFKA_SECURITY_PROTOCOL") or "PLAINTEXT"


def use_tls() -> bool:
    """Whether the brokers speak TLS."""
    return security_protocol() in ("SSL", "SASL_SSL")


def login() -> Login | None:
    """The function's own, if there is one."""
    if not (name := os.environ.get("KAFKA_SECRET")):
        return None
    secret = Secret(name)
    mechanism = os.environ.get("KAFKA_SASL_MECHANISM") or "SCRAM-SHA-512"
    return Login(mechanism, secret.member("username"), secret.member("password"))


def certificate() -> Certificate | None:
    """The function's own, if there is one."""
    if not (name := os.environ.get("KAFKA_CERTIFICATE_SECRET")):
        return None
    secret = Secret(name)
    return Certificate(secret.member("certificate"), secret.member("privateKey"))


def authority() -> str | None:
    """The certificate of the brokers' authority (PEM), if it is not a public one."""
    name = os.environ.get("KAFKA_CA_SECRET")
    return Secret(name).member("certificate") if name else None
