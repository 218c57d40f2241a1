"""Answers the requests of methods whose integration is ``AWS`` (a function behind mapping templates) or ``MOCK``.

Mirrors "Data transformations for REST APIs" and "Mock integrations" in the API Gateway Developer Guide: a request
template makes the event, the pattern that matches the function's error chooses an integration response, and that has
the status, the headers and the template of the answer.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson

from lambda_emulator.asgi import HeaderList, Reply, json_reply
from lambda_emulator.http_api.authorizers.base import identity_value
from lambda_emulator.http_api.exchange import Exchange
from lambda_emulator.http_api.gateway_responses import GatewayResponse, gateway_reply
from lambda_emulator.http_api.mapping import json_path
from lambda_emulator.http_api.mapping.java_values import Table
from lambda_emulator.http_api.mapping.json_path import JsonPathError
from lambda_emulator.http_api.mapping.variables import template_variables
from lambda_emulator.http_api.mapping.velocity import TemplateFailedError, render
from lambda_emulator.http_api.message import event_body
from lambda_emulator.invocation import InvocationResult
from lambda_emulator.stack import IntegrationResponse, MappedIntegration

Invoke = Callable[[bytes], Awaitable[InvocationResult | Reply]]
"""Runs the function behind the route; a Reply says that it cannot be run."""

JSON = "application/json"
_MOCK_STATUS = re.compile(r"""["']?statusCode["']?\s*[:=]\s*["']?(\d{3})\b""")
_LOG = logging.getLogger(__name__)


async def mapped_reply(exchange: Exchange, integration: MappedIntegration, invoke: Invoke) -> Reply:
    """The answer to one request."""
    try:
        made = _request(exchange, integration)
        if made is None:
            return json_reply(415, {"message": "Unsupported Media Type"}, [_UNSUPPORTED])
        text, overrides = made
        if integration.kind == "mock":
            status = _MOCK_STATUS.search(text)
            chosen = _chosen(integration, status[1]) if status else None
            return _response(exchange, chosen, "", overrides) if chosen else _failed(exchange, "no response fits")
        return await _of_function(exchange, integration, text, invoke)
    except (TemplateFailedError, JsonPathError, ValueError) as error:
        return _failed(exchange, str(error))


_UNSUPPORTED = (b"x-amzn-errortype", b"UnsupportedMediaTypeException")


async def _of_function(exchange: Exchange, integration: MappedIntegration, event: str, invoke: Invoke) -> Reply:
    event = event.strip() or "{}"
    try:
        payload = orjson.dumps(json.loads(event))
    except ValueError as error:
        return json_reply(400, {"message": f"Could not parse request body into json: {error}"}, [_BAD_REQUEST])
    result = await invoke(payload)
    if isinstance(result, Reply):
        return result
    body = result.payload.decode(errors="replace")
    chosen = _chosen(integration, _error_message(body) if result.function_error else "")
    if chosen is None:
        return _failed(exchange, "no integration response fits")
    return _response(exchange, chosen, body, Table())


_BAD_REQUEST = (b"x-amzn-errortype", b"BadRequestException")


def _request(exchange: Exchange, integration: MappedIntegration) -> tuple[str, Table] | None:
    """The text that goes to the integration, and what the template overrides; None for a type that is refused."""
    request = exchange.request
    body = event_body(request.body, binary=False)[0]
    templates = integration.request_templates
    template = templates.get(request.content_type or JSON)
    if template is None:
        passes = not templates if integration.passthrough == "WHEN_NO_TEMPLATES" else True
        return (body, Table()) if passes and integration.passthrough != "NEVER" else None
    variables = template_variables(exchange, body)
    return render(template, variables), variables["context"]["responseOverride"]


def _error_message(body: str) -> str:
    """The part of a function's error that patterns are matched with."""
    try:
        found = json.loads(body)
    except ValueError:
        return body
    return str(found.get("errorMessage") or body) if isinstance(found, dict) else body


def _chosen(integration: MappedIntegration, text: str) -> IntegrationResponse | None:
    """The integration response whose pattern matches the whole text, else the default one."""
    for response in integration.responses:
        if response.pattern and text and re.fullmatch(response.pattern, text, re.DOTALL):
            return response
    return next((response for response in integration.responses if not response.pattern), None)


def _response(exchange: Exchange, chosen: IntegrationResponse, body: str, overrides: Table) -> Reply:
    media_type, template = _template(exchange, chosen.templates)
    variables = template_variables(exchange, body)
    override = variables["context"]["responseOverride"]
    override |= {name: value for name, value in overrides.items() if name != "header"}
    override["header"] |= overrides.get("header", {})
    text = body if template is None else render(template, variables)
    headers: HeaderList = []
    for name, expression in chosen.parameters.items():
        place, _, header = name.partition("method.response.header.")
        value = _parameter(exchange, expression, body) if header and not place else None
        if value is not None:
            headers.append((header.lower().encode("latin-1"), value.encode("latin-1", errors="replace")))
    for name, value in override["header"].items():
        lowered = str(name).lower().encode("latin-1")
        headers = [header for header in headers if header[0] != lowered]
        headers.append((lowered, str(value).encode("latin-1", errors="replace")))
    if not any(name == b"content-type" for name, _ in headers):
        headers.append((b"content-type", media_type.encode("latin-1")))
    return Reply(int(override.get("status") or chosen.status), text.encode(errors="replace"), headers)


def _template(exchange: Exchange, templates: Mapping[str, str]) -> tuple[str, str | None]:
    """The media type of the answer and the template for it: that of ``Accept``, else JSON's, else the first one."""
    for accepted in exchange.request.headers.get("accept", "").split(","):
        media_type = accepted.partition(";")[0].strip().lower()
        if media_type in templates:
            return media_type, templates[media_type]
    if JSON in templates or not templates:
        return JSON, templates.get(JSON)
    return next(iter(templates.items()))


def _parameter(exchange: Exchange, expression: str, body: str) -> str | None:
    """The value of a response parameter; None where there is none."""
    if len(expression) > 1 and expression[0] == expression[-1] == "'":
        return expression.strip("'")
    if expression == "integration.response.body":
        return body
    if expression.startswith("integration.response.body."):
        found: Any = json_path.find(json.loads(body or "{}"), expression.removeprefix("integration.response.body."))
        return None if found is None else found if isinstance(found, str) else json.dumps(found)
    return identity_value(expression, exchange)


def _failed(exchange: Exchange, reason: str) -> Reply:
    _LOG.error("%s: the integration cannot answer: %s", exchange.route.key, reason)
    return gateway_reply(exchange.api.kind, GatewayResponse.MAPPING_FAILED)
