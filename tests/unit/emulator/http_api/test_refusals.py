"""What a client is told when there is no answer from a function: exact words, and never a detail."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from lambda_emulator.http_api import create_app
from lambda_emulator.invocation import ServiceClosedError, TooManyRequestsError
from lambda_emulator.stack import Api, Route
from support.gateway_doubles import AsgiClient, FakeInvoker, a_function, an_api, failure

URL = Api("HelloUrl", "function_url", (Route("ANY", "$default", "Hello"),))


def client(api: Api, answer: Any = None) -> AsgiClient:
    return AsgiClient(create_app(api, FakeInvoker(a_function(), answer=lambda event: answer)))


def api_of(kind: str) -> Api:
    return URL if kind == "function_url" else an_api(kind, "ANY /{proxy+}")


@pytest.mark.parametrize(
    ("kind", "answer", "status", "body"),
    [
        ("http", failure(), 500, b'{"message":"Internal Server Error"}'),
        ("rest", failure(), 502, b'{"message": "Internal server error"}'),
        ("function_url", failure(), 502, b"Internal Server Error"),
        ("http", TooManyRequestsError("x"), 503, b'{"message":"Service Unavailable"}'),
        ("rest", TooManyRequestsError("x"), 500, b'{"message": "Internal server error"}'),
        ("function_url", TooManyRequestsError("x"), 429, b'{"Message":"Rate Exceeded."}'),
        ("http", ServiceClosedError(), 503, b'{"message":"Service Unavailable"}'),
        ("rest", ServiceClosedError(), 503, b'{"message": "Service Unavailable"}'),
    ],
)
async def test_what_goes_wrong_behind_the_api(kind: str, answer: Any, status: int, body: bytes) -> None:
    response = await client(api_of(kind), answer).get("/x")
    assert (response.status, response.body) == (status, body)
    assert response.header("content-type") == "application/json"


@pytest.mark.parametrize("kind", ["http", "rest", "function_url"])
async def test_no_detail_of_a_failure_reaches_the_client(kind: str) -> None:
    response = await client(api_of(kind), failure("the password is 1234")).get("/x")
    assert b"1234" not in response.body
    assert b"secret" not in response.body


@pytest.mark.parametrize("kind", ["http", "rest"])
async def test_a_function_that_isolates_tenants_gets_the_one_in_the_header(kind: str) -> None:
    answer = {"statusCode": 200, "body": "x"}
    for isolated in (True, False):
        invoker = FakeInvoker(a_function(tenant_isolation=isolated), answer=lambda event: answer)
        gateway = AsgiClient(create_app(api_of(kind), invoker))
        assert (await gateway.get("/x", headers={"x-amz-tenant-id": "blue"})).status == 200
        assert invoker.last.tenant_id == ("blue" if isolated else None)
    gateway = AsgiClient(create_app(api_of(kind), FakeInvoker(a_function(tenant_isolation=True))))
    response = await gateway.get("/x")
    assert response.status == 400
    assert "Add a valid tenant ID" in response.json()["message"]


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("http", 404, b'{"message":"Not Found"}'),
        ("rest", 403, b'{"message": "Missing Authentication Token"}'),
    ],
)
async def test_an_unknown_path_or_method(kind: str, status: int, body: bytes) -> None:
    gateway = client(an_api(kind, "POST /id"))
    for method, path in (("GET", "/id"), ("POST", "/nothing"), ("GET", "/%2e%2e/etc/passwd")):
        response = await gateway.request(method, path)
        assert (response.status, response.body) == (status, body)


async def test_no_api_at_all_is_refused_like_a_rest_api() -> None:
    gateway = AsgiClient(create_app((), FakeInvoker()))
    assert (await gateway.get("/")).status == 403


async def test_a_route_to_a_function_that_is_not_in_the_template() -> None:
    gateway = AsgiClient(create_app(an_api("rest", "GET /x"), FakeInvoker()))
    response = await gateway.get("/x")
    assert (response.status, response.json()) == (502, {"message": "No function defined for resource method"})


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("http", 503, b'{"message":"Service Unavailable"}'),
        ("rest", 504, b'{"message": "Endpoint request timed out"}'),
    ],
)
async def test_the_integration_timeout(kind: str, status: int, body: bytes) -> None:
    route = Route("GET", "/x", "Hello", timeout_seconds=0.02)
    finished = asyncio.Event()

    async def slow(event: Any) -> Any:
        await finished.wait()
        return {"statusCode": 200}

    gateway = AsgiClient(create_app(an_api(kind, route), FakeInvoker(a_function(), answer=slow)))
    response = await gateway.get("/x")
    assert (response.status, response.body) == (status, body)


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("http", 413, b'{"message":"Request Entity Too Large"}'),
        ("rest", 413, b"HTTP content length exceeded 10485760 bytes."),
    ],
)
async def test_a_body_over_ten_megabytes(kind: str, status: int, body: bytes) -> None:
    gateway = client(api_of(kind), {"statusCode": 200})
    half = b"x" * (6 * 1024 * 1024)
    for chunks in (half + half, [half, half]):
        response = await gateway.request("POST", "/x", body=chunks)
        assert (response.status, response.body) == (status, body)
    response = await gateway.request("POST", "/x", headers={"content-length": "10485761"}, body=b"x")
    assert response.status == 413


@pytest.mark.parametrize(("kind", "body"), [("http", b"Request Entity Too Large"), ("rest", b"Request Too Long")])
async def test_an_event_over_six_megabytes(kind: str, body: bytes) -> None:
    text = {"content-type": "text/plain"}
    gateway = client(api_of(kind), {"statusCode": 200})
    response = await gateway.post("/x", b"x" * 6_291_456, headers=text)
    assert response.status == 413
    assert body in response.body
    assert (await gateway.post("/x", b"x" * 6_289_408, headers=text)).status == 200


@pytest.mark.parametrize("kind", ["http", "rest"])
async def test_headers_over_ten_kibibytes(kind: str) -> None:
    gateway = client(api_of(kind), {"statusCode": 200})
    assert (await gateway.get("/x", headers={"x-big": "x" * 10_240})).status == 431
    assert (await gateway.get("/x", headers={"x-big": "x" * 9_000})).status == 200
    assert (await gateway.get("/x?" + "q" * 10_240)).status == 431


async def test_a_client_that_hangs_up_while_sending_is_forgotten() -> None:
    invoker = FakeInvoker(a_function())
    gateway = AsgiClient(create_app(an_api("http", "$default"), invoker))
    assert not await gateway.hang_up("POST", "/x", b"part")
    assert invoker.calls == []


async def test_a_fault_of_the_gateway_itself_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    gateway = client(an_api("http", "$default"), RuntimeError("inner secret"))
    with caplog.at_level(logging.ERROR):
        response = await gateway.get("/x")
    assert (response.status, response.json()) == (500, {"message": "Internal Server Error"})
    assert "inner secret" in caplog.text


async def test_a_connection_that_is_not_http_is_refused() -> None:
    gateway = create_app((), FakeInvoker())
    with pytest.raises(RuntimeError, match="websocket"):
        await gateway({"type": "websocket"}, None, None)  # type: ignore[arg-type]
