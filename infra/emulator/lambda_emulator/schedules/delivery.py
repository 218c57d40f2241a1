"""Hands an event to the Lambda API, as EventBridge does: asynchronously, again and again until it is accepted.

Mirrors "How EventBridge retries delivering events" and "Configuring a dead-letter queue for EventBridge Scheduler".
What the function makes of an accepted event is the affair of Lambda's own queue and its retries.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lambda_emulator.aws_client import aws_client
from lambda_emulator.delivery import DeliveryError
from lambda_emulator.event_source.batches.backoff import Backoff
from lambda_emulator.event_source.batches.sender import CONNECT_SECONDS
from lambda_emulator.invoke_api.destinations import Destinations
from lambda_emulator.schedules.event import in_utc, scheduled_event
from lambda_emulator.stack import Schedule
from lambda_emulator.threads import in_thread

_LOG = logging.getLogger(__name__)
_ANSWER_SECONDS = 30.0
_REFUSALS = (403, 404, 400, 413)  # the same call would be refused again


class RejectedError(RuntimeError):
    """The Lambda API did not accept the event. ``final`` is set where it never will."""

    def __init__(self, message: str, *, code: str, final: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.final = final


class Caller(Protocol):
    """Hands events to functions."""

    async def call(self, function: str, payload: bytes) -> str:
        """The request id of an accepted event. Raises RejectedError."""


class LambdaCaller:
    """The real one. ``endpoint_url`` None is AWS itself, with the credentials of the environment."""

    def __init__(self, endpoint_url: str | None, *, region: str | None = None) -> None:
        self._client = aws_client(
            "lambda",
            region,
            endpoint_url=endpoint_url,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=_ANSWER_SECONDS,
            retries={"total_max_attempts": 1},
        )

    async def call(self, function: str, payload: bytes) -> str:
        return await in_thread(lambda: self._call(function, payload), "schedule")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _call(self, function: str, payload: bytes) -> str:
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        try:
            answer = self._client.invoke(FunctionName=function, InvocationType="Event", Payload=payload)
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            code = str(error.response.get("Error", {}).get("Code", "Unknown"))
            raise RejectedError(str(error), code=code, final=status in _REFUSALS) from None
        except (BotoCoreError, HTTPClientError, OSError) as error:
            raise RejectedError(f"{function} cannot be invoked: {error}", code="SDK_CLIENT_ERROR") from None
        return str(answer["ResponseMetadata"].get("RequestId", ""))


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event that the Lambda API has accepted."""

    request_id: str
    attempts: int


async def deliver(
    schedule: Schedule, function: str, due: datetime, caller: Caller, backoff: Backoff
) -> Delivered | None:
    """Deliver the event of one run, within the schedule's retry policy; None where it was given up."""
    started = time.monotonic()
    execution_id = str(uuid.uuid4())
    attempts = 0
    while True:
        attempts += 1
        payload = scheduled_event(schedule, due, attempt=attempts, execution_id=execution_id)
        try:
            return Delivered(await caller.call(function, payload), attempts)
        except RejectedError as error:
            wait = backoff.after(attempts)
            condition = _exhausted(schedule, attempts, time.monotonic() - started + wait)
            if error.final or condition:
                await _give_up(schedule, due, payload, error, attempts, condition)
                return None
            _LOG.warning("%s is not accepted, tried again in %.0f s: %s", schedule.logical_id, wait, error)
        await asyncio.sleep(wait)


def _exhausted(schedule: Schedule, attempts: int, age: float) -> str:
    if attempts > schedule.maximum_retry_attempts:
        return "MaximumRetryAttempts"
    return "MaximumEventAgeInSeconds" if age > schedule.maximum_event_age_seconds else ""


async def _give_up(
    schedule: Schedule, due: datetime, payload: bytes, error: RejectedError, attempts: int, condition: str
) -> None:
    _LOG.error("%s is given up: %s", schedule.logical_id, error)
    if schedule.dead_letter is None:
        return
    source = "RULE_ARN" if schedule.source == "rule" else "SCHEDULE_ARN"
    attributes = {
        source: schedule.arn,
        "TARGET_ARN": schedule.target,
        "ERROR_CODE": error.code,
        "ERROR_MESSAGE": str(error)[:1024],
        "RETRY_ATTEMPTS": str(attempts - 1),
        **({"EXHAUSTED_RETRY_CONDITION": condition} if condition else {}),
        **({"SCHEDULED_TIME": in_utc(due)} if schedule.source == "scheduler" else {}),
    }
    try:
        await Destinations.dead_letter(schedule.dead_letter, payload, attributes)
    except DeliveryError as failure:
        _LOG.error("%s: the event is lost: %s", schedule.logical_id, failure)
