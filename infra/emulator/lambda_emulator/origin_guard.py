"""What a web page in a visitor's browser must not do to a local port: the check before every application.

A page of another site can send requests to this machine, and by DNS rebinding (a name of its own that resolves to a
loopback address) read the answers. Against the second, the Host must be an address, a loopback name, or a name that
the user gave: an address cannot be rebound. Against the first, where an application has no pages of its own to serve
to other origins, what a browser says to come from another one is refused. Mirrors "Fetch Metadata Request Headers"
(W3C); RFC 9112, section 3.2, for the number of Host headers.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache

from lambda_emulator.asgi import Application, Receive, Scope, Send, json_reply, send_reply

_OWN = (b"same-origin", b"none")


class OriginRule:
    """Which requests may come. ``hosts`` are names allowed beside loopback ones; ``*`` allows every one.

    With ``foreign_origins`` only the Host is checked: the application has a CORS configuration of its own.
    """

    def __init__(self, hosts: Iterable[str] = (), *, foreign_origins: bool = False) -> None:
        self._hosts = frozenset(host.lower().rstrip(".") for host in hosts)
        self._foreign_origins = foreign_origins
        self._is_allowed = lru_cache(maxsize=64)(self._allowed)

    def refusal(
        self, method: str, headers: Sequence[tuple[bytes, bytes]], http_version: str = "1.1"
    ) -> tuple[int, str] | None:
        """The status and the reason with which to refuse the request; None for one that may pass.

        Names of ``headers`` are in lower case.
        """
        host = origin = site = mode = None
        hosts = 0
        for name, value in headers:
            if name == b"host":
                host, hosts = value, hosts + 1
            elif name == b"origin":
                origin = value
            elif name == b"sec-fetch-site":
                site = value
            elif name == b"sec-fetch-mode":
                mode = value
        if hosts > 1 or (host is None and http_version != "1.0"):
            return 400, f"A request has one Host header, not {hosts}."
        if host is not None and not self._is_allowed(host):
            shown = host.decode("latin-1")[:100]
            return 403, f"Host {shown} is not allowed. Use localhost, or name it with --allow-host."
        if self._foreign_origins:
            return None
        if site is not None:  # a browser says it of itself, and knows of a proxy before this port too
            if site in _OWN or (mode == b"navigate" and method == "GET"):
                return None
            return 403, "Another site's page may not call this port."
        if origin is not None and origin.partition(b"://")[2] != host:
            return 403, "Another origin's page may not call this port."
        return None

    def _allowed(self, host: bytes) -> bool:
        name = host_name(host.decode("latin-1"))
        if "*" in self._hosts or name in self._hosts or name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class OriginGuard:
    """An ASGI application around another, which gets what the rule lets pass. The arguments are those of the rule."""

    def __init__(self, app: Application, hosts: Iterable[str] = (), *, foreign_origins: bool = False) -> None:
        self._app = app
        self._rule = OriginRule(hosts, foreign_origins=foreign_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refused = self._rule.refusal(scope["method"], scope["headers"], scope.get("http_version", "1.1"))
            if refused:
                status, text = refused
                await send_reply(send, json_reply(status, {"message": text}))
                return
        await self._app(scope, receive, send)


def host_name(host: str) -> str:
    """The name in a Host header, in lower case, without port, brackets or the root's dot."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower().rstrip(".")
