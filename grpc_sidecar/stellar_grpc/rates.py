"""How many calls a second each client may make: a token bucket for each address.

A client is an address: several behind one proxy are one client, and one with several addresses is several. Objects of
a stream take a token each; they are not refused but read no faster, and HTTP/2's flow control slows the client down.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import unquote

MOST_CLIENTS = 10_000
"""Clients that are remembered. The one longest unheard of is forgotten, which only fills its bucket again."""


class Rates:
    """``rate`` calls a second for each client, and as many at once as come in two seconds."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = max(1.0, 2 * rate)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, as of when

    def take(self, client: str) -> float:
        """Take a token of the client's, if it has one: 0. Else the seconds until it will have."""
        now = self._clock()
        tokens, since = self._buckets.pop(client, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._rate)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / self._rate
        self._buckets[client] = (tokens - 1 if not wait else tokens), now
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return wait


def client_of(peer: str) -> str:
    """The address in what gRPC calls a peer: ``ipv4:127.0.0.1:5000``, ``ipv6:%5B::1%5D:5000``."""
    kind, _, rest = unquote(peer).partition(":")
    return rest.rpartition(":")[0] if kind in ("ipv4", "ipv6") else peer
