"""Resource policies of REST APIs: who may call, and what the others are told."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_emulator.http_api import create_app
from lambda_emulator.stack import Api, Route
from support.gateway_doubles import AsgiClient, FakeInvoker, a_function

EVERYONE = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
ARN = "arn:aws:execute-api:us-east-1:********9012:Api/Prod/GET/a"


def statement(effect: str, **changes: Any) -> dict[str, Any]:
    return {**EVERYONE, "Effect": effect, **changes}


def by_address(operator: str, *values: str) -> dict[str, Any]:
    return {"Condition": {operator: {"aws:SourceIp": list(values)}}}


def a_client(*statements: dict[str, Any], **options: Any) -> tuple[AsgiClient, FakeInvoker]:
    invoker = FakeInvoker(a_function(), answer=lambda event: {"statusCode": 200})
    routes = (Route("GET", "/a", "Hello", "1.0"), Route("GET", "/b", "Hello", "1.0"))
    api = Api("Api", "rest", routes, stage="Prod", policy={"Version": "2012-10-17", "Statement": list(statements)})
    client = AsgiClient(create_app(api, invoker, **options))
    client.client = ("127.0.0.1", 1234)
    return client, invoker


async def status(*statements: dict[str, Any], path: str = "/a", **options: Any) -> int:
    return (await a_client(*statements, **options)[0].get(path)).status


async def test_a_caller_whom_no_statement_allows_is_refused_in_awss_words() -> None:
    client, invoker = a_client(statement("Allow", Resource="execute-api:/Prod/GET/b"))
    refused = await client.get("/a")
    assert refused.status == 403
    text = f"User: anonymous is not authorized to perform: execute-api:Invoke on resource: {ARN}"
    assert refused.body == f'{{"Message": "{text}"}}'.encode()
    assert refused.header("x-amzn-errortype") == "AccessDeniedException"
    assert not invoker.calls
    assert (await client.get("/b")).status == 200


async def test_a_deny_beats_every_allow_and_is_told() -> None:
    client, _ = a_client(EVERYONE, statement("Deny", Resource=["execute-api:/*/GET/a"]))
    refused = await client.get("/a")
    assert refused.body.endswith(b'Api/Prod/GET/a with an explicit deny"}')
    assert (await client.get("/b")).status == 200


@pytest.mark.parametrize(
    ("address", "expected"), [("10.2.3.4", 200), ("10.1.3.4", 403), ("192.0.2.1", 403), ("2001:db8::1", 403)]
)
async def test_addresses_are_judged(address: str, expected: int) -> None:
    rules = (
        statement("Deny", **by_address("NotIpAddress", "10.0.0.0/8")),
        statement("Deny", **by_address("IpAddress", "10.1.0.0/16", "10.1.2.3")),
    )
    assert await status(EVERYONE, *rules, source_ip=address) == expected


async def test_a_caller_on_this_machine_without_an_address_passes() -> None:
    assert await status(EVERYONE, statement("Deny", **by_address("NotIpAddress", "10.0.0.0/8"))) == 200
    assert await status(statement("Allow", **by_address("IpAddress", "10.0.0.0/8"))) == 200


async def test_the_address_is_in_the_event_too() -> None:
    client, invoker = a_client(EVERYONE, source_ip="203.0.113.7")
    await client.get("/a")
    assert invoker.calls[0].event["requestContext"]["identity"]["sourceIp"] == "203.0.113.7"


async def test_what_cannot_be_known_lets_an_allow_count_and_a_deny_not() -> None:
    vpc = {"Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}
    assert await status(EVERYONE, statement("Deny", **vpc)) == 200
    assert await status(statement("Allow", **vpc)) == 200
    assert await status(statement("Allow", Principal={"AWS": "arn:aws:iam::123456789012:root"})) == 200
    assert await status(EVERYONE, statement("Deny", Principal={"AWS": ["123456789012"]})) == 200


async def test_authorizers_that_are_disabled_let_everyone_pass() -> None:
    assert await status(statement("Deny"), enforce_authorizers=False) == 200


async def test_callers_elsewhere_keep_their_address() -> None:
    client, _ = a_client(statement("Allow", **by_address("IpAddress", "192.0.2.0/24")), source_ip="10.0.0.1")
    assert (await client.get("/a")).status == 403
    client.client = ("192.0.2.7", 1234)
    assert (await client.get("/a")).status == 200
