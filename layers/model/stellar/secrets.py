"""Secrets by name or ARN: of the environment, where it has them, else of AWS Secrets Manager.

The variable of a secret is ``STELLAR_SECRET_`` and its name in capitals, with ``_`` for everything that is no letter or
digit. It is there for machines without Secrets Manager, and holds the same JSON.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any


class SecretError(RuntimeError):
    """The secret cannot be read, or lacks a member. The text says what would help."""


class Secret:
    """One secret's members."""

    def __init__(self, reference: str) -> None:
        """Read it now. Raises SecretError."""
        self._reference = reference
        text = os.environ.get(_variable(reference)) or _from_secrets_manager(reference)
        try:
            self._members = json.loads(text)
        except ValueError:
            self._members = None
        if not isinstance(self._members, dict):
            raise SecretError(f"The secret {reference} must be a JSON object.")

    def member(self, name: str) -> str:
        """Raises SecretError where there is none."""
        if name not in self._members:
            raise SecretError(f"The secret {self._reference} has no {name!r}.")
        return str(self._members[name])


def _variable(reference: str) -> str:
    name = reference.rpartition(":secret:")[2]
    if reference.startswith("arn:"):
        name = re.sub(r"-[A-Za-z0-9]{6}$", "", name)  # an ARN's last six characters are not of the name
    return "STELLAR_SECRET_" + re.sub(r"\W", "_", name).upper()


def _from_secrets_manager(reference: str) -> str:
    import boto3  # only where there is a secret: it is slow to import
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    config = Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 2})
    try:
        content: Any = boto3.client("secretsmanager", config=config).get_secret_value(SecretId=reference)
        return str(content["SecretString"])
    except (BotoCoreError, ClientError, KeyError) as error:
        raise SecretError(
            f"The secret {reference} cannot be read: {error}. The function's role needs secretsmanager:GetSecretValue; "
            f"where there is no Secrets Manager, put its JSON into {_variable(reference)}."
        ) from None
