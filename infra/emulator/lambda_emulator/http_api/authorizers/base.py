"""What every authorizer has in common, and where the caller's credentials are found in a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from lambda_emulator.asgi import HeaderList
from lambda_emulator.http_api.exchange import Exchange
from lambda_emulator.http_api.gateway_responses import GatewayResponse


class NotAuthorizedError(PermissionError):
    """The caller may not call the route; ``response`` and ``headers`` are what it is told."""

    def __init__(self, response: GatewayResponse, reason: str, headers: HeaderList | None = None) -> None:
        super().__init__(reason)
        self.response = response
        self.headers = headers or []


class Authorizer(Protocol):
    """Decides on one exchange."""

    async def authorize(self, exchange: Exchange) -> Mapping[str, Any]:
        """The event's ``requestContext.authorizer``. Raises NotAuthorizedError."""


def identity_value(source: str, exchange: Exchange) -> str | None:
    """What an identity source such as ``$request.header.Authorization`` stands for in a request.

    Takes both spellings: ``$request.``, ``$context.``, ``$stageVariables.`` (HTTP APIs) and ``method.request.``,
    ``context.``, ``stageVariables.`` (REST APIs). None where the request has no such value.
    """
    place, _, name = source.removeprefix("$").removeprefix("method.").rpartition(".")
    request = exchange.request
    if place == "request.header":
        return request.headers.get(name.lower()) or None
    if place == "request.querystring":
        return next((value for key, value in request.query_pairs if key == name and value), None)
    if place == "stageVariables":
        return exchange.api.stage_variables.get(name)
    known = {
        "context.httpMethod": request.method,
        "context.path": exchange.context_path,
        "context.routeKey": exchange.route.key,
        "context.stage": exchange.api.stage,
        "context.requestId": exchange.request_id,
        "context.protocol": request.protocol,
        "context.domainName": request.host,
        "context.identity.sourceIp": request.source_ip,
        "context.identity.userAgent": request.user_agent,
    }
    return known.get(f"{place}.{name}") or None
