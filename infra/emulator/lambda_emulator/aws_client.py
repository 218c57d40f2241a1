"""Clients of AWS's services by boto3, which is imported on first use.

They go wherever ``AWS_ENDPOINT_URL`` (or ``AWS_ENDPOINT_URL_SQS`` and the like) says. A server that stands in for AWS
wants to be signed to and checks no signature, so that placeholders do where the environment has no credentials.
"""

from __future__ import annotations

import os
from typing import Any

from lambda_emulator.arn import REGION

_PLACEHOLDERS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


def aws_client(service: str, region: str | None = None, *, endpoint_url: str | None = None, **config: Any) -> Any:
    """A client for the region, else for that of the environment. ``config`` is for ``botocore.config.Config``."""
    import boto3
    from botocore.config import Config

    session = boto3.session.Session(region_name=region or None)
    options: dict[str, Any] = {"region_name": session.region_name or REGION}
    if endpoint_url is not None:
        options["endpoint_url"] = endpoint_url
    elsewhere = endpoint_url or any(
        name in os.environ for name in ("AWS_ENDPOINT_URL", f"AWS_ENDPOINT_URL_{service.upper()}")
    )
    if elsewhere and session.get_credentials() is None:
        options |= _PLACEHOLDERS
    wanted = Config(**{"connect_timeout": 5, "retries": {"max_attempts": 2}, **config})
    return session.client(service, config=wanted, **options)  # type: ignore[call-overload]
