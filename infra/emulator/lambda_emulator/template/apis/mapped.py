"""Integrations of REST APIs that are no proxies, however they are written.

Mirrors "x-amazon-apigateway-integration object" in the API Gateway Developer Guide and ``Integration`` of
``AWS::ApiGateway::Method`` in the CloudFormation template reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, cast

from lambda_emulator.http_api.mapping.velocity import TemplateFailedError, check
from lambda_emulator.stack import IntegrationResponse, MappedIntegration
from lambda_emulator.template.values import as_list, as_mapping, as_text

KINDS = ("aws", "mock")
_PASSTHROUGH = ("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER")
_INVOCATION_TYPE = "integration.request.header.x-amz-invocation-type"


class IntegrationError(ValueError):
    """The integration cannot be run here; the text says why."""


def from_definition(integration: Mapping[str, Any]) -> MappedIntegration:
    """The integration of an operation of an API definition. Raises IntegrationError."""
    responses = [
        {**response, "selectionPattern": "" if pattern == "default" else pattern}
        for pattern, response in as_mapping(integration.get("responses")).items()
        if isinstance(response, Mapping)
    ]
    return _read({**integration, "integrationResponses": responses})


def from_method(integration: Mapping[str, Any]) -> MappedIntegration:
    """The integration of a ``Method``. Raises IntegrationError."""
    renamed = {name[:1].lower() + name[1:]: value for name, value in integration.items()}
    responses = [
        {name[:1].lower() + name[1:]: value for name, value in as_mapping(response).items()}
        for response in as_list(integration.get("IntegrationResponses"))
    ]
    return _read({**renamed, "integrationResponses": responses})


def _read(integration: Mapping[str, Any]) -> MappedIntegration:
    parameters = {
        name.lower(): as_text(value) for name, value in as_mapping(integration.get("requestParameters")).items()
    }
    if parameters.get(_INVOCATION_TYPE, "").strip("'").lower() == "event":
        raise IntegrationError("asynchronous integrations are not run here")
    passthrough = as_text(integration.get("passthroughBehavior")).upper() or _PASSTHROUGH[0]
    if passthrough not in _PASSTHROUGH:
        raise IntegrationError(f"passthroughBehavior is one of {', '.join(_PASSTHROUGH)}, not {passthrough}")
    return MappedIntegration(
        kind=cast(Literal["aws", "mock"], as_text(integration.get("type")).lower()),
        request_templates=_templates(integration.get("requestTemplates")),
        passthrough=cast(Literal["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"], passthrough),
        responses=tuple(_responses(integration["integrationResponses"])),
    )


def _responses(written: list[Mapping[str, Any]]) -> Iterator[IntegrationResponse]:
    for response in written:
        pattern, status = as_text(response.get("selectionPattern")), as_text(response.get("statusCode")) or "200"
        try:
            re.compile(pattern)
        except re.error as error:
            raise IntegrationError(f"the pattern {pattern!r} of a response cannot be read: {error}") from None
        if not re.fullmatch(r"[1-5]\d\d", status):
            raise IntegrationError(f"the status of a response is a number, not {status!r}")
        yield IntegrationResponse(
            status=int(status),
            pattern=pattern,
            parameters={name: as_text(value) for name, value in as_mapping(response.get("responseParameters")).items()},
            templates=_templates(response.get("responseTemplates")),
        )


def _templates(written: Any) -> dict[str, str]:
    templates = {media_type.lower(): as_text(text) for media_type, text in as_mapping(written).items()}
    for media_type, text in templates.items():
        try:
            check(text)
        except TemplateFailedError as error:
            raise IntegrationError(f"the mapping template of {media_type} cannot be read: {error}") from None
    return templates
