"""HTTP to other servers by httpx, which is imported on first use: a tenth of a second that few commands need.

No proxy stands between this machine and itself, whatever HTTP_PROXY says; others are reached as the environment wants.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx


def client(url: str, seconds: float) -> httpx.Client:
    """A client for calls to the server of ``url``, which wait at most ``seconds`` for each step."""
    import httpx

    return httpx.Client(timeout=seconds, trust_env=not is_loopback(url), verify=url.startswith("https:"))


def is_loopback(url: str) -> bool:
    """Whether the URL names this machine itself. What is no URL names nothing."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def reason(error: Exception) -> str:
    """Why a call failed, in the few words that a user needs."""
    import httpx

    if isinstance(error, httpx.HTTPStatusError):
        return f"HTTP {error.response.status_code}"
    text = str(error)
    return text.partition("] ")[2] or text or type(error).__name__  # without "[Errno 111] "
