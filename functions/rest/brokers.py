"""How the function proves to the brokers who it is: the environment as settings of kafka-python.

The variables, and the secrets that they name, are those of the stream function (``functions/stream/brokers.py``).
"""

from __future__ import annotations

import os
import ssl
import tempfile
from typing import Any

from stellar.secrets import Secret
from stellar_service import ports


def client_settings() -> dict[str, Any]:
    """Addresses, TLS and SASL. Raises SecretError."""
    settings: dict[str, Any] = {
        "bootstrap_servers": (os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or ports.address(ports.KAFKA)).split(","),
        "security_protocol": os.environ.get("KAFKA_SECURITY_PROTOCOL") or "PLAINTEXT",
    }
    if name := os.environ.get("KAFKA_SECRET"):
        secret = Secret(name)
        settings |= {
            "sasl_mechanism": os.environ.get("KAFKA_SASL_MECHANISM") or "SCRAM-SHA-512",
            "sasl_plain_username": secret.member("username"),
            "sasl_plain_password": secret.member("password"),
        }
    if settings["security_protocol"] in ("SSL", "SASL_SSL"):
        settings["ssl_context"] = _tls()
    return settings


def _tls() -> ssl.SSLContext:
    """The brokers' authority, and the function's own certificate if it has one. Raises SecretError."""
    authority = os.environ.get("KAFKA_CA_SECRET")
    context = ssl.create_default_context(cadata=Secret(authority).member("certificate") if authority else None)
    if name := os.environ.get("KAFKA_CERTIFICATE_SECRET"):
        secret = Secret(name)
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:  # ssl reads certificates from files alone
            file.write(f"{secret.member('privateKey')}\n{secret.member('certificate')}\n")
            file.flush()
            context.load_cert_chain(file.name)
    return context
