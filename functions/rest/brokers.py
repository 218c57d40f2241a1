"""The brokers and the function's credentials, as settings of kafka-python."""

from __future__ import annotations

import ssl
import tempfile
from typing import Any

from stellar_service import brokers


def client_settings() -> dict[str, Any]:
    """Addresses, TLS and SASL. Raises SecretError."""
    settings: dict[str, Any] = {
        "bootstrap_servers": brokers.addresses().split(","),
        "security_protocol": brokers.security_protocol(),
    }
    if login := brokers.login():
        settings |= {
            "sasl_mechanism": login.mechanism,
            "sasl_plain_username": login.username,
            "sasl_plain_password": login.password,
        }
    if brokers.use_tls():
        settings["ssl_context"] = _tls()
    return settings


def _tls() -> ssl.SSLContext:
    """The brokers' authority, and the function's own certificate if it has one. Raises SecretError."""
    context = ssl.create_default_context(cadata=brokers.authority())
    if own := brokers.certificate():
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:  # ssl reads certificates from files alone
            file.write(f"{own.key}\n{own.certificate}\n")
            file.flush()
            context.load_cert_chain(file.name)
    return context
