"""Routes with a rate: what is beyond it is refused, and told when to come back."""

from __future__ import annotations

import math

import pytest

from lambda_emulator.http_api import create_app
from lambda_emulator.http_api.throttling import TokenBucket
from lambda_emulator.stack import Api, Route, Throttle
from support.gateway_doubles import AsgiClient, FakeInvoker, a_function


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_bucket_gives_its_burst_at_once_and_then_its_rate() -> None:
    clock = Clock()
    bucket = TokenBucket(Throttle(rate=2, burst=3), clock)
    assert [bucket.take() for _ in range(3)] == [0, 0, 0]
    assert bucket.take() == pytest.approx(0.5)
    clock.now += 0.5
    assert bucket.take() == 0
    assert bucket.take() == pytest.approx(0.5)
    clock.now += 3600
    assert [bucket.take() for _ in range(3)] == [0, 0, 0]
    assert bucket.take() > 0


@pytest.mark.parametrize("limit", [Throttle(rate=0, burst=0), Throttle(rate=5, burst=0)])
def test_bucket_without_room_gives_nothing_for_ever(limit: Throttle) -> None:
    assert TokenBucket(limit).take() == math.inf


def a_client(**limits: Throttle) -> tuple[AsgiClient, FakeInvoker]:
    invoker = FakeInvoker(a_function(), answer=lambda event: {"statusCode": 200})
    routes = (Route("GET", "/slow", "Hello"), Route("GET", "/quick", "Hello"))
    throttles = {"" if key == "others" else "GET /slow": limit for key, limit in limits.items()}
    return AsgiClient(create_app(Api("Api", "http", routes, throttles=throttles), invoker)), invoker


async def test_request_beyond_the_rate_is_429_in_awss_words_and_runs_nothing() -> None:
    client, invoker = a_client(slow=Throttle(rate=0.1, burst=2))
    assert [(await client.get("/slow")).status for _ in range(2)] == [200, 200]
    refused = await client.get("/slow")
    assert (refused.status, refused.body) == (429, b'{"message":"Too Many Requests"}')
    assert 1 <= int(refused.header("retry-after") or "") <= 10
    assert len(invoker.calls) == 2


async def test_each_route_has_a_bucket_of_its_own() -> None:
    client, _ = a_client(others=Throttle(rate=0.1, burst=1))
    statuses = [(await client.get(path)).status for path in ("/slow", "/quick", "/slow", "/quick")]
    assert statuses == [200, 200, 429, 429]


async def test_route_that_is_given_no_rate_is_not_throttled() -> None:
    client, _ = a_client(slow=Throttle(rate=0.1, burst=1))
    assert {(await client.get("/quick")).status for _ in range(20)} == {200}


async def test_a_rest_api_refuses_in_its_own_words() -> None:
    invoker = FakeInvoker(a_function(), answer=lambda event: {"statusCode": 200})
    routes = (Route("GET", "/a", "Hello", "1.0"),)
    client = AsgiClient(create_app(Api("Api", "rest", routes, throttles={"": Throttle(rate=0.1, burst=1)}), invoker))
    assert (await client.get("/a")).status == 200
    refused = await client.get("/a")
    assert (refused.status, refused.body) == (429, b'{"message": "Too Many Requests"}')
