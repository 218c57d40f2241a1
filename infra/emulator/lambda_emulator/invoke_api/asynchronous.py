"""Asynchronous invocations: the queue in front of a function, its retries, and what becomes of the event.

Mirrors "How Lambda handles errors and retries with asynchronous invocation" and "Capturing records of Lambda
asynchronous invocations". A function that fails is tried twice more, after one minute and after two; one that is
throttled is tried again after a second, then two, four … up to five minutes, for as long as the event may live.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lambda_emulator.delivery import DeliveryError
from lambda_emulator.invocation import (
    FunctionNotFoundError,
    InvocationResult,
    Invoker,
    ServiceClosedError,
    TooManyRequestsError,
)
from lambda_emulator.invoke_api.destinations import Destinations
from lambda_emulator.stack import Function

_LOG = logging.getLogger(__name__)
_RETRY_STEP = 60.0  # seconds; the first retry waits one step, the second two
_FIRST_BACKOFF = 1.0  # seconds, after a throttle
_LAST_BACKOFF = 300.0  # seconds


@dataclass(slots=True)
class Event:
    """One accepted event on its way through the queue."""

    function: Function
    payload: bytes
    request_id: str
    qualifier: str | None = None
    client_context: str | None = None
    tenant_id: str | None = None
    attempts: int = 0
    accepted: float = field(default_factory=time.monotonic)


class AsyncQueue:
    """Holds accepted events and invokes their functions, with AWS's retries.

    ``time_scale`` multiplies every wait and the greatest age of an event: 1 is AWS's pace, 0.01 suits a test.
    Nothing is written down: what is still waiting when the queue is closed is lost, and said to be.
    """

    def __init__(self, invoker: Invoker, destinations: Destinations, *, time_scale: float = 1.0) -> None:
        self._invoker = invoker
        self._destinations = destinations
        self._time_scale = time_scale
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()

    def put(
        self,
        function: Function,
        payload: bytes,
        request_id: str,
        *,
        qualifier: str | None = None,
        client_context: str | None = None,
        tenant_id: str | None = None,
    ) -> None:
        """Accept an event. It is invoked at once, but not waited for."""
        event = Event(function, payload, request_id, qualifier, client_context, tenant_id)
        task = asyncio.get_running_loop().create_task(self._process(event))
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    @property
    def pending(self) -> int:
        """Events that have not come to their end."""
        return len(self._tasks)

    async def close(self, grace_seconds: float = 10.0) -> None:
        """Give up the events that wait for a retry; let those that run end within the grace."""
        self._closing.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_seconds)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _process(self, event: Event) -> None:
        config = event.function.async_config
        backoff = _FIRST_BACKOFF
        result: InvocationResult | None = None
        while True:
            try:
                result = await self._invoke(event)
            except TooManyRequestsError:
                if event.function.reserved_concurrency == 0:
                    await self._failed(event, "ZeroReservedConcurrency", None)
                    return
                wait, backoff = backoff, min(backoff * 2, _LAST_BACKOFF)
            except (ServiceClosedError, FunctionNotFoundError):
                self._say_lost(event)
                return
            else:
                event.attempts += 1
                if not result.function_error:
                    await self._record(event, config.on_success, "Success", result)
                    return
                if event.attempts > config.maximum_retry_attempts:
                    await self._failed(event, "RetriesExhausted", result)
                    return
                wait = _RETRY_STEP * event.attempts
                _LOG.info("%s failed; asynchronous event %s is tried again", event.function.name, event.request_id)
            due = time.monotonic() - event.accepted + wait * self._time_scale
            if due > config.maximum_event_age_seconds * self._time_scale:
                await self._failed(event, "EventAgeExceeded", result)
                return
            if not await self._sleep(wait * self._time_scale):
                self._say_lost(event)
                return

    async def _invoke(self, event: Event) -> InvocationResult:
        return await self._invoker.invoke(
            event.function.logical_id,
            event.payload,
            qualifier=event.qualifier,
            client_context=event.client_context,
            request_id=event.request_id,
            tenant_id=event.tenant_id,
        )

    async def _sleep(self, seconds: float) -> bool:
        """Wait, and say whether the wait was not cut short by the queue's end."""
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return True
        return False

    async def _failed(self, event: Event, condition: str, result: InvocationResult | None) -> None:
        config = event.function.async_config
        _LOG.warning("%s: asynchronous event %s is given up: %s", event.function.name, event.request_id, condition)
        if config.dead_letter:
            attributes = _dead_letter_attributes(event, result)
            await self._deliver(self._destinations.dead_letter(config.dead_letter, event.payload, attributes))
        await self._record(event, config.on_failure, condition, result)

    async def _record(
        self, event: Event, destination: str | None, condition: str, result: InvocationResult | None
    ) -> None:
        if destination is None:
            return
        record = invocation_record(event, condition, result)
        if event.function.name == destination.rpartition(":function:")[2]:
            _LOG.warning("%s is its own destination: such a record could go round for ever", event.function.name)
        await self._deliver(self._destinations.send(destination, record, success=condition == "Success"))

    async def _deliver(self, delivery: Any) -> None:
        try:
            await delivery
        except DeliveryError as error:
            _LOG.error("%s", error)

    def _say_lost(self, event: Event) -> None:
        _LOG.warning("%s: asynchronous event %s is lost: its function has ended", event.function.name, event.request_id)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _LOG.error("An asynchronous invocation broke off", exc_info=error)


def invocation_record(event: Event, condition: str, result: InvocationResult | None) -> dict[str, Any]:
    """The record that a destination gets.

    ``condition`` is ``Success``, ``RetriesExhausted``, ``EventAgeExceeded`` or ``ZeroReservedConcurrency``; where the
    function never ran there is no response in the record.
    """
    now = datetime.now(UTC)
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": f"{event.function.arn}:{event.qualifier or '$LATEST'}",
            "condition": condition,
            "approximateInvokeCount": event.attempts,
        },
        "requestPayload": json.loads(event.payload),
    }
    if result is not None:
        response: dict[str, Any] = {"statusCode": 200, "executedVersion": result.executed_version}
        if result.function_error:
            response["functionError"] = result.function_error
        record["responseContext"] = response
        record["responsePayload"] = json.loads(result.payload)
    return record


def _dead_letter_attributes(event: Event, result: InvocationResult | None) -> dict[str, str]:
    """``RequestID``, ``ErrorCode`` (an HTTP status) and ``ErrorMessage`` (at most 1 KB)."""
    message = "Rate Exceeded."
    if result is not None:
        content = json.loads(result.payload)
        message = str(content.get("errorMessage", "")) if isinstance(content, dict) else ""
    return {
        "RequestID": event.request_id,
        "ErrorCode": "200" if result is not None else "429",
        "ErrorMessage": message[:1024] or "Unhandled",
    }
