"""The brokers and the function's credentials, as settings of librdkafka."""

from __future__ import annotations

from stellar_service import brokers


def client_settings() -> dict[str, str]:
    """Addresses, TLS and SASL. Secrets are read anew each time, as they are rotated. Raises SecretError."""
    settings = {"bootstrap.servers": brokers.addresses(), "security.protocol": brokers.security_protocol()}
    if login := brokers.login():
        settings |= {
            "sasl.mechanisms": login.mechanism,
            "sasl.username": login.username,
            "sasl.password": login.password,
        }
    if own := brokers.certificate():
        settings |= {"ssl.certificate.pem": own.certificate, "ssl.key.pem": own.key}
    if authority := brokers.authority():
        settings["ssl.ca.pem"] = authority
    return settings
