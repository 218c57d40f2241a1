"""One HTTP request as API Gateway sees it, read once from its ASGI scope."""

from __future__ import annotations

import base64
import os
import re
import time
import uuid
from collections.abc import Iterator
from functools import cached_property, lru_cache
from urllib.parse import unquote_plus

from lambda_emulator.asgi import Scope
from lambda_emulator.coalescing import NAMES

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TEXT_TYPES = frozenset({"application/json", "application/xml", "application/javascript"})
_TRACE_ROOT = re.compile(r"Root=[0-9a-f-]{10,60}(;|$)")


class Request:
    """The parts of a request that routing, authorizers and events are made from.

    ``headers`` is keyed in lower case, duplicates joined with a comma, without ``cookie``; it carries the
    ``x-forwarded-*`` and ``x-amzn-trace-id`` headers that API Gateway adds. ``cookies`` holds each cookie as
    ``name=value``. ``raw_path`` and ``query`` are as the client sent them, ``path`` is percent-decoded. ``own_address``
    is the one that callers on this machine seem to have, where that is not their own.
    """

    def __init__(self, scope: Scope, own_address: str | None = None) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.raw_path: str = scope["raw_path"].decode("ascii")
        self.query: str = scope["query_string"].decode("latin-1")
        self.protocol = f"HTTP/{scope['http_version']}"
        self.source_ip: str = (scope.get("client") or ("127.0.0.1", 0))[0]
        if own_address and self.source_ip in ("127.0.0.1", "::1"):
            self.source_ip = own_address
        # Connection is between the client and the gateway: no event has it.
        self.raw_headers: list[tuple[bytes, bytes]] = [pair for pair in scope["headers"] if pair[0] != b"connection"]
        self._all_headers: list[tuple[bytes, bytes]] = scope["headers"]
        self._sent_names: list[bytes] = scope.get(NAMES) or [name for name, _ in scope["headers"]]
        self.body = b""
        self.time_ms = time.time_ns() // 1_000_000
        self.cookies: list[str] = []
        self.headers = headers = self._join_headers()

        forwarded = headers.get("x-forwarded-for")
        self.forwarded_for = f"{forwarded}, {self.source_ip}" if forwarded else self.source_ip
        self.forwarded_port = str((scope.get("server") or ("", 0))[1])
        self.forwarded_proto: str = scope["scheme"]
        self.trace_id = _trace_id(headers.get("x-amzn-trace-id"), self.time_ms)
        headers["x-forwarded-for"] = self.forwarded_for
        headers["x-forwarded-port"] = self.forwarded_port
        headers["x-forwarded-proto"] = self.forwarded_proto
        headers["x-amzn-trace-id"] = self.trace_id

    def _join_headers(self) -> dict[str, str]:
        joined: dict[str, str] = {}
        for raw_name, raw_value in self.raw_headers:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            if name == "cookie":
                self.cookies += value.split("; ")
            elif name in joined:
                joined[name] = f"{joined[name]},{value}"
            else:
                joined[name] = value
        return joined

    def named_headers(self) -> Iterator[tuple[bytes, bytes]]:
        """``raw_headers`` with the names as the client wrote them."""
        return (
            (name, value)
            for name, (lowered, value) in zip(self._sent_names, self._all_headers, strict=True)
            if lowered != b"connection"
        )

    @property
    def head_size(self) -> int:
        """Bytes of the request line and of all header names and values."""
        size = len(self.method) + len(self.raw_path) + len(self.query)
        for name, value in self.raw_headers:
            size += len(name) + len(value)
        return size

    @cached_property
    def query_pairs(self) -> list[tuple[str, str]]:
        """The query's names and values, decoded, in order; a name without a value has an empty one."""
        pairs = []
        for part in self.query.split("&"):
            if part:
                name, _, value = part.partition("=")
                pairs.append((unquote_plus(name), unquote_plus(value)))
        return pairs

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case; empty where there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def host(self) -> str:
        return self.headers.get("host", "localhost")

    @property
    def user_agent(self) -> str:
        return self.headers.get("user-agent", "")


def group_pairs(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Every value of each name, in order."""
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped


def is_text(media_type: str) -> bool:
    """Whether an HTTP API or a function URL passes such a body on as it is, and not in base64.

    The list is not documented; this is what the service was seen to do (a form is binary, and so is no type).
    """
    return media_type.startswith("text/") or media_type in _TEXT_TYPES


def event_body(body: bytes, *, binary: bool) -> tuple[str, bool]:
    """A body as events carry it, and whether that is base64.

    What is no UTF-8 (a compressed body too) goes in base64 whatever its type says, so that no byte is lost.
    """
    if not binary:
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True


def clf_time(epoch_ms: int) -> str:
    """``12/Mar/2020:19:03:58 +0000``, whatever the locale."""
    return _clf_second(epoch_ms // 1000)


@lru_cache(maxsize=4)  # all requests of one second share the text
def _clf_second(epoch: int) -> str:
    moment = time.gmtime(epoch)
    return (
        f"{moment.tm_mday:02d}/{_MONTHS[moment.tm_mon - 1]}/{moment.tm_year}"
        f":{moment.tm_hour:02d}:{moment.tm_min:02d}:{moment.tm_sec:02d} +0000"
    )


def short_request_id() -> str:
    """A request id in the form of HTTP APIs: sixteen characters that end in ``=``."""
    return base64.b64encode(os.urandom(11)).decode()


def long_request_id() -> str:
    """A request id in the form of REST APIs and function URLs: a UUID."""
    return str(uuid.UUID(bytes=os.urandom(16), version=4))


def _trace_id(given: str | None, epoch_ms: int) -> str:
    if given and _TRACE_ROOT.search(given):
        return given
    return f"Root=1-{epoch_ms // 1000:08x}-{os.urandom(12).hex()}"
