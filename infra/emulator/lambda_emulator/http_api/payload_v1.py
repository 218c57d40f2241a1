"""Payload format 1.0: the event of REST APIs, and of HTTP APIs whose routes ask for it, and the answer to it.

Mirrors "Input format of a Lambda function for proxy integration" and "Output format of a Lambda function for proxy
integration" (REST APIs) and the 1.0 column of "Create AWS Lambda proxy integrations for HTTP APIs". Fields without
a value are null here. Header names are as the client wrote them, but for those that the service writes itself.
"""

from __future__ import annotations

from typing import Any

import orjson

from lambda_emulator.asgi import HeaderList, Reply
from lambda_emulator.http_api.exchange import Exchange
from lambda_emulator.http_api.message import Request, clf_time, event_body, group_pairs, is_text
from lambda_emulator.http_api.results import (
    BadResponseError,
    base64_flag,
    decoded_body,
    header_pairs,
    parsed,
    status_code,
)
from lambda_emulator.stack import Api

_REST_KEYS = frozenset(
    {"statusCode", "body", "headers", "multiValueHeaders", "isBase64Encoded", "base64Encoded", "cookies"}
)
# A REST API keeps these to itself; seen in events recorded from the service.
_REST_HIDDEN = frozenset({b"content-length"})
# Written in one way whatever the client wrote; seen in events recorded from the service.
_NORMALISED = {
    name.lower().encode(): name
    for name in (
        "Accept",
        "Accept-Encoding",
        "Accept-Language",
        "Authorization",
        "Content-Length",
        "Host",
        "Referer",
        "User-Agent",
        "Via",
        "X-Amzn-Trace-Id",
        "X-Forwarded-For",
        "X-Forwarded-Port",
        "X-Forwarded-Proto",
    )
}
_NO_CALLER = dict.fromkeys(
    (
        "accessKey",
        "accountId",
        "caller",
        "cognitoAuthenticationProvider",
        "cognitoAuthenticationType",
        "cognitoIdentityId",
        "cognitoIdentityPoolId",
        "principalOrgId",
        "user",
        "userArn",
    )
)


def build_event(exchange: Exchange) -> dict[str, Any]:
    """The event of one request."""
    event = envelope(exchange)
    request = exchange.request
    if request.body:
        binary = is_binary(exchange.api, request.content_type)
        event["body"], event["isBase64Encoded"] = event_body(request.body, binary=binary)
    else:
        event["body"], event["isBase64Encoded"] = None, False
    return event


def envelope(exchange: Exchange) -> dict[str, Any]:
    """The event without its body: what a Lambda authorizer of format 1.0 gets too."""
    request, api, route = exchange.request, exchange.api, exchange.route
    is_rest = api.kind == "rest"
    headers = _header_values(request, _REST_HIDDEN if is_rest else frozenset())
    query = group_pairs(request.query_pairs)
    event: dict[str, Any] = {} if is_rest else {"version": "1.0"}
    event |= {
        "resource": route.path,
        "path": exchange.event_path,
        "httpMethod": request.method,
        # Of several values a REST API keeps the last one; an HTTP API joins headers and keeps a query's first.
        "headers": {name: values[-1] if is_rest else ",".join(values) for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1 if is_rest else 0] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": exchange.parameters or None,
        "stageVariables": dict(api.stage_variables) or None,
        "requestContext": request_context(exchange),
    }
    return event


def request_context(exchange: Exchange) -> dict[str, Any]:
    """The event's ``requestContext``, which mapping templates know as ``$context``."""
    request, api, route = exchange.request, exchange.api, exchange.route
    host = request.host
    context: dict[str, Any] = {
        "accountId": exchange.api.location.account,
        "apiId": api.logical_id,
        "domainName": host,
        "domainPrefix": host.partition(":")[0].partition(".")[0],
        "extendedRequestId": exchange.request_id,
        "httpMethod": request.method,
        "identity": {**_NO_CALLER, "sourceIp": request.source_ip, "userAgent": request.user_agent},
        "path": exchange.context_path,
        "protocol": request.protocol,
        "requestId": exchange.request_id,
        "requestTime": clf_time(request.time_ms),
        "requestTimeEpoch": request.time_ms,
        "resourceId": route.path if api.kind == "rest" else route.key,
        "resourcePath": route.path,
        "stage": api.stage,
    }
    if exchange.api_key:
        context["identity"] |= {"apiKey": exchange.api_key.value, "apiKeyId": exchange.api_key.id}
    if api.kind == "rest":
        context["deploymentId"] = "local"
    if route.operation_name:
        context["operationName"] = route.operation_name
    if exchange.identity is not None:
        context["authorizer"] = exchange.identity
    return context


