"""The Runtime API: what the process inside an execution environment talks to.

Mirrors "Using the Lambda runtime API for custom runtimes" (AWS Lambda Developer Guide), version 2018-06-01. Each
environment has a server of its own on an ephemeral loopback port, and hears that environment's processes alone.

HTTP is parsed here by hand: the only client is a Lambda runtime (libcurl and http.client in Python's), requests
are few and alike, and a general server would double the cost of an invocation.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol, cast

from lambda_emulator.invocation import MAX_SYNC_PAYLOAD
from lambda_emulator.runtime.peers import is_held_by
from lambda_emulator.runtime.tcp_table import find_socket

MAX_HEAD = 2 * 1024 * 1024  # bytes; the runtime sends an error's stack trace in a header of up to 1 MiB
EXTENSION_PATH = b"/2020-01-01/extension/"
TELEMETRY_PATH = b"/2022-07-01/telemetry"

_NEXT = b"/2018-06-01/runtime/invocation/next"
_INVOCATION = b"/2018-06-01/runtime/invocation/"
_INIT_ERROR = b"/2018-06-01/runtime/init/error"
_MAX_LENGTH_DIGITS = 19  # as a 64-bit number has; Python reads no number of more than some thousand
_WRITE_TOGETHER = 65_536  # bytes; above it, copying the event beside its head costs more than a second write


def reply(status: str, body: bytes, headers: str = "") -> bytes:
    """A whole HTTP response. ``headers`` are further ones, each ended by CRLF."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


_ACCEPTED = reply("202 Accepted", b'{"status":"OK"}')
_TOO_LARGE = reply(
    "413 Payload Too Large",
    b'{"errorType":"RequestEntityTooLarge","errorMessage":"Exceeded maximum allowed payload size (%d bytes)."}'
    % MAX_SYNC_PAYLOAD,
)
_BAD_REQUEST_ID = reply("400 Bad Request", b'{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}')
_FORBIDDEN = reply(
    "403 Forbidden", b'{"errorType":"InvalidStateTransition","errorMessage":"Transition is not allowed"}'
)
_FOREIGN = reply("403 Forbidden", b'{"errorType":"Forbidden","errorMessage":"Only this environment may call here"}')
_NOT_FOUND = reply("404 Not Found", b'{"errorType":"NotFound","errorMessage":"No such operation"}')
_LENGTH_REQUIRED = reply("411 Length Required", b'{"errorType":"LengthRequired","errorMessage":"No Content-Length"}')


class RuntimeEvents(Protocol):
    """What the Runtime API tells the environment that it serves.

    The methods that return a bool say whether the call was in its place; if not, the runtime is told so.
    """

    def on_next(self, connection: RuntimeConnection) -> bool:
        """The runtime waits for an event, to be given with ``connection.send_event``."""

    def on_response(self, connection: RuntimeConnection, request_id: str, payload: bytes | None) -> bool:
        """The handler answered; None for an answer over the limit. Must call ``accept`` or ``refuse_size``."""

    def on_error(self, connection: RuntimeConnection, request_id: str, payload: bytes | None) -> bool:
        """The handler raised; None for an error object over the limit. Must call ``accept`` or ``refuse_size``."""

    def on_init_error(self, payload: bytes, error_type: str) -> bool:
        """The function could not be loaded."""

    def on_extension_call(self, connection: RuntimeConnection, head: bytes, body: bytes) -> bytes | None:
        """An extension calls; the answer, or None where it is written later."""

    def on_lost(self, connection: RuntimeConnection) -> None:
        """The runtime has closed the connection."""


