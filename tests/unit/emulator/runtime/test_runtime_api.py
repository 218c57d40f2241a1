"""The hand-written HTTP of the Runtime API: requests in any pieces, answers in full."""

from __future__ import annotations

import asyncio
import itertools
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_emulator.invocation import MAX_SYNC_PAYLOAD
from lambda_emulator.runtime import runtime_api
from lambda_emulator.runtime.runtime_api import MAX_HEAD, RuntimeConnection


class Events:
    """Accepts everything and notes it."""

    def __init__(self) -> None:
        self.seen = []
        self.in_place = True

    def on_next(self, connection):
        self.seen.append(("next",))
        return self.in_place

    def on_response(self, connection, request_id, payload):
        return self._answer(connection, "response", request_id, payload)

    def on_error(self, connection, request_id, payload):
        return self._answer(connection, "error", request_id, payload)

    def _answer(self, connection, operation, request_id, payload):
        self.seen.append((operation, request_id, payload))
        if self.in_place:
            connection.accept() if payload is not None else connection.refuse_size()
        return self.in_place

    def on_init_error(self, payload, error_type):
        self.seen.append(("init error", payload, error_type))
        return self.in_place

    def on_lost(self, connection):
        self.seen.append(("lost",))


class Transport(asyncio.Transport):
    def __init__(self) -> None:
        self.written = b""
        self.aborted = False
        self.closed = False

    def get_extra_info(self, name, default=None):
        return {"socket": self, "sockname": ("127.0.0.1", 4321), "peername": ("127.0.0.1", 4322)}[name]

    def get_write_buffer_size(self):
        return 7

    def setsockopt(self, level, option, value):
        assert (level, option, value) == (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def write(self, data):
        self.written += data

    def abort(self):
        self.aborted = True

    def close(self):
        self.closed = True


HOST = "Host: 127.0.0.1:4321\r\n"


def connect():
    events, transport = Events(), Transport()
    connection = RuntimeConnection(events, b"127.0.0.1:4321", lambda _: True)
    connection.connection_made(transport)
    return events, transport, connection


def post(path, body, headers=""):
    head = f"POST /2018-06-01/runtime/{path} HTTP/1.1\r\n{HOST}Content-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


NEXT = f"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n{HOST}\r\n".encode()
CONVERSATION = (
    NEXT
    + post("invocation/one/response", b'{"a": 1}')
    + NEXT
    + post("invocation/two/error", b"{}", "Lambda-Runtime-Function-Error-Type: ValueError\r\n")
    + post("init/error", b"[]", "lambda-runtime-function-error-type: Runtime.Bad\r\n")
)
SEEN = [
    ("next",),
    ("response", "one", b'{"a": 1}'),
    ("next",),
    ("error", "two", b"{}"),
    ("init error", b"[]", "Runtime.Bad"),
]


@given(st.lists(st.integers(0, len(CONVERSATION)), max_size=12))
def test_requests_are_understood_however_they_are_cut(cuts):
    events, transport, connection = connect()
    edges = [0, *sorted(cuts), len(CONVERSATION)]
    for start, end in itertools.pairwise(edges):
        connection.data_received(CONVERSATION[start:end])
    assert events.seen == SEEN
    assert transport.written.count(b"HTTP/1.1 202 Accepted") == 3


heads = st.builds(
    lambda start, headers: b"\r\n".join([start, *headers, b"", b""]),
    st.sampled_from(
        [NEXT.partition(b"\r\n")[0], b"POST /2018-06-01/runtime/invocation/one/response HTTP/1.1", b"POST", b""]
    ),
    st.lists(
        st.sampled_from(
            [HOST.strip().encode(), b"Content-Length: 3", b"Content-Length: -1", b"Content-Length: " + b"9" * 5000]
        )
        | st.binary(max_size=12),
        max_size=4,
    ),
)


@given(st.lists(heads | st.binary(max_size=30) | st.just(CONVERSATION), max_size=5).map(b"".join), st.data())
def test_anything_is_answered_or_waited_for_however_it_is_cut(sent, data):
    _, transport, connection = connect()
    cuts = data.draw(st.lists(st.integers(0, len(sent)), max_size=6))
    for start, end in itertools.pairwise([0, *sorted(cuts), len(sent)]):
        connection.data_received(sent[start:end])
    assert not transport.written or transport.written.startswith(b"HTTP/1.1 ")


@pytest.mark.parametrize("length", ["9" * 30, "9" * 5000])
def test_length_beyond_all_measure_ends_the_connection(length):
    _, transport, connection = connect()
    head = f"POST /2018-06-01/runtime/invocation/one/response HTTP/1.1\r\n{HOST}Content-Length: {length}\r\n\r\n"
    connection.data_received(head.encode())
    assert transport.written.startswith(b"HTTP/1.1 411 Length Required")
    assert transport.aborted


def test_an_event_is_sent_with_its_headers():
    _, transport, connection = connect()
    connection.send_event(b"Lambda-Runtime-Aws-Request-Id: one\r\n", b'{"a": 1}')
    head, body = transport.written.split(b"\r\n\r\n")
    assert body == b'{"a": 1}'
    assert head.split(b"\r\n") == [
        b"HTTP/1.1 200 OK",
        b"Content-Type: application/json",
        b"Content-Length: 8",
        b"Lambda-Runtime-Aws-Request-Id: one",
    ]


@pytest.mark.parametrize("excess", [1, 5_000_000])
def test_an_answer_over_the_limit_is_passed_over_and_the_connection_stays_usable(excess):
    events, transport, connection = connect()
    request = post("invocation/one/response", b"x" * (MAX_SYNC_PAYLOAD + excess)) + NEXT
    for start in range(0, len(request), 262_144):
        connection.data_received(request[start : start + 262_144])
        assert len(connection._buffer) < 1_000_000
    assert events.seen == [("response", "one", None), ("next",)]
    assert transport.written.startswith(b"HTTP/1.1 413 Payload Too Large\r\n")
    assert b"RequestEntityTooLarge" in transport.written


def test_an_answer_over_the_limit_in_one_piece_is_refused_too():
    events, _, connection = connect()
    connection.data_received(post("invocation/one/response", b"x" * (MAX_SYNC_PAYLOAD + 1)) + NEXT)
    assert events.seen == [("response", "one", None), ("next",)]


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (NEXT, b"403 Forbidden"),
        (post("invocation/other/response", b"{}"), b"400 Bad Request"),
        (post("invocation/other/error", b"{}"), b"400 Bad Request"),
        (post("init/error", b"{}"), b"403 Forbidden"),
    ],
)
def test_calls_out_of_place_are_refused(request_bytes, status):
    events, transport, connection = connect()
    events.in_place = False
    connection.data_received(request_bytes)
    assert transport.written.startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize(
    "request_bytes",
    [
        post("invocation/one/telemetry", b""),
        post("nothing", b""),
        f"GET / HTTP/1.1\r\n{HOST}\r\n".encode(),
        f"nonsense\r\n{HOST}\r\n".encode(),
    ],
)
def test_unknown_operations_are_not_found(request_bytes):
    events, transport, connection = connect()
    connection.data_received(request_bytes)
    assert events.seen == []
    assert transport.written.startswith(b"HTTP/1.1 404 Not Found")


