"""The Telemetry API: what the platform, the function and the extensions write, sent to extensions that subscribe.

Mirrors "Accessing real-time telemetry data for extensions using the Telemetry API" (AWS Lambda Developer Guide).
"""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lambda_emulator.runtime import logs

_LOG = logging.getLogger(__name__)
_TYPES = frozenset({"platform", "function", "extension"})
_SCHEMAS = ("2022-07-01", "2022-12-13", "2025-01-29")
_HERE = ("sandbox", "sandbox.localdomain")  # what extensions call the environment that they are in
_SEND_SECONDS = 2.0
_KEPT = 1_000  # events from before the first subscription


@dataclass(eq=False)
class _Subscription:
    name: str
    types: frozenset[str]
    host: str
    port: int
    path: str
    max_items: int
    timeout: float
    waiting: list[dict[str, Any]] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None


class Telemetry:
    """The events of one environment. They are kept until the init phase is over, for those who subscribe late."""

    def __init__(self, *, kept: bool) -> None:
        self._early: list[dict[str, Any]] | None = [] if kept else None
        self._subscriptions: list[_Subscription] = []
        self._sending: set[asyncio.Task[None]] = set()

    @property
    def wanted(self) -> bool:
        """Whether events are of any use."""
        return self._early is not None or bool(self._subscriptions)

    def subscribe(self, name: str, body: bytes) -> str:
        """Take a subscription; what is wrong with it, empty where it is taken."""
        try:
            content = json.loads(body)
            address = urlsplit(content["destination"]["URI"])
            buffering = content.get("buffering") or {}
            subscription = _Subscription(
                name,
                frozenset(content["types"]),
                "127.0.0.1" if address.hostname in _HERE else str(address.hostname),
                address.port or 80,
                address.path or "/",
                int(buffering.get("maxItems", 10_000)),
                int(buffering.get("timeoutMs", 1_000)) / 1000,
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return f"the subscription cannot be read: {error!r}"
        if content.get("schemaVersion") not in _SCHEMAS:
            return f"schemaVersion must be one of {', '.join(_SCHEMAS)}"
        if content["destination"].get("protocol") != "HTTP":
            return "protocol must be HTTP"
        if not subscription.types or subscription.types - _TYPES:
            return f"types must be some of {', '.join(sorted(_TYPES))}"
        self._subscriptions = [each for each in self._subscriptions if each.name != name] + [subscription]
        about = {"name": name, "state": "Subscribed", "types": sorted(subscription.types)}
        for event in [*(self._early or ()), self._event("platform.telemetrySubscription", about)]:
            self._give(subscription, event)
        return ""

    def initialised(self) -> None:
        """The init phase is over: nobody can subscribe any more."""
        self._early = None

    def extension(self, name: str, events: Iterable[str]) -> None:
        """An extension has registered."""
        self._add(self._event("platform.extension", {"name": name, "state": "Registered", "events": sorted(events)}))

    def platform(self, lines: bytes) -> None:
        """Events of the platform, as JSON lines."""
        for line in lines.splitlines():
            self._add(json.loads(line))

    def function_lines(self, lines: bytes) -> None:
        """Whole lines that the function wrote."""
        self._lines("function", lines)

    def extension_lines(self, lines: bytes) -> None:
        """Whole lines that an extension wrote."""
        self._lines("extension", lines)

    def close(self) -> None:
        """Send what waits."""
        for subscription in self._subscriptions:
            self._flush(subscription)

    def _lines(self, kind: str, lines: bytes) -> None:
        if self.wanted:
            for line in lines.splitlines():
                self._add(self._event(kind, line.decode(errors="replace")))

    @staticmethod
    def _event(kind: str, record: Any) -> dict[str, Any]:
        return {"time": logs.timestamp(), "type": kind, "record": record}

    def _add(self, event: dict[str, Any]) -> None:
        if self._early is not None and len(self._early) < _KEPT:
            self._early.append(event)
        for subscription in self._subscriptions:
            self._give(subscription, event)

    def _give(self, subscription: _Subscription, event: dict[str, Any]) -> None:
        if event["type"].partition(".")[0] not in subscription.types:
            return
        subscription.waiting.append(event)
        if len(subscription.waiting) >= subscription.max_items:
            self._flush(subscription)
        elif subscription.timer is None:
            loop = asyncio.get_running_loop()
            subscription.timer = loop.call_later(subscription.timeout, self._flush, subscription)

    def _flush(self, subscription: _Subscription) -> None:
        if subscription.timer is not None:
            subscription.timer.cancel()
            subscription.timer = None
        events, subscription.waiting = subscription.waiting, []
        if events:
            task = asyncio.create_task(asyncio.to_thread(_post, subscription, events))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)


def _post(subscription: _Subscription, events: list[dict[str, Any]]) -> None:
    """Send events; an extension that does not take them loses them, as on AWS."""
    connection = http.client.HTTPConnection(subscription.host, subscription.port, timeout=_SEND_SECONDS)
    try:
        connection.request("POST", subscription.path, json.dumps(events), {"Content-Type": "application/json"})
        connection.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        _LOG.debug("the extension %s does not take telemetry: %s", subscription.name, error)
    finally:
        with suppress(OSError):
            connection.close()
