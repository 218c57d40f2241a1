"""How the function proves to the brokers who it is: the environment as settings of librdkafka.

The secrets are those of the event source mapping's ``SourceAccessConfigurations``: ``KAFKA_SECRET`` has ``username``
and ``password`` (SASL_SCRAM_512_AUTH), ``KAFKA_CERTIFICATE_SECRET`` has ``certificate`` and ``privateKey``
(CLIENT_CERTIFICATE_TLS_AUTH), ``KAFKA_CA_SECRET`` has the ``certificate`` of an authority that is not a public one.
"""

from __future__ import annotations

import os

from stellar.secrets import Secret
from stellar_service import ports


def client_settings() -> dict[str, str]:
    """Addresses, TLS and SASL. Secrets are read anew each time, as they are rotated. Raises SecretError."""
    settings = {
        "bootstrap.servers": os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or ports.address(ports.KAFKA),
        "security.protocol": os.environ.get("KAFKA_SECURITY_PROTOCOL") or "PLAINTEXT",
    }
    if name := os.environ.get("KAFKA_SECRET"):
        secret = Secret(name)
        settings |= {
            "sasl.mechanisms": os.environ.get("KAFKA_SASL_MECHANISM") or "SCRAM-SHA-512",
            "sasl.username": secret.member("username"),
            "sasl.password": secret.member("password"),
        }
    if name := os.environ.get("KAFKA_CERTIFICATE_SECRET"):
        secret = Secret(name)
        settings |= {
            "ssl.certificate.pem": secret.member("certificate"),
            "ssl.key.pem": secret.member("privateKey"),
        }
    if name := os.environ.get("KAFKA_CA_SECRET"):
        settings["ssl.ca.pem"] = Secret(name).member("certificate")
    return settings
