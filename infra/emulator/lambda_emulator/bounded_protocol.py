"""Bounds on how long and how large a request may be under way, which uvicorn has none for.

A client that sends its request byte by byte, or nothing at all, would hold its connection for ever ("slow loris").
A head has ten seconds; a body has twenty, and one more for every 500 bytes that have come. What takes longer is
answered 408, a head that is too large 431 (RFC 9110, section 15.5.9; RFC 6585, section 5).
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
BODY_SECONDS = 20.0
LEAST_RATE = 500  # bytes of body a second
MAX_HEAD = 65_536  # bytes


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 protocol within these bounds. A request that comes in one piece costs no timer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._in_head = self._incomplete = True
        self._came = 0  # bytes of the head, or of the body, so far
        self._since = self.loop.time()
        self._timer: asyncio.TimerHandle | None = self.loop.call_later(HEAD_SECONDS, self._check_progress)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._incomplete or self.transport.is_closing():
            return
        self._came += len(data)
        if self._in_head and self._came > MAX_HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._timer is None:
            self._since = self.loop.time()
            self._timer = self.loop.call_later(HEAD_SECONDS if self._in_head else BODY_SECONDS, self._check_progress)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = self._incomplete = True
        self._came = 0

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._in_head = False
        self._came = 0
        self._stop_timer()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._incomplete = False
        self._stop_timer()

    def _check_progress(self) -> None:
        """The time is over, unless the body came fast enough, or it is not the client who keeps it waiting."""
        self._timer = None
        if self.transport.is_closing():
            return
        now = self.loop.time()
        until = self._since + (HEAD_SECONDS if self._in_head else BODY_SECONDS + self._came / LEAST_RATE)
        if self.flow.read_paused or (self._in_head and self._is_answering()):
            until = now + HEAD_SECONDS
        if now < until:
            self._timer = self.loop.call_at(until, self._check_progress)
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        if not self._is_answering() or (not self._in_head and not self.cycle.response_started):
            text = f"{status.phrase}\n"
            head = f"HTTP/1.1 {int(status)} {status.phrase}\r\ncontent-type: text/plain\r\nconnection: close\r\n"
            self.transport.write(f"{head}content-length: {len(text)}\r\n\r\n{text}".encode())
        self.transport.close()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
