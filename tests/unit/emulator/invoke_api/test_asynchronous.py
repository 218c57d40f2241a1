"""Asynchronous events: retries, age, throttles, records, dead letters."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from lambda_emulator.delivery import DeliveryError
from lambda_emulator.invocation import ServiceClosedError, TooManyRequestsError
from lambda_emulator.invoke_api.asynchronous import AsyncQueue
from lambda_emulator.stack import AsyncConfig, Function
from support.gateway_doubles import FakeInvoker, a_function, failure
from support.stacks import until

QUEUE, TOPIC = "arn:aws:sqs:us-east-1:123456789012:q", "arn:aws:sns:us-east-1:123456789012:t"
THROTTLED = TooManyRequestsError("ReservedFunctionConcurrentInvocationLimitExceeded")


class Outbox:
    """Destinations that keep what they are given."""

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.records: list[tuple[str, dict[str, Any]]] = []
        self.dead: list[tuple[str, bytes, dict[str, str]]] = []

    async def send(self, destination: str, record: dict[str, Any], *, success: bool) -> None:
        if self.broken:
            raise DeliveryError("the queue is gone")
        assert success is (record["requestContext"]["condition"] == "Success")
        self.records.append((destination, record))

    async def dead_letter(self, destination: str, payload: bytes, attributes: Mapping[str, str]) -> None:
        self.dead.append((destination, payload, dict(attributes)))


async def run(
    *answers: Any, scale: float = 0.0001, outbox: Outbox | None = None, reserved: int | None = None, **config: Any
) -> tuple[FakeInvoker, Outbox]:
    """Put one event before a function that gives these answers in turn (the last one for ever)."""
    outbox = outbox or Outbox()
    remaining = list(answers)
    function = a_function(async_config=AsyncConfig(**config), reserved_concurrency=reserved, aliases=("live",))
    invoker = FakeInvoker(function, answer=lambda event: remaining.pop(0) if len(remaining) > 1 else remaining[0])
    queue = AsyncQueue(invoker, outbox, time_scale=scale)  # type: ignore[arg-type]
    queue.put(function, b'{"k": 1}', "id-1", qualifier="live")
    await until(lambda: not queue.pending)
    await queue.close()
    return invoker, outbox


async def test_success_is_recorded() -> None:
    invoker, outbox = await run({"ok": True}, on_success=QUEUE)
    assert len(invoker.calls) == 1
    ((destination, record),) = outbox.records
    assert destination == QUEUE
    assert record.pop("timestamp").endswith("Z")
    assert record == {
        "version": "1.0",
        "requestContext": {
            "requestId": "id-1",
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:Hello:live",
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": {"k": 1},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": {"ok": True},
    }


async def test_a_failing_function_is_tried_twice_more_with_the_same_id() -> None:
    invoker, outbox = await run(failure("no"), on_failure=QUEUE)
    assert [call.request_id for call in invoker.calls] == ["id-1"] * 3
    assert {call.qualifier for call in invoker.calls} == {"live"}
    ((_, record),) = outbox.records
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorMessage"] == "no"


async def test_a_retry_that_succeeds_ends_the_matter() -> None:
    invoker, outbox = await run(failure(), {"ok": True}, on_failure=QUEUE, on_success=TOPIC)
    assert len(invoker.calls) == 2
    assert [destination for destination, _ in outbox.records] == [TOPIC]


@pytest.mark.parametrize(("attempts", "calls"), [(0, 1), (1, 2)])
async def test_maximum_retry_attempts(attempts: int, calls: int) -> None:
    invoker, _ = await run(failure(), maximum_retry_attempts=attempts)
    assert len(invoker.calls) == calls


async def test_waits_are_one_minute_and_two(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def note(self: AsyncQueue, seconds: float) -> bool:
        waits.append(seconds)
        return True

    monkeypatch.setattr(AsyncQueue, "_sleep", note)
    await run(failure(), scale=1.0)
    assert waits == [60.0, 120.0]
    waits.clear()
    await run(*[THROTTLED] * 12, {"ok": True}, scale=1.0)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


async def test_a_throttle_is_no_attempt() -> None:
    invoker, outbox = await run(THROTTLED, THROTTLED, failure(), {"ok": True}, on_success=QUEUE)
    assert len(invoker.calls) == 4
    assert outbox.records[0][1]["requestContext"]["approximateInvokeCount"] == 2


async def test_an_event_grows_too_old() -> None:
    _, outbox = await run(THROTTLED, maximum_event_age_seconds=60, on_failure=QUEUE)
    ((_, record),) = outbox.records
    assert record["requestContext"] == {
        "requestId": "id-1",
        "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:Hello:live",
        "condition": "EventAgeExceeded",
        "approximateInvokeCount": 0,
    }
    assert "responsePayload" not in record
    invoker, outbox = await run(failure(), maximum_event_age_seconds=100, on_failure=QUEUE)
    assert len(invoker.calls) == 2
    assert outbox.records[0][1]["requestContext"]["condition"] == "EventAgeExceeded"


async def test_no_reserved_concurrency_goes_straight_to_the_destination() -> None:
    invoker, outbox = await run(THROTTLED, reserved=0, on_failure=QUEUE, dead_letter=TOPIC)
    assert len(invoker.calls) == 1
    assert outbox.records[0][1]["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert outbox.dead[0][2]["ErrorCode"] == "429"


async def test_a_dead_letter_is_the_event_itself() -> None:
    _, outbox = await run(failure("x" * 2000), dead_letter=QUEUE, maximum_retry_attempts=0)
    ((destination, payload, attributes),) = outbox.dead
    assert (destination, json.loads(payload)) == (QUEUE, {"k": 1})
    assert attributes == {"RequestID": "id-1", "ErrorCode": "200", "ErrorMessage": "x" * 1024}


async def test_a_delivery_that_fails_is_logged_and_over(caplog: pytest.LogCaptureFixture) -> None:
    await run({"ok": True}, on_success=QUEUE, outbox=Outbox(broken=True))
    assert "the queue is gone" in caplog.text


async def test_closing_gives_up_what_waits_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    function: Function = a_function()
    queue = AsyncQueue(FakeInvoker(function, answer=lambda event: failure()), Outbox())  # type: ignore[arg-type]
    queue.put(function, b"{}", "id-1")
    await asyncio.sleep(0)
    assert queue.pending == 1
    await queue.close()
    assert queue.pending == 0
    assert "asynchronous event id-1 is lost" in caplog.text


async def test_closing_waits_for_what_runs() -> None:
    function = a_function()
    release = asyncio.Event()

    async def slow(event: Any) -> Any:
        await release.wait()
        return "done"

    outbox = Outbox()
    function = a_function(async_config=AsyncConfig(on_success=QUEUE))
    queue = AsyncQueue(FakeInvoker(function, answer=slow), outbox)  # type: ignore[arg-type]
    queue.put(function, b"{}", "id-1")
    closing = asyncio.create_task(queue.close())
    await asyncio.sleep(0)
    release.set()
    await closing
    assert len(outbox.records) == 1


async def test_a_runtime_that_closes_loses_the_event_aloud(caplog: pytest.LogCaptureFixture) -> None:
    await run(ServiceClosedError())
    assert "is lost: its function has ended" in caplog.text
