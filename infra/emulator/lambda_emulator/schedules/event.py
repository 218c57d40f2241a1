"""What a function gets from a schedule.

Mirrors "Scheduled events" of the EventBridge User Guide and "Adding context attributes in EventBridge Scheduler". A
schedule's ``detail`` is the text ``{}`` where a rule's is an object: so AWS sends them.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime

from lambda_emulator.arn import Arn
from lambda_emulator.schedules.transformer import part_of, transformed
from lambda_emulator.stack import Schedule


def scheduled_event(schedule: Schedule, time: datetime, *, attempt: int = 1, execution_id: str = "") -> bytes:
    """The payload of one invocation that is due at ``time``, in UTC."""
    if schedule.input is not None:
        return _with_context(schedule, time, attempt, execution_id).encode()
    source = Arn.parse(schedule.arn)
    event = {
        "version": "0",
        "id": execution_id or str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events" if schedule.source == "rule" else "aws.scheduler",
        "account": source.account,
        "time": in_utc(time),
        "region": source.region,
        "resources": [schedule.arn],
        "detail": {} if schedule.source == "rule" else "{}",
    }
    if schedule.transformer is not None:
        return transformed(event, schedule.transformer, rule_arn=schedule.arn).encode()
    if schedule.input_path is not None:
        return part_of(event, schedule.input_path).encode()
    return json.dumps(event).encode()


def _with_context(schedule: Schedule, time: datetime, attempt: int, execution_id: str) -> str:
    """The author's input; Scheduler puts values for its own attributes into it."""
    text = schedule.input or ""
    if schedule.source == "scheduler":
        for name, value in (
            ("schedule-arn", schedule.arn),
            ("scheduled-time", in_utc(time)),
            ("execution-id", execution_id),
            ("attempt-number", str(attempt)),
        ):
            text = text.replace(f"<aws.scheduler.{name}>", value)
    return text


def in_utc(time: datetime) -> str:
    """A moment in UTC, as EventBridge writes it."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