class RuntimeConnection(asyncio.Protocol):
    """One keep-alive HTTP/1.1 connection of a runtime."""

    __slots__ = ("_authority", "_body_length", "_buffer", "_events", "_head", "_is_own", "_skip", "_transport")

    def __init__(self, events: RuntimeEvents, authority: bytes, is_own: Callable[[socket.socket], bool]) -> None:
        self._events = events
        self._is_own = is_own  # whether a process of the environment is at the other end
        self._authority = authority  # the Host that a runtime names
        self._buffer = bytearray()
        self._head: bytes | None = None  # of the request whose body is on its way
        self._body_length = 0
        self._skip = 0  # bytes still to come of a body that is too large to keep
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio sets TCP_NODELAY only on sockets whose protocol number is known; without it an event larger than
        # one segment waits 40 ms for the runtime's delayed acknowledgement.
        connected = transport.get_extra_info("socket")
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._transport = cast(asyncio.Transport, transport)
        if not self._is_own(connected):
            self.write(_FOREIGN)
            self.close_after_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._events.on_lost(self)

    def data_received(self, data: bytes) -> None:
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            if self._skip:
                return
            data = data[skipped:]
            self._dispatch(b"", oversize=True)
        self._buffer += data
        while self._buffer and self._take():
            pass

    def _take(self) -> bool:
        """Take one whole request off the buffer, if it is there."""
        buffer = self._buffer
        if self._head is None:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(buffer) > MAX_HEAD:
                    self.close()
                return False
            self._head = bytes(buffer[:end])
            del buffer[: end + 4]
            if self._head.startswith((b"POST", b"PUT")):
                length = header(self._head, b"content-length")
                if not length.isdigit() or len(length) > _MAX_LENGTH_DIGITS:
                    self.write(_LENGTH_REQUIRED)
                    self.close()
                    return False
                self._body_length = int(length)
            else:
                self._body_length = 0
        if self._body_length > MAX_SYNC_PAYLOAD:
            self._skip = max(0, self._body_length - len(buffer))
            del buffer[: self._body_length]
            if self._skip:
                return False
            self._dispatch(b"", oversize=True)
            return True
        if len(buffer) < self._body_length:
            return False
        with memoryview(buffer) as view:
            body = bytes(view[: self._body_length])
        del buffer[: self._body_length]
        self._dispatch(body, oversize=False)
        return True

    def _dispatch(self, body: bytes, oversize: bool) -> None:
        head, self._head = cast(bytes, self._head), None
        if _is_foreign(head, self._authority):
            self.write(_FOREIGN)
            self.close_after_writing()
            return
        path = head.partition(b" ")[2].partition(b" ")[0]
        if path == _NEXT:
            if not self._events.on_next(self):
                self.write(_FORBIDDEN)
        elif path.startswith(_INVOCATION):
            request_id, _, operation = path[len(_INVOCATION) :].partition(b"/")
            payload = None if oversize else body
            if operation == b"response":
                known = self._events.on_response(self, request_id.decode("latin-1"), payload)
            elif operation == b"error":
                known = self._events.on_error(self, request_id.decode("latin-1"), payload)
            else:
                self.write(_NOT_FOUND)
                return
            if not known:
                self.write(_BAD_REQUEST_ID)
        elif path == _INIT_ERROR:
            error_type = header(head, b"lambda-runtime-function-error-type").decode("latin-1")
            self.write(_ACCEPTED if self._events.on_init_error(body, error_type) else _FORBIDDEN)
        elif path.startswith((EXTENSION_PATH, TELEMETRY_PATH)):
            answer = self._events.on_extension_call(self, head, body)
            if answer is not None:
                self.write(answer)
        else:
            self.write(_NOT_FOUND)

    def send_event(self, head: bytes, payload: bytes) -> None:
        """Answer the runtime's ``next``. ``head`` holds the invocation's headers, each ended by CRLF."""
        start = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%b\r\n" % (
            len(payload),
            head,
        )
        if len(payload) < _WRITE_TOGETHER:
            self.write(start + payload)
        else:
            self.write(start)
            self.write(payload)

    def accept(self) -> None:
        """Tell the runtime that its answer was taken."""
        self.write(_ACCEPTED)

    def refuse_size(self) -> None:
        """Tell the runtime that its answer is over the limit."""
        self.write(_TOO_LARGE)

    @property
    def closed(self) -> bool:
        return self._transport is None

    def unread_bytes(self) -> int:
        """How much of what was written the runtime has not read, or at least has not been sent.

        Looks through all of the machine's TCP sockets. A sandbox may show none of them.
        """
        if self._transport is None:
            return 0
        unsent = self._transport.get_write_buffer_size()
        here, there = (self._transport.get_extra_info(name) for name in ("sockname", "peername"))
        with suppress(FileNotFoundError, PermissionError):
            reader = find_socket(there, here)
            return unsent + (reader.unread if reader is not None else 0)
        return unsent

    def write(self, data: bytes) -> None:
        """Send a response, or a part of one; nothing once the connection is closed."""
        if self._transport is not None:
            self._transport.write(data)

    def close(self) -> None:
        """Drop the connection."""
        if self._transport is not None:
            self._transport.abort()

    def close_after_writing(self) -> None:
        """Take nothing more, and close the connection once what was written is out."""
        self._buffer.clear()
        if self._transport is not None:
            self._transport.close()


def header(head: bytes, name: bytes) -> bytes:
    """The value of a header, given in small letters; empty where it is not there."""
    start = head.lower().find(b"\r\n" + name + b":")
    if start < 0:
        return b""
    start += len(name) + 3
    end = head.find(b"\r\n", start)
    return head[start : None if end < 0 else end].strip()


def _is_foreign(head: bytes, authority: bytes) -> bool:
    """Whether a browser sends the request: for a page of any site, or for a name that was rebound to this address."""
    lowered = head.lower()
    return b"\r\norigin:" in lowered or b"\r\nsec-fetch-site:" in lowered or header(head, b"host").lower() != authority


class RuntimeApi:
    """The Runtime API of one environment, on an ephemeral loopback port. Must be made on a running event loop.

    It is for processes of the sessions that ``leaders`` began, which are asked for once there is a connection.
    """

    def __init__(self, events: RuntimeEvents, leaders: Callable[[], Iterable[int]]) -> None:
        # The protocol number is given for TCP_NODELAY's sake, see RuntimeConnection.connection_made.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        listener.listen()  # from here on a connection waits, if it comes before the server is up
        self.address = f"127.0.0.1:{listener.getsockname()[1]}"
        self._events = events
        self._leaders = leaders
        self._connections: list[RuntimeConnection] = []
        loop = asyncio.get_running_loop()
        self._server = loop.create_task(loop.create_server(self._connect, sock=listener))

    def _connect(self) -> RuntimeConnection:
        connection = RuntimeConnection(self._events, self.address.encode(), self._is_own)
        self._connections = [connection, *(other for other in self._connections if not other.closed)]
        return connection

    def _is_own(self, connected: socket.socket) -> bool:
        try:
            peer, here = connected.getpeername(), connected.getsockname()
            return any(is_held_by(peer, here, leader) for leader in self._leaders())
        except OSError:  # it is closed already
            return False

    def close(self) -> None:
        """Free the port and drop the connections. The process is expected to be gone."""
        self._server.add_done_callback(lambda server: server.result().close())
        for connection in self._connections:
            connection.close()
