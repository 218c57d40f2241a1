"""Requests that do not fit what a REST API's method asks of them never reach a function."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_emulator.http_api import create_app
from lambda_emulator.stack import RequestValidation, Route
from support.gateway_doubles import AsgiClient, FakeInvoker, a_function, an_api

USER = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
RULES = RequestValidation(
    ("method.request.header.X-Tenant", "method.request.querystring.page"), {"application/json": USER}
)


def gateway_with(rules: RequestValidation) -> tuple[AsgiClient, FakeInvoker]:
    invoker = FakeInvoker(a_function(), answer=lambda event: {"statusCode": 200})
    route = Route("POST", "/users/{id}", "Hello", "1.0", validation=rules)
    return AsgiClient(create_app(an_api("rest", route), invoker)), invoker


async def posted(target: str = "/users/1?page=2", body: bytes = b'{"name": "x"}', **headers: str) -> tuple[int, Any]:
    gateway, invoker = gateway_with(RULES)
    sent = {"x-tenant": "a", "content-type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    response = await gateway.post(target, body, headers=sent)
    assert (response.status == 200) == bool(invoker.calls)
    if response.status != 200:
        assert response.header("x-amzn-errortype") == "BadRequestException"
    return response.status, response.json() if response.body else None


async def test_a_request_that_fits_reaches_the_function() -> None:
    assert await posted() == (200, None)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"name": 1}', b"\xff"])
async def test_a_body_that_does_not_fit_its_model_is_refused(body: bytes) -> None:
    assert await posted(body=body) == (400, {"message": "Invalid request body"})


async def test_a_type_without_a_model_is_not_looked_at_unless_there_is_one_for_every_type() -> None:
    assert await posted(body=b"no JSON", content_type="text/plain") == (200, None)
    gateway, _ = gateway_with(RequestValidation((), {"$default": USER}))
    response = await gateway.post("/users/1", b"no JSON", headers={"content-type": "text/plain"})
    assert (response.status, response.body) == (400, b'{"message": "Invalid request body"}')


async def test_no_type_at_all_means_json() -> None:
    gateway, invoker = gateway_with(RequestValidation((), {"application/json": USER}))
    assert (await gateway.post("/users/1", b"{}")).status == 400
    assert not invoker.calls


@pytest.mark.parametrize(
    ("target", "tenant", "missing"),
    [
        ("/users/1", "a", "page"),
        ("/users/1?page=", "a", "page"),
        ("/users/1?page=1", "", "X-Tenant"),
        ("/users/1", "", "X-Tenant, page"),
    ],
)
async def test_a_missing_or_blank_parameter_is_named(target: str, tenant: str, missing: str) -> None:
    message = f"Missing required request parameters: [{missing}]"
    assert await posted(target, x_tenant=tenant) == (400, {"message": message})
