"""Both HTTP fronts on raw sockets: whatever is sent, in whatever pieces, is answered or closed, and never a 500."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.fuzz import bounded, pieces
from support.gateway_doubles import FakeInvoker, a_function, a_stack, an_api
from support.served import servers_of

_METHODS = (
    b"GET",
    b"POST",
    b"HEAD",
    b"OPTIONS",
    b"DELETE",
    b"get",
    b"",
    b"G ET",
    b"\x00",
    b"CONNECT",
    b"PRI",
    b"TRACE",
)
_TARGETS = (
    *(b"/x", b"/", b"*", b"", b"/x?a=b&a=c&%zz=%", b"/%", b"/%00", b"/%ff%fe", b"//x", b"/../x", b"/x/..;/y", b"/\xff"),
    *(b"http://localhost/x", b"http://other/x", b"localhost:80", b"/x#y", b"/x y"),
    *(b"/" + b"a" * 9000, b"/x?" + b"&" * 3000, b"/2015-03-31/functions/", b"/2015-03-31/functions/Hello/invocations"),
    *(b"/2015-03-31/functions/%00/invocations", b"/2015-03-31/functions/Hello:%ff/invocations?Qualifier=%00"),
    *(b"/2015-03-31/event-source-mappings/?MaxItems=x", b"/2015-03-31/event-source-mappings/%"),
)
_VERSIONS = (b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9.9", b"http/1.1", b"", b"HTTP/1.1 x")
_ODD_HEADERS = (
    *(b"host: localhost", b"host: evil.example", b"host:", b"host", b"HOST : localhost", b" folded", b": empty"),
    *(b"content-length: 5", b"content-length: -1", b"content-length: 5, 5", b"content-length: 0x5"),
    *(b"content-length: +5", b"content-length: " + b"9" * 30, b"content-length: " + b"9" * 5000),
    *(b"transfer-encoding: chunked", b"transfer-encoding: gzip, chunked", b"transfer-encoding: chunked, identity"),
    *(b"transfer-encoding:\x0bchunked", b"x: a\x00b", b"x: a\rb", b"a" * 9000 + b": b"),
)
_HEADERS = (
    *(b"content-type: application/json", b"content-type: \xff", b"content-encoding: gzip", b"expect: 100-continue"),
    *(b"expect: x", b"connection: close", b"connection: upgrade", b"upgrade: websocket", b"upgrade: h2c"),
    *(b"cookie: a=b; \xe9=;;", b"accept: " + b"a/b," * 2000, b"x-forwarded-for: ,,", b"origin: null"),
    *(b"x-amz-invocation-type: Event", b"x-amz-invocation-type: \xff", b"x-amz-client-context: %%%"),
    *(b"x-amz-client-context: e30=", b"x-amz-log-type: Tail", b"x-amz-log-type: x", b"authorization: Bearer \xff"),
)
_BODIES = (
    *(b"", b"hello", b"{}", b"[", b"\xff\xfe", b"5\r\nhello\r\n0\r\n\r\n", b"5;x=y\r\nhello\r\n0\r\nx: y\r\n\r\n"),
    *(
        b"g\r\n",
        b"-1\r\n",
        b"f" * 20 + b"\r\n",
        b"0\r\n\r\n",
        b"5\r\nhellooo\r\n",
        b'{"a": ' * 3000,
        b"GET /x HTTP/1.1\r\n\r\n",
    ),
)


@st.composite
def malformed(draw: st.DrawFn) -> bytes:
    """A head of odd parts, and a body that need not be its own."""
    start = b" ".join(draw(st.sampled_from(parts)) for parts in (_METHODS, _TARGETS, _VERSIONS))
    headers = draw(st.lists(st.sampled_from(_HEADERS + _ODD_HEADERS) | st.binary(max_size=20), max_size=6))
    end = draw(st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r"]))
    return end.join([start, b"host: localhost", *headers, b"", draw(st.sampled_from(_BODIES))])


@st.composite
def well_formed(draw: st.DrawFn) -> bytes:
    """What gets past the parser: its body has the length, or the chunks, that its head tells."""
    method = draw(st.sampled_from([b"GET", b"POST", b"PUT", b"DELETE", b"OPTIONS"]))
    target = draw(st.sampled_from([target for target in _TARGETS if re.fullmatch(rb"/[!-~]*", target)]))
    headers = draw(st.lists(st.sampled_from(_HEADERS), max_size=4))
    body = draw(st.sampled_from(_BODIES) | st.binary(max_size=50))
    if draw(st.booleans()):
        headers.append(b"content-length: %d" % len(body))
    else:
        headers.append(b"transfer-encoding: chunked")
        chunks = [part for part in draw(pieces(body)) if part]
        body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in chunks) + b"0\r\n\r\n"
    return b"\r\n".join([b"%b %b HTTP/1.1" % (method, target), b"host: localhost", *headers, b"", body])


requests = well_formed() | malformed() | st.binary(max_size=200)


class Front:
    """Both servers in a thread, and what they log and their loop complains of."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.ports: list[int] = []
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))

    async def _run(self) -> None:
        self._loop.set_exception_handler(lambda _, context: self.complaints.append(str(context)))
        invoker = FakeInvoker(a_function(), answer=lambda event: {"statusCode": 200, "body": "hello"})
        stack = a_stack(a_function(), apis=[an_api("http", "ANY /x", "$default")])
        async with servers_of(stack, invoker) as addresses:
            self.ports = [urlsplit(address or "").port or 0 for address in (addresses.http, addresses.lambda_api)]
            self._ready.set()
            await self._stop.wait()

    def __enter__(self) -> Front:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def front() -> Iterator[Front]:
    with Front() as running:
        handler = logging.Handler(logging.ERROR)
        handler.emit = lambda record: running.complaints.append(handler.format(record))  # type: ignore[method-assign]
        logging.getLogger().addHandler(handler)
        yield running
        logging.getLogger().removeHandler(handler)


def exchange(port: int, parts: list[bytes]) -> bytes:
    """What comes back until the server closes, which it does once the client sends no more. Fails if it never does."""
    found = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for part in parts:
                connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                found += part
        except TimeoutError:
            pytest.fail(f"no answer and no end after {found!r}")
        except OSError:
            pass  # it was refused before all of it was sent
    return found


@pytest.mark.parametrize("api", [0, 1], ids=["HTTP API", "Lambda API"])
@bounded
@given(data=st.data(), sent=requests)
def test_anything_is_answered_or_closed(front: Front, api: int, data: Any, sent: bytes) -> None:
    parts = data.draw(pieces(sent))
    answer = exchange(front.ports[api], parts)
    statuses = [int(found) for found in re.findall(rb"^HTTP/1\.1 (\d{3}) ", answer, re.MULTILINE)]
    assert not answer or answer.startswith(b"HTTP/1.1 ")
    assert all(status < 500 or status == 501 for status in statuses), answer
    assert b"Traceback" not in answer
    assert front.complaints == []
    good = exchange(front.ports[api], [b"GET /x HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"])
    assert good.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 404 ")[api : api + 1])
