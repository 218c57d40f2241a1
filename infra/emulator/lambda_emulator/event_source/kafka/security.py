"""How a mapping proves to the brokers who it is: ``SourceAccessConfigurations`` as settings of the Kafka client.

Mirrors "Configuring cluster authentication methods" of the Lambda Developer Guide. A configuration names a secret;
its JSON is looked for in the environment first (``STELLAR_SECRET_<NAME>``, the secret's name in capitals with ``_``
for everything else), then in Secrets Manager, by way of boto3 and ``AWS_ENDPOINT_URL``. ``--kafka-config FILE`` gives
client settings straight away, and wins over all of it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_SASL = {
    "BASIC_AUTH": "PLAIN",
    "SASL_SCRAM_256_AUTH": "SCRAM-SHA-256",
    "SASL_SCRAM_512_AUTH": "SCRAM-SHA-512",
}
_NETWORK = frozenset({"VPC_SUBNET", "VPC_SECURITY_GROUP"})


class SecurityError(ValueError):
    """The settings cannot be used; the text says what would help."""


Secrets = Callable[[str], dict[str, Any]]
"""The content of a secret, by its ARN or name. Raises SecurityError."""


def read_secret(reference: str) -> dict[str, Any]:
    """A secret from the environment or Secrets Manager. Raises SecurityError."""
    variable = secret_variable(reference)
    text = os.environ.get(variable)
    if text is None:
        text = _from_secrets_manager(reference, variable)
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise SecurityError(f"The secret {reference} must be a JSON object, as Secrets Manager keeps it.")
    return content


def secret_variable(reference: str) -> str:
    """The environment variable for a secret. The six characters that an ARN ends with are not part of the name."""
    name = reference.rpartition(":secret:")[2]
    if reference.startswith("arn:"):
        name = re.sub(r"-[A-Za-z0-9]{6}$", "", name)
    return "STELLAR_SECRET_" + re.sub(r"\W", "_", name).upper()


def client_settings(access: Iterable[tuple[str, str]], secrets: Secrets = read_secret) -> dict[str, Any]:
    """librdkafka settings for the access configurations of a mapping. Raises SecurityError."""
    settings: dict[str, Any] = {}
    for kind, uri in access:
        if kind in _SASL:
            secret = secrets(uri)
            settings |= {
                "security.protocol": "SASL_SSL",
                "sasl.mechanisms": _SASL[kind],
                "sasl.username": _member(secret, "username", uri),
                "sasl.password": _member(secret, "password", uri),
            }
        elif kind == "CLIENT_CERTIFICATE_TLS_AUTH":
            secret = secrets(uri)
            settings.setdefault("security.protocol", "SSL")
            settings |= {
                "ssl.certificate.pem": _member(secret, "certificate", uri),
                "ssl.key.pem": _member(secret, "privateKey", uri),
            }
            if password := secret.get("privateKeyPassword"):
                settings["ssl.key.password"] = password
        elif kind == "SERVER_ROOT_CA_CERTIFICATE":
            settings.setdefault("security.protocol", "SSL")
            settings["ssl.ca.pem"] = _member(secrets(uri), "certificate", uri)
        elif kind not in _NETWORK:
            raise SecurityError(f"{kind} is not available locally; give the client's settings with --kafka-config.")
    return settings


def read_kafka_config(path: Path) -> dict[str, str]:
    """Client settings from a properties file, one ``name=value`` a line. Raises SecurityError."""
    settings = {}
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise SecurityError(f"{path} is not UTF-8: {error}") from None
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith(("#", "!")):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise SecurityError(f"{path}, line {number}: expected name=value")
        settings[name.strip()] = value.strip()
    return settings


def _from_secrets_manager(reference: str, variable: str) -> str:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        config = Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 1})
        client = boto3.client("secretsmanager", config=config)
        return str(client.get_secret_value(SecretId=reference)["SecretString"])
    except (BotoCoreError, ClientError, KeyError) as error:
        raise SecurityError(
            f"The secret {reference} cannot be read: {error}. Put its JSON into the variable {variable}, "
            "or give the client's settings with --kafka-config."
        ) from None


def _member(secret: dict[str, Any], name: str, reference: str) -> Any:
    if name not in secret:
        raise SecurityError(f"The secret {reference} has no {name!r}.")
    return secret[name]
