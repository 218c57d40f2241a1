"""Gateway responses that a REST API words itself.

Mirrors "Gateway responses for REST APIs in API Gateway": the response of the very type, else DEFAULT_4XX or
DEFAULT_5XX, changes the status, adds headers, and fills a template in which variables alone stand for something.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from lambda_emulator.asgi import HeaderList, Reply
from lambda_emulator.http_api.gateway_responses import GatewayReply, GatewayResponse
from lambda_emulator.http_api.message import Request
from lambda_emulator.stack import Api, OwnResponse

_TYPES = {
    GatewayResponse.NO_ROUTE: "MISSING_AUTHENTICATION_TOKEN",
    GatewayResponse.UNAUTHORIZED: "UNAUTHORIZED",
    GatewayResponse.FORBIDDEN: "ACCESS_DENIED",
    GatewayResponse.EXPLICIT_DENY: "ACCESS_DENIED",
    GatewayResponse.AUTHORIZER_FAILED: "AUTHORIZER_CONFIGURATION_ERROR",
    GatewayResponse.INVALID_API_KEY: "INVALID_API_KEY",
    GatewayResponse.TOO_MANY_REQUESTS: "THROTTLED",
    GatewayResponse.QUOTA_EXCEEDED: "QUOTA_EXCEEDED",
    GatewayResponse.BODY_TOO_LARGE: "REQUEST_TOO_LARGE",
    GatewayResponse.EVENT_TOO_LARGE: "REQUEST_TOO_LARGE",
    GatewayResponse.BAD_PARAMETERS: "BAD_REQUEST_PARAMETERS",
    GatewayResponse.BAD_BODY: "BAD_REQUEST_BODY",
    GatewayResponse.MAPPING_FAILED: "API_CONFIGURATION_ERROR",
    GatewayResponse.TIMED_OUT: "INTEGRATION_TIMEOUT",
}
_VARIABLE = re.compile(r"\$(?:\{([\w.\-]+)\}|([\w.]*\w))")
_JSON = "application/json"


def reworded(api: Api, reply: Reply, request: Request, request_id: str) -> Reply:
    """The reply, in the API's own words where it is a gateway response for which it has some."""
    if not api.responses or not isinstance(reply, GatewayReply):
        return reply
    kind = _TYPES.get(reply.response, "")
    own = api.responses.get(kind) or api.responses.get(f"DEFAULT_{reply.status // 100}XX")
    if own is None:
        return reply
    variables = _variables(api, kind, reply, request, request_id)
    headers = [*reply.headers, *_headers(own, request, variables)]
    body = reply.body
    if own.templates:
        media_type = _JSON if _JSON in own.templates else next(iter(own.templates))
        body = _filled(own.templates[media_type], variables).encode()
        headers = [pair for pair in headers if pair[0] != b"content-type"]
        headers.append((b"content-type", media_type.encode()))
    return GatewayReply(own.status or reply.status, body, headers, reply.response, reply.text)


def _headers(own: OwnResponse, request: Request, variables: Mapping[str, str]) -> HeaderList:
    """The headers of ``gatewayresponse.header.NAME``: a text in quotes, or a part of the request or its context."""
    found = []
    for name, source in own.headers.items():
        if source[:1] == "'" == source[-1:]:
            value: str | None = source[1:-1]
        elif source.startswith("method.request.header."):
            value = request.headers.get(source.removeprefix("method.request.header.").lower())
        else:
            value = variables.get(source)
        if value is not None:
            found.append((name.lower().encode("latin-1"), value.encode("latin-1", "replace")))
    return found


def _variables(api: Api, kind: str, refusal: GatewayReply, request: Request, request_id: str) -> dict[str, str]:
    message = refusal.text or ""
    return {
        "context.error.message": message,
        "context.error.messageString": json.dumps(message),
        "context.error.responseType": kind or f"DEFAULT_{refusal.status // 100}XX",
        "context.error.validationErrorString": f"[{message}]" if kind == "BAD_REQUEST_BODY" else "",
        "context.apiId": api.logical_id,
        "context.httpMethod": request.method,
        "context.path": request.raw_path,
        "context.requestId": request_id,
        "context.extendedRequestId": request_id,
        "context.stage": api.stage,
        "context.identity.sourceIp": request.source_ip,
        "context.identity.userAgent": request.user_agent,
        **{f"stageVariables.{name}": value for name, value in api.stage_variables.items()},
    }


def _filled(template: str, variables: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: variables.get(found[1] or found[2], found[0]), template)
