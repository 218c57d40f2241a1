"""The head of a response waits for its body, and for nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

from lambda_emulator.coalescing import CoalescingTransport

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


class Recorder:
    """A transport that notes what reaches it."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def write(self, data: bytes) -> None:
        self.calls.append(data)

    def writelines(self, parts: tuple[bytes, ...]) -> None:
        self.calls.append(tuple(parts))

    def close(self) -> None:
        self.calls.append("close")

    def is_closing(self) -> bool:
        return False


def a_transport() -> tuple[CoalescingTransport, Recorder]:
    recorder = Recorder()
    return CoalescingTransport(recorder, asyncio.get_running_loop()), recorder  # type: ignore[arg-type]


async def test_head_and_body_go_together() -> None:
    transport, recorder = a_transport()
    transport.write(HEAD)
    assert recorder.calls == []
    transport.write(b"body")
    transport.write(b"more")
    await asyncio.sleep(0)
    assert recorder.calls == [(HEAD, b"body"), b"more"]


async def test_a_head_alone_goes_at_the_end_of_the_turn() -> None:
    transport, recorder = a_transport()
    transport.write(HEAD)
    await asyncio.sleep(0)
    assert recorder.calls == [HEAD]


async def test_closing_sends_what_is_held() -> None:
    transport, recorder = a_transport()
    transport.write(HEAD)
    transport.close()
    await asyncio.sleep(0)
    assert recorder.calls == [HEAD, "close"]
    assert transport.is_closing() is False
