"""API keys and usage plans of one REST API.

Mirrors "Usage plans and API keys for REST APIs": a method that requires a key takes one that is enabled and belongs to
a plan of the stage; the plan's throttle and quota count for each key. Quotas are counted in memory, from the start of
the process on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from lambda_emulator.asgi import Reply
from lambda_emulator.http_api.exchange import Exchange
from lambda_emulator.http_api.gateway_responses import GatewayResponse, gateway_reply
from lambda_emulator.http_api.throttling import TokenBucket
from lambda_emulator.stack import Api, ApiKey, Quota, Throttle, UsagePlan

_FROM_AUTHORIZER = "usageIdentifierKey"


class ApiKeys:
    """Decides on the requests of one API. ``now`` gives seconds since the epoch."""

    def __init__(self, api: Api, now: Callable[[], float] = time.time) -> None:
        self._from_authorizer = api.api_key_source == "AUTHORIZER"
        self._plans = {key.value: (plan, key) for plan in reversed(api.usage_plans) for key in plan.keys if key.enabled}
        self._now = now
        self._buckets: dict[tuple[str, str], TokenBucket] = {}
        self._used: dict[str, tuple[int, int]] = {}  # period and requests in it, by the key's id

    def refusal(self, exchange: Exchange) -> Reply | None:
        """The reply to a request whose key does not let it pass; else None, and the exchange has the key."""
        if not exchange.route.api_key_required:
            return None
        known = self._plans.get(self._sent(exchange) or "")
        if known is None:
            return gateway_reply("rest", GatewayResponse.INVALID_API_KEY)
        plan, key = known
        if not self._within_rate(plan, key, exchange):
            return gateway_reply("rest", GatewayResponse.TOO_MANY_REQUESTS)
        if plan.quota and not self._within_quota(plan.quota, key):
            return gateway_reply("rest", GatewayResponse.QUOTA_EXCEEDED)
        exchange.api_key = key
        return None

    def _sent(self, exchange: Exchange) -> str | None:
        if self._from_authorizer:
            return (exchange.identity or {}).get(_FROM_AUTHORIZER)
        return exchange.request.headers.get("x-api-key")

    def _within_rate(self, plan: UsagePlan, key: ApiKey, exchange: Exchange) -> bool:
        """A method's own throttle stands in for the plan's."""
        method = f"{exchange.route.path}/{exchange.request.method}"
        own = plan.method_throttles.get(method)
        limit = own or plan.throttle
        return limit is None or self._bucket(key.id, method if own else "", limit).take() == 0

    def _bucket(self, key: str, method: str, limit: Throttle) -> TokenBucket:
        if (key, method) not in self._buckets:
            self._buckets[key, method] = TokenBucket(limit)
        return self._buckets[key, method]

    def _within_quota(self, quota: Quota, key: ApiKey) -> bool:
        period = _period(quota, self._now())
        counted, used = self._used.get(key.id, (period, quota.offset))
        if counted != period:
            used = 0
        self._used[key.id] = period, used + 1
        return used < quota.limit


def _period(quota: Quota, moment: float) -> int:
    """The number of the period that a moment is in; they begin at midnight UTC, weeks on Sunday."""
    day = datetime.fromtimestamp(moment, UTC).date()
    if quota.period == "MONTH":
        return day.year * 12 + day.month
    if quota.period == "WEEK":
        return day.toordinal() // 7  # day 7 was a Sunday
    return day.toordinal()
