"""API Gateway's events, made by the same code that makes those of real requests."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

from lambda_emulator.arn import ACCOUNT_ID, REGION
from lambda_emulator.http_api import payload_v1, payload_v2
from lambda_emulator.http_api.exchange import Exchange
from lambda_emulator.http_api.message import Request
from lambda_emulator.stack import Api, Route

_API_ID = "1234567890"
_DNS_SUFFIX = "us-east-1.amazonaws.com"
_VARIABLES = {"stageVariable1": "value1"}
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
    api = Api(_API_ID, "rest", (route,), stage, stage_variables=_VARIABLES)
    event = payload_v1.build_event(_exchange(request, api, route, _proxied(resource, path)))
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
    route = Route("ANY", "/{proxy+}", "")
    api = Api(_API_ID, "http", (route,), stage, stage_variables=_VARIABLES)
    exchange = _exchange(request, api, route, {"proxy": path.lstrip("/")})
    exchange.identity = {"jwt": {"claims": {"sub": "somebody"}, "scopes": ["read", "write"]}}
    event = payload_v2.build_event(exchange)
    event["requestContext"]["accountId"] = account_id
    return event


def authorizer(
    *,
    region: str = REGION,
    partition: str = "aws",
    account_id: str = ACCOUNT_ID,
    stage: str = "prod",
    method: str = "POST",
    resource: str = "{proxy+}",
    rest_api_id: str = "example",
) -> dict[str, Any]:
    """A token that an authorizer of a REST API is to judge."""
    place = f"{rest_api_id}/{stage}/{method}/{resource.lstrip('/')}"
    arn = f"arn:{partition}:execute-api:{region}:{account_id}:{place}"
    return {"type": "TOKEN", "authorizationToken": "incoming-client-token", "methodArn": arn}


def request_authorizer(
    *,
    stage: str = "prod",
    method: str = "GET",
    resource: str = "/{proxy+}",
    path: str = "path/to/resource",
    account_id: str = ACCOUNT_ID,
    dns_suffix: str = _DNS_SUFFIX,
) -> dict[str, Any]:
    """A request that an authorizer of a REST API is to judge."""
    request = _request(method, path, "", dns_suffix, "foo=bar")
    route = Route(method, resource, "", "1.0")
    exchange = _exchange(request, Api(_API_ID, "rest", (route,), stage), route, _proxied(resource, path))
    event: dict[str, Any] = json.loads(payload_v1.authorizer_event(exchange, []))
    event["requestContext"]["accountId"] = account_id
    return event


def alb_request(
    *,
    region: str = REGION,
    account_id: str = ACCOUNT_ID,
    body: str = "",
    method: str = "GET",
    path: str = "/path/to/resource",
) -> dict[str, Any]:
    """A request to an Application Load Balancer."""
    arn = f"arn:aws:elasticloadbalancing:{region}:{account_id}:targetgroup/example/49e9d65c45c6791a"
    return {
        "requestContext": {"elb": {"targetGroupArn": arn}},
        "httpMethod": method,
        "path": f"/{path.lstrip('/')}",
        "queryStringParameters": {"foo": "bar"},
        "headers": {
            "accept": "*/*",
            "host": f"example-1234567890.{region}.elb.amazonaws.com",
            "user-agent": "sample",
            "x-amzn-trace-id": "Root=1-5c536348-3d683b8b04734faae651f476",
            "x-forwarded-for": "203.0.113.12",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "body": body,
        "isBase64Encoded": False,
    }


def _proxied(resource: str, path: str) -> dict[str, str] | None:
    return {"proxy": path.lstrip("/")} if "{proxy+}" in resource else None


def _request(method: str, path: str, body: str, dns_suffix: str, query: str) -> Request:
    path = f"/{path.lstrip('/')}"
    headers = {
        "host": f"{_API_ID}.execute-api.{dns_suffix}",
        "accept": "*/*",
        "content-type": "application/json",
        "cookie": "cookie1=value1; cookie2=value2",
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
