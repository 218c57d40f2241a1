"""Throttling of an API's routes: a token bucket for each route that the stage gives a rate.

Mirrors "Throttle your HTTP APIs for better throughput" and "Throttle requests to your REST APIs": a request takes a
token; tokens come back at the rate, and at most the burst is there. AWS counts over all callers of an account, so this
one bucket is all callers' too.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping

from lambda_emulator.asgi import Reply
from lambda_emulator.http_api.gateway_responses import GatewayResponse, gateway_reply
from lambda_emulator.stack import Api, Route, Throttle


class TokenBucket:
    """Full at first."""

    def __init__(self, limit: Throttle, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._tokens = float(limit.burst)
        self._counted = clock()

    def take(self) -> float:
        """Take a token, if there is one: 0. Else the seconds until there will be, infinite where there never will."""
        now = self._clock()
        self._tokens = min(float(self._limit.burst), self._tokens + (now - self._counted) * self._limit.rate)
        self._counted = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        if self._limit.rate <= 0 or self._limit.burst < 1:
            return math.inf
        return (1 - self._tokens) / self._limit.rate


class RouteThrottles:
    """The buckets of one API, by route key. ``limits`` has those of single routes, and under "" that of the others."""

    def __init__(self, limits: Mapping[str, Throttle]) -> None:
        self._limits = limits
        self._buckets: dict[str, TokenBucket] = {}

    def refusal(self, api: Api, route: Route) -> Reply | None:
        """The reply to a request that is one too many. Its ``Retry-After`` AWS does not send."""
        limit = self._limits.get(route.key) or self._limits.get("")
        if limit is None:
            return None
        bucket = self._buckets.get(route.key)
        if bucket is None:
            bucket = self._buckets[route.key] = TokenBucket(limit)
        seconds = bucket.take()
        if not seconds:
            return None
        headers = [(b"retry-after", str(math.ceil(seconds)).encode())] if math.isfinite(seconds) else []
        return gateway_reply(api.kind, GatewayResponse.TOO_MANY_REQUESTS, headers)
