"""What API Gateway does not take in a Lambda authorizer.

Mirrors "Controlling access to HTTP APIs with AWS Lambda authorizers" and "Configure a Lambda authorizer" (REST APIs)
in the API Gateway Developer Guide. Each complaint is in SAM CLI's words: what AWS refuses stops the template, and
where SAM CLI goes on without the authorizer, so does this.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from lambda_emulator.template.values import as_text

KINDS = ("request", "token")
"""The types of Lambda authorizers; HTTP APIs know the first alone."""

_SOURCES = {
    "http": re.compile(r"\$(request\.(header|querystring)|context|stageVariables)\.[\w.-]+"),
    "rest": re.compile(r"(method\.request\.(header|querystring)|context|stageVariables)\.[\w.-]+"),
}


def refused(
    api: Literal["http", "rest"],
    name: str,
    version: Any,
    sources: Sequence[str],
    expression: str | None,
    *,
    simple: bool = False,
) -> str | None:
    """Why an authorizer makes its API invalid; None where it does not. ``expression`` is what tokens must match."""
    if api == "http" and version is not None and as_text(version) not in ("1.0", "2.0"):
        return f"Authorizer '{name}' contains an invalid payload version"
    if api == "http" and simple and version is not None and as_text(version) == "1.0":
        return f"Authorizer '{name}' has EnableSimpleResponses, which need payload format version 2.0, not 1.0"
    for source in sources:
        if not _SOURCES[api].fullmatch(source):
            return (
                f"Identity source '{source}' for Lambda Authorizer '{name}' "
                "is not a valid identity source, check the spelling/format."
            )
    try:
        re.compile(expression or "")
    except re.error as error:
        return f"Authorizer '{name}' contains an invalid validation expression: {error}"
    return None


def unsupported(api: Literal["http", "rest"], name: str, kind: str) -> str | None:
    """Why an authorizer of this type is passed over; None where it is not."""
    if kind not in KINDS:
        return f"Lambda authorizer '{name}' type '{kind}' is unsupported, skipping"
    if kind == "token" and api == "http":
        return f"Type 'token' for Lambda Authorizer '{name}' is unsupported"
    return None


def without_simple_responses(name: str) -> str:
    """That ``EnableSimpleResponses`` counts for nothing."""
    return (
        "Simple responses are only available on HTTP APIs with payload version 2.0, "
        f"ignoring for Lambda authorizer '{name}'"
    )
