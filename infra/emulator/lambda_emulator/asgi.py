"""The little of ASGI that both servers need: types, reading a body within a limit, sending a whole reply.

Mirrors the "HTTP & WebSocket ASGI Message Format" specification, version 2.x, for the ``http`` scope type.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import orjson

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
HeaderList = list[tuple[bytes, bytes]]

JSON_TYPE = (b"content-type", b"application/json")


class BodyTooLargeError(ValueError):
    """The request body is larger than the service takes."""


class ClientDisconnectedError(ConnectionError):
    """The client hung up before its request was complete."""


@dataclass(slots=True)
class Reply:
    """A whole HTTP response. Header names are lower case; ``content-length`` is added when it is sent."""

    status: int
    body: bytes = b""
    headers: HeaderList = field(default_factory=list)


def json_reply(status: int, content: object, headers: HeaderList | None = None) -> Reply:
    """A reply with ``content`` as its JSON body."""
    return Reply(status, orjson.dumps(content), [JSON_TYPE, *(headers or ())])


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The request body.

    Raises BodyTooLargeError as soon as more than ``limit`` bytes are announced or have come, and
    ClientDisconnectedError when the client hangs up first.
    """
    has_body = False
    for name, value in scope["headers"]:
        if name == b"content-length":
            if value.isdigit() and int(value) > limit:
                raise BodyTooLargeError
            has_body = value != b"0"
        elif name == b"transfer-encoding":
            has_body = True
    if not has_body:
        return b""  # HTTP/1.1 knows no third way to announce one
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnectedError
        chunk: bytes = message.get("body", b"")
        if not message.get("more_body", False) and not chunks:
            if len(chunk) > limit:
                raise BodyTooLargeError
            return chunk
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            raise BodyTooLargeError
        if not message.get("more_body", False):
            return b"".join(chunks)


async def send_reply(send: Send, reply: Reply) -> None:
    """Send ``reply`` at once. A client that has gone is no error: the server drops what it cannot deliver."""
    headers, body = reply.headers, reply.body
    if reply.status == 204 or reply.status == 304:
        body = b""  # neither may have one, whatever a function answers
    else:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
