"""Which requests come from the page: another site's script must not start a feed in a visitor's browser.

Mirrors "Fetch Metadata Request Headers" (W3C): a browser says by itself whose script sends a request. Older browsers
send ``Origin`` alone. What sends neither is no browser, and has no page that it could be tricked by.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request


def is_same_origin(request: Request) -> bool:
    """Whether the request was sent by this server's own page, or by no page at all."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
