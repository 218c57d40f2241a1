"""Cross-origin requests, answered by the API itself.

Mirrors "Configuring CORS for HTTP APIs": where an HTTP API has a CORS configuration it answers preflight requests
without the function, adds its own headers to every response, and ignores those of the function. Function URLs do
the same. REST APIs have nothing of the kind: their ``Cors`` property is a mock ``OPTIONS`` method on each path.
"""

from __future__ import annotations

from lambda_emulator.asgi import HeaderList, Reply
from lambda_emulator.http_api.message import Request
from lambda_emulator.stack import Api, Cors

_PREFIX = b"access-control-"


def preflight(api: Api, cors: Cors, request: Request) -> Reply:
    """The answer to an ``OPTIONS`` request. An origin that is not allowed gets no CORS header at all."""
    headers = _origin_headers(cors, request)
    if headers:
        if cors.allow_methods:
            headers.append((b"access-control-allow-methods", ",".join(cors.allow_methods).encode()))
        if cors.allow_headers:
            headers.append((b"access-control-allow-headers", ",".join(cors.allow_headers).encode()))
        if cors.max_age_seconds is not None:
            headers.append((b"access-control-max-age", str(cors.max_age_seconds).encode()))
        # Whether AWS says this in a preflight too is not documented; a browser looks for it in the answer itself.
        if cors.expose_headers:
            headers.append((b"access-control-expose-headers", ",".join(cors.expose_headers).encode()))
    return Reply(200 if api.kind == "function_url" else 204, b"", headers)


def apply(cors: Cors, request: Request, reply: Reply) -> None:
    """Replace the function's CORS headers by the HTTP API's own."""
    reply.headers = [header for header in reply.headers if not header[0].startswith(_PREFIX)]
    headers = _origin_headers(cors, request)
    if headers and cors.expose_headers:
        headers.append((b"access-control-expose-headers", ",".join(cors.expose_headers).encode()))
    reply.headers += headers


def _origin_headers(cors: Cors, request: Request) -> HeaderList:
    origin = request.headers.get("origin")
    if origin is None:
        return []
    headers: HeaderList
    if "*" in cors.allow_origins:
        headers = [(b"access-control-allow-origin", b"*")]
    elif any(_allows(pattern, origin) for pattern in cors.allow_origins):
        headers = [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"origin")]
    else:
        return []
    if cors.allow_credentials:
        headers.append((b"access-control-allow-credentials", b"true"))
    return headers


def _allows(pattern: str, origin: str) -> bool:
    """``https://*`` stands for every origin of that scheme."""
    if pattern.endswith("://*"):
        return origin.lower().startswith(pattern[:-1].lower())
    return origin.lower() == pattern.lower()
