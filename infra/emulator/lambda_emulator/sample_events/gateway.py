"""API Gateway's events, made by the same code that makes those of real requests."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

from lambda_emulator.arn import ACCOUNT_ID
from lambda_emulator.http_api import payload_v1, payload_v2
from lambda_emulator.http_api.exchange import Exchange
from lambda_emulator.http_api.message import Request
from lambda_emulator.stack import Api, Route

_API_ID = "1234567890"
_DNS_SUFFIX = "us-east-1.amazonaws.com"
_BODY = '{"test": "body"}'


def aws_proxy(
    *,
    body: str = _BODY,
    stage: str = "prod",
    method: str = "POST",
    resource: str = "/{proxy+}",
    path: str = "path/to/resource",
    querystringparameters: str = '{"foo": "bar"}',
    account_id: str = ACCOUNT_ID,
    dns_suffix: str = _DNS_SUFFIX,
) -> dict[str, Any]:
    """A request to a REST API. Raises ValueError where the query is no JSON object."""
    query = json.loads(querystringparameters)
    if not isinstance(query, dict):
        raise ValueError("the query string's parameters are a JSON object of texts")
    request = _request(method, path, body, dns_suffix, urlencode(query))
    route = Route(method, resource, "", "1.0")
    parameters = {"proxy": path.lstrip("/")} if "{proxy+}" in resource else None
    event = payload_v1.build_event(_exchange(request, Api(_API_ID, "rest", (route,), stage), route, parameters))
    event["requestContext"]["accountId"] = account_id
    return event


def http_api_proxy(
    *,
    body: str = _BODY,
    stage: str = "$default",
    method: str = "POST",
    path: str = "path/to/resource",
    account_id: str = ACCOUNT_ID,
    dns_suffix: str = _DNS_SUFFIX,
) -> dict[str, Any]:
    """A request to an HTTP API, payload format 2.0."""
    request = _request(method, path, body, dns_suffix, "parameter1=value1&parameter1=value2&parameter2=value")
    route = Route("ANY", "$default", "")
    event = payload_v2.build_event(_exchange(request, Api(_API_ID, "http", (route,), stage), route, None))
    event["requestContext"]["accountId"] = account_id
    return event


def _request(method: str, path: str, body: str, dns_suffix: str, query: str) -> Request:
    path = f"/{path.lstrip('/')}"
    headers = {
        "host": f"{_API_ID}.execute-api.{dns_suffix}",
        "accept": "*/*",
        "content-type": "application/json",
        "user-agent": "sample",
    }
    request = Request(
        {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": path,
            "raw_path": quote(path).encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 0),
            "server": (headers["host"], 443),
        }
    )
    request.body = body.encode()
    return request


def _exchange(request: Request, api: Api, route: Route, parameters: dict[str, str] | None) -> Exchange:
    return Exchange.begin(request, api, route, "", parameters)
