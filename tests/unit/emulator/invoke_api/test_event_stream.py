"""Streamed invocations, decoded by botocore's own parser."""

from __future__ import annotations

import json
from typing import Any

from botocore.eventstream import EventStreamBuffer

from lambda_emulator.invoke_api import create_app
from lambda_emulator.invoke_api.event_stream import encode_message
from support.gateway_doubles import AsgiClient, FakeInvoker, a_function, failure

PATH = "/2021-11-15/functions/Hello/response-streaming-invocations"


def decoded(body: bytes) -> list[tuple[str, bytes]]:
    buffer = EventStreamBuffer()
    buffer.add_data(body)
    return [(message.headers[":event-type"], message.payload) for message in buffer]


async def streamed(answer: Any, **headers: str) -> list[tuple[str, bytes]]:
    client = AsgiClient(create_app(FakeInvoker(a_function(), answer=lambda event: answer)))
    response = await client.post(PATH, b"{}", headers=headers)
    assert response.header("content-type") == "application/vnd.amazon.eventstream"
    return decoded(response.body)


def test_a_message_has_right_lengths_and_checksums() -> None:
    assert decoded(encode_message("A", b"payload") + encode_message("B", b"")) == [("A", b"payload"), ("B", b"")]


async def test_the_result_is_one_chunk_and_an_end() -> None:
    assert await streamed({"a": 1}) == [("PayloadChunk", b'{"a": 1}'), ("InvokeComplete", b"{}")]


async def test_an_error_is_told_at_the_end() -> None:
    (name, payload), *rest = await streamed(failure("no"), **{"x-amz-log-type": "Tail"})
    assert (name, rest) == ("InvokeComplete", [])
    complete = json.loads(payload)
    assert complete["ErrorCode"] == "Unhandled"
    assert json.loads(complete["ErrorDetails"])["errorMessage"] == "no"
    assert complete["LogResult"]
