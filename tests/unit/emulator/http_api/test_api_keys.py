"""API keys and usage plans: who passes, how often, and what the others are told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lambda_emulator.http_api import create_app
from lambda_emulator.http_api.api_keys import ApiKeys, _period
from lambda_emulator.http_api.exchange import Exchange
from lambda_emulator.http_api.message import Request
from lambda_emulator.stack import Api, ApiKey, Quota, Route, Throttle, UsagePlan
from support.gateway_doubles import AsgiClient, FakeInvoker, a_function

KEY = ApiKey("Mine", "secret-value-of-a-key")
ROUTES = (
    Route("GET", "/keyed", "Hello", payload_format="1.0", api_key_required=True),
    Route("GET", "/other", "Hello", payload_format="1.0", api_key_required=True),
    Route("GET", "/open", "Hello", payload_format="1.0"),
)
SENT = {"x-api-key": KEY.value}


def an_api(*plans: UsagePlan, **options: Any) -> Api:
    return Api("Api", "rest", ROUTES, stage="Prod", usage_plans=plans, **options)


def a_client(api: Api, **options: Any) -> tuple[AsgiClient, FakeInvoker]:
    invoker = FakeInvoker(a_function(), answer=lambda event: {"statusCode": 200})
    return AsgiClient(create_app(api, invoker, **options)), invoker


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "wrong"}, {"x-api-key": "off"}, {"x-api-key": "of no plan"}])
async def test_a_request_without_a_key_of_the_plan_is_forbidden(headers: dict[str, str]) -> None:
    client, invoker = a_client(an_api(UsagePlan("Plan", (KEY, ApiKey("Off", "off", enabled=False)))))
    refused = await client.get("/keyed", headers=headers)
    assert (refused.status, refused.body) == (403, b'{"message": "Forbidden"}')
    assert refused.header("x-amzn-errortype") == "ForbiddenException"
    assert not invoker.calls
    assert (await client.get("/open")).status == 200


async def test_a_key_lets_a_request_pass_and_is_in_the_event() -> None:
    client, invoker = a_client(an_api(UsagePlan("Plan", (KEY,))))
    assert (await client.get("/keyed", headers=SENT)).status == 200
    identity = invoker.calls[0].event["requestContext"]["identity"]
    assert (identity["apiKey"], identity["apiKeyId"]) == (KEY.value, "Mine")
    assert (await client.get("/open", headers=SENT)).status == 200
    assert "apiKey" not in invoker.calls[1].event["requestContext"]["identity"]


async def test_authorizers_that_are_disabled_let_requests_without_a_key_pass() -> None:
    client, _ = a_client(an_api(), enforce_authorizers=False)
    assert (await client.get("/keyed")).status == 200


async def test_a_key_beyond_its_rate_is_told_so_and_others_are_not() -> None:
    other = ApiKey("Other", "another-value-of-a-key")
    client, invoker = a_client(an_api(UsagePlan("Plan", (KEY, other), Throttle(rate=0.001, burst=2))))
    assert [(await client.get("/keyed", headers=SENT)).status for _ in range(2)] == [200, 200]
    refused = await client.get("/other", headers=SENT)
    assert (refused.status, refused.body) == (429, b'{"message": "Too Many Requests"}')
    assert refused.header("x-amzn-errortype") == "TooManyRequestsException"
    assert (await client.get("/keyed", headers={"x-api-key": other.value})).status == 200
    assert len(invoker.calls) == 3


async def test_a_method_may_have_a_rate_of_its_own() -> None:
    plan = UsagePlan("Plan", (KEY,), method_throttles={"/keyed/GET": Throttle(rate=0.001, burst=1)})
    client, _ = a_client(an_api(plan))
    statuses = [(await client.get(path, headers=SENT)).status for path in ("/keyed", "/keyed", "/other", "/other")]
    assert statuses == [200, 429, 200, 200]


async def test_a_key_beyond_its_quota_is_told_so() -> None:
    client, _ = a_client(an_api(UsagePlan("Plan", (KEY,), quota=Quota(3, "DAY", offset=1))))
    assert [(await client.get("/keyed", headers=SENT)).status for _ in range(2)] == [200, 200]
    refused = await client.get("/keyed", headers=SENT)
    assert (refused.status, refused.body) == (429, b'{"message": "Limit Exceeded"}')
    assert refused.header("x-amzn-errortype") == "LimitExceededException"


@pytest.mark.parametrize(
    ("period", "same", "next_one"),
    [
        ("DAY", ("2026-03-01T00:00", "2026-03-01T23:59"), "2026-03-02T00:00"),
        ("WEEK", ("2026-03-01T00:00", "2026-03-07T23:59"), "2026-03-08T00:00"),  # from a Sunday on
        ("MONTH", ("2026-03-01T00:00", "2026-03-31T23:59"), "2026-04-01T00:00"),
    ],
)
def test_periods_begin_at_midnight_of_utc(period: Any, same: tuple[str, str], next_one: str) -> None:
    first, last, after = (
        _period(Quota(1, period), datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
        for text in (*same, next_one)
    )
    assert first == last == after - 1


def test_the_next_period_has_the_whole_quota_again() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    keys = ApiKeys(an_api(UsagePlan("Plan", (KEY,), quota=Quota(1, "DAY"))), now=lambda: moment)

    def status() -> int:
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/keyed",
            "raw_path": b"/keyed",
            "query_string": b"",
            "headers": [(b"x-api-key", KEY.value.encode())],
            "http_version": "1.1",
            "scheme": "http",
            "client": ("127.0.0.1", 1),
        }
        exchange = Exchange.begin(Request(scope), an_api(), ROUTES[0], "", None)
        refusal = keys.refusal(exchange)
        return refusal.status if refusal else 200

    assert [status(), status()] == [200, 429]
    moment += 24 * 3600
    assert status() == 200