def read_response(payload: bytes, exchange: Exchange) -> Reply:
    """The reply that a function's result stands for.

    Raises BadResponseError.
    """
    result = parsed(payload)
    is_rest = exchange.api.kind == "rest"
    if not isinstance(result, dict):
        raise BadResponseError(f"the result must be an object, not {type(result).__name__}")
    if is_rest and (unknown := result.keys() - _REST_KEYS):
        raise BadResponseError(f"a REST API takes no {', '.join(sorted(unknown))} in a response")
    if not is_rest and "statusCode" not in result:
        raise BadResponseError("payload format 1.0 needs a statusCode")
    status = status_code(result.get("statusCode") or 200)
    headers = _merged_headers(result)
    content_type = next((value for name, value in headers if name == b"content-type"), None)
    if content_type is None:
        content_type = b"application/json" if is_rest else b"text/plain; charset=utf-8"
        headers.append((b"content-type", content_type))
    encoded = result.get("base64Encoded") if is_rest else None
    decode = base64_flag(result.get("isBase64Encoded") if encoded is None else encoded) and (
        not is_rest or _wants_binary(exchange.api, exchange.request)
    )
    return Reply(status, decoded_body(result.get("body"), encoded=decode), headers)


def is_binary(api: Api, media_type: str) -> bool:
    """Whether a media type is among the API's ``BinaryMediaTypes``, of which ``*/*`` alone is a wildcard.

    An HTTP API has no such list: there, what is not text is binary.
    """
    media_type = media_type.partition(";")[0].strip().lower()
    if api.kind != "rest":
        return not is_text(media_type)
    # CloudFormation may write the slash as ~1.
    known = {pattern.replace("~1", "/").lower() for pattern in api.binary_media_types}
    return not known.isdisjoint((media_type, "*/*"))


def authorizer_event(exchange: Exchange, identity_values: list[str]) -> bytes:
    """The event of a REQUEST authorizer of format 1.0."""
    event = envelope(exchange)
    event["type"] = "REQUEST"
    event["methodArn"] = exchange.arn
    if exchange.api.kind == "http":
        event["identitySource"] = event["authorizationToken"] = ",".join(identity_values)
    return orjson.dumps(event)


def _wants_binary(api: Api, request: Request) -> bool:
    """A REST API decodes a body when the first type in ``Accept`` is binary, whatever the body's own type.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html
    """
    return is_binary(api, request.headers.get("accept", "").partition(",")[0])


def _merged_headers(result: dict[str, Any]) -> HeaderList:
    merged = header_pairs(result.get("multiValueHeaders"), several=True)
    known = set(merged)
    return merged + [pair for pair in header_pairs(result.get("headers")) if pair not in known]


def _header_values(request: Request, hidden: frozenset[bytes]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    spellings: dict[bytes, str] = {}  # of a name that comes twice, the first spelling counts
    for sent, value in request.named_headers():
        name = sent.lower()
        if name in hidden:
            continue
        spelt = spellings.setdefault(name, _NORMALISED.get(name) or sent.decode("latin-1"))
        values.setdefault(spelt, []).append(value.decode("latin-1"))
    values["X-Forwarded-For"] = [request.forwarded_for]
    values["X-Forwarded-Port"] = [request.forwarded_port]
    values["X-Forwarded-Proto"] = [request.forwarded_proto]
    values["X-Amzn-Trace-Id"] = [request.trace_id]
    return values
