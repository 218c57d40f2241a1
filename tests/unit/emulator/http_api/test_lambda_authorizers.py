"""Functions that decide who may call a route."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_emulator.http_api import create_app
from lambda_emulator.http_api.authorizers.policy import Decision, evaluate
from lambda_emulator.stack import LambdaAuthorizer, Route
from support.gateway_doubles import AsgiClient, FakeInvoker, Response, a_function, an_api, failure

ARN = "arn:aws:execute-api:us-east-1:123456789012:HttpApi/$default/GET/x"


def policy(effect: str = "Allow", resource: str = "*", **extra: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}
    return {"principalId": "me", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}, **extra}


class Guarded:
    """An API whose route is guarded by a function that answers with ``verdict``."""

    def __init__(self, api_kind: str, verdict: Any, *, payload: str = "2.0", **definition: Any) -> None:
        self.verdict = verdict
        definition = {"identity_sources": ("$request.header.Authorization",), "payload_format": payload} | definition
        guard = LambdaAuthorizer("Guard", "GuardFunction", **definition)
        route = Route("GET", "/x", "Hello", payload_format="1.0" if api_kind == "rest" else "2.0", authorizer="Guard")
        self.invoker = FakeInvoker(a_function("GuardFunction"), a_function(), answer=self._answer)
        self.client = AsgiClient(create_app(an_api(api_kind, route, authorizers=(guard,)), self.invoker))

    def _answer(self, event: Any) -> Any:
        return self.verdict if self.invoker.last.function == "GuardFunction" else {"statusCode": 200, "body": "in"}

    async def get(self, **headers: str) -> Response:
        return await self.client.get("/x?q=1", headers=headers or {"authorization": "token"})

    def events(self, function: str) -> list[Any]:
        return [call.event for call in self.invoker.calls if call.function == function]


async def test_a_simple_response_lets_in_with_its_context() -> None:
    guarded = Guarded("http", {"isAuthorized": True, "context": {"n": 1}}, simple_responses=True)
    assert (await guarded.get()).body == b"in"
    assert guarded.events("Hello")[0]["requestContext"]["authorizer"] == {"lambda": {"n": 1}}
    event = guarded.events("GuardFunction")[0]
    assert event["type"] == "REQUEST"
    assert event["version"] == "2.0"
    assert event["routeArn"] == ARN
    assert event["identitySource"] == ["token"]
    assert event["queryStringParameters"] == {"q": "1"}
    assert "body" not in event


async def test_a_simple_response_can_refuse() -> None:
    guarded = Guarded("http", {"isAuthorized": False}, simple_responses=True)
    response = await guarded.get()
    assert (response.status, response.json()) == (403, {"message": "Forbidden"})
    assert guarded.events("Hello") == []


@pytest.mark.parametrize(("token", "status"), [("Bearer abc.1", 200), ("Basic abc", 401), ("a Bearer abc", 401)])
async def test_a_token_is_asked_about_only_if_it_looks_like_one(token: str, status: int) -> None:
    guarded = Guarded(
        "rest",
        policy(),
        kind="TOKEN",
        identity_sources=("method.request.header.Authorization",),
        validation_expression="Bearer [a-z.0-9]+",
    )
    assert (await guarded.get(authorization=token)).status == status
    assert bool(guarded.invoker.calls) == (status == 200)


async def test_a_missing_identity_source_is_refused_without_asking() -> None:
    for kind in ("http", "rest"):
        guarded = Guarded(
            kind, policy(), identity_sources=("method.request.header.Auth", "method.request.querystring.q")
        )
        response = await guarded.get()
        assert (response.status, response.json()) == (401, {"message": "Unauthorized"})
        assert guarded.invoker.calls == []
        assert (await guarded.get(auth="yes")).status == 200


async def test_a_policy_lets_in_to_a_rest_api() -> None:
    guarded = Guarded("rest", policy(context={"n": "1"}), payload="1.0")
    assert (await guarded.get()).status == 200
    identity = guarded.events("Hello")[0]["requestContext"]["authorizer"]
    assert identity == {"principalId": "me", "integrationLatency": 0, "n": "1"}
    event = guarded.events("GuardFunction")[0]
    assert (event["type"], event["resource"]) == ("REQUEST", "/x")
    assert event["methodArn"].endswith(":RestApi/Prod/GET/x")


async def test_the_context_of_a_rest_api_is_passed_on_as_text() -> None:
    context = {"text": "a", "number": 1.5, "whole": 7, "flag": True, "nothing": None}
    guarded = Guarded("rest", policy(context=context), payload="1.0")
    assert (await guarded.get()).status == 200
    identity = guarded.events("Hello")[0]["requestContext"]["authorizer"]
    expected = {"text": "a", "number": "1.5", "whole": "7", "flag": "true", "nothing": None}
    assert identity == {"principalId": "me", "integrationLatency": 0, **expected}


async def test_a_token_authorizer_gets_only_the_token() -> None:
    guarded = Guarded("rest", policy(), kind="TOKEN", identity_sources=("method.request.header.Auth",))
    assert (await guarded.get(auth="abc")).status == 200
    arn = "arn:aws:execute-api:us-east-1:123456789012:RestApi/Prod/GET/x"
    assert guarded.events("GuardFunction") == [{"type": "TOKEN", "authorizationToken": "abc", "methodArn": arn}]


async def test_slashes_in_front_of_a_path_lead_around_no_policy() -> None:
    arn = "arn:aws:execute-api:us-east-1:123456789012:RestApi/Prod/GET/x"
    guarded = Guarded("rest", policy("Deny", arn), payload="1.0")
    for target in ("//x", "/Prod//x", "//Prod/x"):
        assert (await guarded.client.get(target, headers={"authorization": "token"})).status == 403
    assert {event["methodArn"] for event in guarded.events("GuardFunction")} == {arn}


@pytest.mark.parametrize(
    ("kind", "verdict", "status", "body"),
    [
        (
            "rest",
            policy("Deny"),
            403,
            b'{"Message": "User is not authorized to access this resource with an explicit deny"}',
        ),
        ("rest", policy(resource="arn:other"), 403, b'{"Message": "User is not authorized to access this resource"}'),
        ("http", policy("Deny"), 403, b'{"message":"Forbidden"}'),
        ("rest", failure("Unauthorized"), 401, b'{"message": "Unauthorized"}'),
        ("rest", failure("other"), 500, b'{"message": null}'),
        ("http", failure("Unauthorized"), 500, b'{"message":"Internal Server Error"}'),
        ("http", "not an object", 500, b'{"message":"Internal Server Error"}'),
        ("http", {"principalId": "me"}, 500, b'{"message":"Internal Server Error"}'),
        ("rest", policy(context={"list": [1]}), 500, b'{"message": null}'),
        ("rest", policy(context={"object": {}}), 500, b'{"message": null}'),
        ("http", policy(context="text"), 500, b'{"message":"Internal Server Error"}'),
    ],
)
async def test_who_is_not_let_in(kind: str, verdict: Any, status: int, body: bytes) -> None:
    guarded = Guarded(kind, verdict, payload="1.0")
    response = await guarded.get()
    assert (response.status, response.body) == (status, body)
    assert guarded.events("Hello") == []


async def test_an_answer_is_remembered_for_its_lifetime() -> None:
    guarded = Guarded("http", {"isAuthorized": True}, simple_responses=True, result_ttl_seconds=60)
    for _ in range(3):
        assert (await guarded.get()).status == 200
    assert len(guarded.events("GuardFunction")) == 1
    await guarded.get(authorization="another")
    assert len(guarded.events("GuardFunction")) == 2


async def test_authorizers_can_be_switched_off() -> None:
    guard = LambdaAuthorizer("Guard", "GuardFunction", identity_sources=("$request.header.Authorization",))
    route = Route("GET", "/x", "Hello", authorizer="Guard")
    invoker = FakeInvoker(a_function(), answer=lambda event: {"statusCode": 200})
    api = an_api("http", route, authorizers=(guard,))
    assert (await AsgiClient(create_app(api, invoker, enforce_authorizers=False)).get("/x")).status == 200


@pytest.mark.parametrize(
    ("resource", "decision"),
    [
        ("*", Decision.ALLOW),
        (ARN, Decision.ALLOW),
        ("arn:aws:execute-api:*:*:HttpApi/*/GET/?", Decision.ALLOW),
        ("arn:aws:execute-api:us-east-1:123456789012:HttpApi/$default/POST/*", Decision.IMPLICIT_DENY),
    ],
)
def test_wildcards_of_a_policy(resource: str, decision: Decision) -> None:
    assert evaluate(policy(resource=resource), ARN) is decision


def test_an_explicit_deny_beats_any_allow() -> None:
    answer = policy()
    answer["policyDocument"]["Statement"].append({"Effect": "Deny", "Action": ["execute-api:*"], "Resource": [ARN]})
    assert evaluate(answer, ARN) is Decision.EXPLICIT_DENY


@pytest.mark.parametrize("statement", [[], "text", [{"Effect": "Maybe"}], [{"Effect": "Allow", "Action": 1}]])
def test_a_policy_that_cannot_be_read_is_an_error(statement: Any) -> None:
    with pytest.raises(ValueError, match=r"Statement|Effect|Action"):
        evaluate({"principalId": "me", "policyDocument": {"Statement": statement}}, ARN)
