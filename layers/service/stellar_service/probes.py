"""Whether a server really answers, told by the smallest exchange that its own protocol has."""

from __future__ import annotations

import asyncio
import ssl
import struct
from urllib.parse import urlsplit

from stellar_service.brokers import use_tls
from stellar_service.ports import GRPC, KAFKA

TIME_LIMIT_SECONDS = 1.0
START_SECONDS = 5.0  # a function behind an HTTP API may have to start first

_TLS_PORTS = frozenset({443, 9094, 9096, 9098})
"""HTTPS, and the TLS listeners of Amazon MSK ("Port information", Amazon MSK Developer Guide)."""


async def _exchange(address: str, default_port: int, request: bytes, length: int, seconds: float) -> bytes:
    """The first ``length`` bytes of the answer; none where no server answers in time, or the address is none."""
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        if not parts.hostname:  # which asyncio would take for this machine
            return b""
        port = parts.port or default_port
        tls = ssl.create_default_context() if parts.scheme == "https" or port in _TLS_PORTS else None
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=tls)
            try:
                writer.write(request)
                return await reader.readexactly(length)
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
        return b""


async def rest_answers(url: str) -> bool:
    """Whether the root of the REST API is answered."""
    return await _http_answers(f"{url.rstrip('/')}/")


async def graphql_answers(url: str) -> bool:
    """Whether the smallest of queries is answered."""
    return await _http_answers(f"{url}?query=%7B__typename%7D")


async def _http_answers(url: str) -> bool:
    """Whether the status is 200, or 401: a probe has no access token to show where one is asked for."""
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    head = (
        f"GET {target} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Accept: application/json",
        "Connection: close",
    )
    request = "\r\n".join((*head, "", "")).encode()
    status_line = await _exchange(
        url, 443 if parts.scheme == "https" else 80, request, len("HTTP/1.1 200"), START_SECONDS
    )
    return status_line[-4:] in (b" 200", b" 401")


async def grpc_answers(address: str) -> bool:
    """Whether the server greets with HTTP/2 settings (RFC 9113, "HTTP/2 Connection Preface")."""
    settings = struct.pack(">3sBBI", bytes(3), 4, 0, 0)  # a frame of length 0, type 4
    frame = await _exchange(
        address, GRPC, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings, len(settings), TIME_LIMIT_SECONDS
    )
    return frame[3:4] == b"\x04"


async def kafka_answers(addresses: str) -> bool:
    """Whether any of the brokers tells the versions it speaks ("ApiVersions", Apache Kafka's protocol guide)."""
    ask = _broker_shakes_hands if use_tls() else _broker_answers
    answers = await asyncio.gather(*map(ask, addresses.split(",")))
    return any(answers)


async def _broker_shakes_hands(address: str) -> bool:
    """Whether it speaks TLS. It may ask for credentials before all else, and a probe has none and tells no secret."""
    host, _, port = address.strip().rpartition(":")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(TIME_LIMIT_SECONDS):
            _, writer = await asyncio.open_connection(host, int(port), ssl=context)
            writer.transport.abort()
            await writer.wait_closed()
            return True
    except (OSError, TimeoutError, ValueError):
        return False


async def _broker_answers(address: str) -> bool:
    correlation = struct.pack(">i", 18)
    request = struct.pack(">hh4sh", 18, 0, correlation, -1)  # ApiVersions, version 0, no client id
    answer = await _exchange(address.strip(), KAFKA, struct.pack(">i", len(request)) + request, 8, TIME_LIMIT_SECONDS)
    return answer[4:] == correlation
