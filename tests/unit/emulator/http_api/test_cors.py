"""Cross-origin requests: what the API answers itself, and which headers it puts on a function's answers."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_emulator.http_api import create_app
from lambda_emulator.stack import Cors, LambdaAuthorizer, Route
from support.gateway_doubles import AsgiClient, FakeInvoker, a_function, an_api

CORS = Cors(
    allow_origins=("https://www.example.com", "https://*.test"),
    allow_methods=("GET", "POST"),
    allow_headers=("x-token",),
    expose_headers=("date", "x-id"),
    allow_credentials=True,
    max_age_seconds=600,
)
PREFLIGHT = {"origin": "https://www.example.com", "access-control-request-method": "POST"}


def client(
    kind: str, *routes: Any, cors: Cors = CORS, answer: Any = None, **settings: Any
) -> tuple[AsgiClient, FakeInvoker]:
    result = answer or {"statusCode": 200, "body": "x"}
    invoker = FakeInvoker(a_function(), a_function("Guard"), answer=lambda event: result)
    return AsgiClient(create_app(an_api(kind, *routes, cors=cors, **settings), invoker)), invoker


async def test_a_preflight_is_answered_without_the_function() -> None:
    gateway, invoker = client("http", "POST /predict")
    response = await gateway.request("OPTIONS", "/predict", headers=PREFLIGHT)
    assert (response.status, response.body, invoker.calls) == (204, b"", [])
    assert {name: value for name, value in response.headers if name.startswith("access-control")} == {
        "access-control-allow-origin": "https://www.example.com",
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "x-token",
        "access-control-max-age": "600",
        "access-control-expose-headers": "date,x-id",
    }
    assert response.header("vary") == "origin"


@pytest.mark.parametrize("routes", [("ANY /predict",), ("OPTIONS /predict", "POST /predict"), ("$default",)])
async def test_a_preflight_never_reaches_a_route(routes: tuple[str, ...]) -> None:
    gateway, invoker = client("http", *routes)
    response = await gateway.request("OPTIONS", "/predict", headers=PREFLIGHT)
    assert (response.status, invoker.calls) == (204, [])


async def test_a_stranger_gets_no_cors_header() -> None:
    gateway, _ = client("http", "ANY /x")
    for headers in ({**PREFLIGHT, "origin": "https://evil.example"}, {"origin": "null"}):
        response = await gateway.request("OPTIONS", "/x", headers=headers)
        assert not [name for name, _ in response.headers if name.startswith("access-control")]


async def test_the_functions_own_cors_headers_are_ignored() -> None:
    answer = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*", "x-id": "1"}}
    gateway, _ = client("http", "GET /x", answer=answer)
    response = await gateway.get("/x", headers={"origin": "https://www.example.com"})
    assert response.all("access-control-allow-origin") == ["https://www.example.com"]
    assert response.header("access-control-expose-headers") == "date,x-id"
    assert response.header("x-id") == "1"
    assert (await gateway.get("/x")).header("access-control-allow-origin") is None


async def test_without_a_configuration_the_functions_headers_pass() -> None:
    answer = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}}
    invoker = FakeInvoker(a_function(), answer=lambda event: answer)
    gateway = AsgiClient(create_app(an_api("http", "ANY /x"), invoker))
    assert (await gateway.get("/x")).header("access-control-allow-origin") == "*"
    response = await gateway.request("OPTIONS", "/x", headers=PREFLIGHT)
    assert response.status == 200


async def test_star_and_scheme_wildcards() -> None:
    gateway, _ = client("http", "GET /x", cors=Cors(allow_origins=("*",)))
    assert (await gateway.get("/x", headers={"origin": "http://a"})).header("access-control-allow-origin") == "*"
    gateway, _ = client("http", "GET /x", cors=Cors(allow_origins=("https://*",)))
    allowed = await gateway.get("/x", headers={"origin": "https://any.where"})
    assert allowed.header("access-control-allow-origin") == "https://any.where"
    refused = await gateway.get("/x", headers={"origin": "http://any.where"})
    assert refused.header("access-control-allow-origin") is None


async def test_errors_carry_cors_headers_so_that_browsers_can_read_them() -> None:
    gateway, _ = client("http", "GET /x", answer={"statusCode": "bad"})
    response = await gateway.get("/x", headers={"origin": "https://www.example.com"})
    assert response.status == 500
    assert response.header("access-control-allow-origin") == "https://www.example.com"


async def test_default_with_an_authorizer_catches_the_preflight() -> None:
    route = Route("ANY", "$default", "Hello", authorizer="Guard")
    guard = LambdaAuthorizer("Guard", "Guard", identity_sources=("$request.header.Authorization",))
    gateway, _ = client("http", route, authorizers=(guard,))
    response = await gateway.request("OPTIONS", "/x", headers=PREFLIGHT)
    assert response.status == 401
    gateway, _ = client("http", route, "OPTIONS /{proxy+}", authorizers=(guard,))
    response = await gateway.request("OPTIONS", "/x", headers=PREFLIGHT)
    assert response.status == 204


async def test_of_several_apis_the_one_with_the_path_answers_its_preflight() -> None:
    other = an_api("rest", "GET /other", logical_id="Other")
    own = an_api("http", "GET /own", logical_id="Own", cors=Cors(allow_origins=("*",), allow_methods=("GET",)))
    for apis in ((other, own), (own, other)):
        gateway = AsgiClient(create_app(apis, FakeInvoker(a_function())))
        response = await gateway.request("OPTIONS", "/own", headers=PREFLIGHT)
        assert response.header("access-control-allow-origin") == "*"


async def test_a_function_url_answers_for_its_function() -> None:
    gateway, invoker = client("function_url", "$default")
    response = await gateway.request("OPTIONS", "/x", headers=PREFLIGHT)
    assert (response.status, invoker.calls) == (200, [])
    assert response.header("access-control-allow-methods") == "GET,POST"
    response = await gateway.get("/x", headers={"origin": "https://www.example.com"})
    assert response.header("access-control-allow-origin") == "https://www.example.com"
