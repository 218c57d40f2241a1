"""Payload format 2.0: the event of HTTP APIs and function URLs, and what their functions answer.

Mirrors "Create AWS Lambda proxy integrations for HTTP APIs" and "Invoking Lambda function URLs". Fields without a
value are left out of the event, as AWS does.
"""

from __future__ import annotations

from typing import Any

import orjson

from lambda_emulator.asgi import Reply
from lambda_emulator.http_api.exchange import Exchange
from lambda_emulator.http_api.message import clf_time, event_body, group_pairs, is_text
from lambda_emulator.http_api.results import (
    BadResponseError,
    base64_flag,
    decoded_body,
    header_pairs,
    parsed,
    status_code,
)


def build_event(exchange: Exchange) -> dict[str, Any]:
    """The event of one request."""
    event = envelope(exchange)
    body = exchange.request.body
    encoded = False
    if body:
        event["body"], encoded = event_body(body, binary=not is_text(exchange.request.content_type))
    event["isBase64Encoded"] = encoded
    return event


def envelope(exchange: Exchange) -> dict[str, Any]:
    """The event without its body: what a Lambda authorizer of format 2.0 gets too."""
    request = exchange.request
    route_key = exchange.route.key
    path = exchange.event_path
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": request.query,
    }
    if request.cookies:
        event["cookies"] = request.cookies
    headers = request.headers
    if "content-length" not in headers:
        headers["content-length"] = str(len(request.body))
    event["headers"] = headers
    if request.query_pairs:
        event["queryStringParameters"] = {
            name: ",".join(values) for name, values in group_pairs(request.query_pairs).items()
        }
    host = request.host
    context: dict[str, Any] = {
        "accountId": "anonymous" if exchange.api.kind == "function_url" else exchange.api.location.account,
        "apiId": exchange.api.logical_id,
        "domainName": host,
        "domainPrefix": host.partition(":")[0].partition(".")[0],
        "http": {
            "method": request.method,
            "path": path,
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": request.user_agent,
        },
        "requestId": exchange.request_id,
        "routeKey": route_key,
        "stage": exchange.api.stage,
        "time": clf_time(request.time_ms),
        "timeEpoch": request.time_ms,
    }
    if exchange.identity is not None:
        context["authorizer"] = exchange.identity
    event["requestContext"] = context
    if exchange.parameters:
        event["pathParameters"] = exchange.parameters
    if exchange.api.stage_variables:
        event["stageVariables"] = dict(exchange.api.stage_variables)
    return event


def read_response(payload: bytes, *, default_type: bytes) -> Reply:
    """The reply that a function's result stands for.

    A result without ``statusCode`` is itself the body of a 200; a string loses its quotes.

    Raises BadResponseError.
    """
    result = parsed(payload)
    if isinstance(result, str):
        return Reply(200, result.encode(), [(b"content-type", b"application/json")])
    if not isinstance(result, dict) or "statusCode" not in result:
        return Reply(200, payload, [(b"content-type", b"application/json")])
    status = status_code(result["statusCode"])
    headers = header_pairs(result.get("headers"))
    cookies = result.get("cookies")
    if cookies is not None:
        if not isinstance(cookies, list) or not all(isinstance(cookie, str) for cookie in cookies):
            raise BadResponseError("cookies must be a list of strings")
        headers += [pair for cookie in cookies for pair in header_pairs({"set-cookie": cookie})]
    body = decoded_body(result.get("body"), encoded=base64_flag(result.get("isBase64Encoded")))
    if not any(name == b"content-type" for name, _ in headers):
        headers.append((b"content-type", default_type))
    return Reply(status, body, headers)


def authorizer_event(exchange: Exchange, identity_values: list[str]) -> bytes:
    """The event of a Lambda authorizer of format 2.0."""
    event = envelope(exchange)
    event["type"] = "REQUEST"
    event["routeArn"] = exchange.arn
    event["identitySource"] = identity_values
    return orjson.dumps(event)