def test_a_body_without_a_length_ends_the_connection():
    _, transport, connection = connect()
    connection.data_received(b"POST /2018-06-01/runtime/invocation/one/response HTTP/1.1\r\n\r\n{}")
    assert transport.written.startswith(b"HTTP/1.1 411 Length Required")
    assert transport.aborted


def test_a_head_without_end_ends_the_connection():
    _, transport, connection = connect()
    connection.data_received(b"GET / HTTP/1.1\r\nX: ")
    connection.data_received(b"x" * MAX_HEAD)
    assert transport.aborted


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        ("evil.example:4321", ""),
        ("localhost:4321", ""),
        ("127.0.0.1:4321", "Origin: https://evil.example\r\n"),
        ("127.0.0.1:4321", "Sec-Fetch-Site: cross-site\r\n"),
    ],
)
def test_a_web_page_takes_no_event_and_fails_no_function(host, headers):
    for start in ("GET /2018-06-01/runtime/invocation/next", "POST /2018-06-01/runtime/init/error"):
        events, transport, connection = connect()
        length = "Content-Length: 0\r\n" if start.startswith("POST") else ""
        connection.data_received(f"{start} HTTP/1.1\r\nHost: {host}\r\n{length}{headers}\r\n".encode() + NEXT)
        assert events.seen == []
        assert transport.written.startswith(b"HTTP/1.1 403 ")
        assert transport.closed


@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError])
def test_where_the_kernel_shows_no_sockets_only_what_is_unsent_is_unread(
    error: type[OSError], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_table(local: object, remote: object) -> None:
        raise error

    monkeypatch.setattr(runtime_api, "find_socket", no_table)
    _, _, connection = connect()
    assert connection.unread_bytes() == 7
