"""What runs when, what it is sent, and what becomes of an event that nobody takes. Time is the test's own."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lambda_emulator.event_source.batches.backoff import Backoff
from lambda_emulator.invoke_api.destinations import Destinations
from lambda_emulator.schedules.delivery import RejectedError
from lambda_emulator.schedules.event import scheduled_event
from lambda_emulator.schedules.service import Run, ScheduleService
from lambda_emulator.stack import Function, Schedule, Stack

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
RULE = Schedule(
    "Tick",
    "Hello",
    "rule",
    "arn:aws:events:us-east-1:123456789012:rule/Tick",
    "arn:aws:lambda:us-east-1:123456789012:function:Hello",
    "cron(0/5 * * * ? *)",
)
SCHEDULE = replace(RULE, source="scheduler", arn="arn:aws:scheduler:us-east-1:123456789012:schedule/default/Tick")


class Clock:
    """A time that each sleep of the service moves on."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)


class FakeLambda:
    """Takes events, or rejects as many as it is told to."""

    def __init__(self, *rejections: RejectedError) -> None:
        self.rejections = list(rejections)
        self.calls: list[tuple[str, Any]] = []

    async def call(self, function: str, payload: bytes) -> str:
        self.calls.append((function, json.loads(payload)))
        if self.rejections:
            raise self.rejections.pop(0)
        return "id"


def a_stack(*schedules: Schedule) -> Stack:
    function = Function("Hello", "hello", "app.handler", "python3.11", Path())
    return Stack(Path("template.yaml"), {"Hello": function}, schedules=schedules)


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def collect(clock: Clock, called: FakeLambda, number: int, *schedules: Schedule) -> list[Run]:
    """The first runs of these schedules."""
    runs: list[Run] = []
    enough = asyncio.Event()

    def tell(run: Run) -> None:
        runs.append(run)
        if len(runs) >= number:
            enough.set()

    async with ScheduleService(a_stack(*schedules), called, on_run=tell, clock=clock, sleep=clock.sleep):
        await asyncio.wait_for(enough.wait(), 10)
    return runs[:number]


async def test_a_schedule_runs_whenever_it_is_due(clock: Clock) -> None:
    called = FakeLambda()
    runs = await collect(clock, called, 3, RULE)
    assert [f"{run.due:%H:%M:%S}" for run in runs] == ["12:00:00", "12:05:00", "12:10:00"]
    assert [name for name, _ in called.calls[:3]] == ["hello"] * 3
    assert called.calls[0][1] | {"id": ""} == {
        "version": "0",
        "id": "",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-03-01T12:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:123456789012:rule/Tick"],
        "detail": {},
    }


async def test_a_disabled_schedule_does_not_run(clock: Clock) -> None:
    runs = await collect(clock, FakeLambda(), 2, replace(RULE, logical_id="Off", enabled=False), RULE)
    assert {run.schedule.logical_id for run in runs} == {"Tick"}


async def test_what_fell_due_while_the_machine_slept_runs_once(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    async def long_sleep(seconds: float) -> None:
        await Clock.sleep(clock, seconds if clock.time > START else 3_600 + 60)

    clock.sleep = long_sleep  # type: ignore[method-assign]
    runs = await collect(clock, FakeLambda(), 2, replace(RULE, expression="cron(10/10 * * * ? *)"))
    assert [f"{run.due:%H:%M}" for run in runs] == ["12:10", "13:10"]
    assert "Tick: due at 2026-03-01 12:10:00+00:00, and run late" in caplog.text


async def test_an_alias_and_an_input_are_what_is_sent(clock: Clock) -> None:
    called = FakeLambda()
    await collect(
        clock, called, 1, replace(RULE, qualifier="live", input='{"a": [1, "<aws.scheduler.attempt-number>"]}')
    )
    assert called.calls[0] == ("hello:live", {"a": [1, "<aws.scheduler.attempt-number>"]})


def test_schedulers_event_and_context_attributes() -> None:
    event = json.loads(scheduled_event(SCHEDULE, START))
    assert (event["source"], event["detail"], event["resources"]) == ("aws.scheduler", "{}", [SCHEDULE.arn])
    names = {"who": "schedule-arn", "at": "scheduled-time", "n": "attempt-number"}
    given = json.dumps({key: f"<aws.scheduler.{name}>" for key, name in names.items()})
    event = json.loads(scheduled_event(replace(SCHEDULE, input=given), START, attempt=2))
    assert event == {"who": SCHEDULE.arn, "at": "2026-03-01T12:00:00Z", "n": "2"}


async def fire(called: FakeLambda, schedule: Schedule) -> Run:
    return await ScheduleService(a_stack(schedule), called, backoff=Backoff(0.0, 0.0)).fire(schedule)


UNREACHABLE = RejectedError("no connection", code="SDK_CLIENT_ERROR")
UNKNOWN = RejectedError("no such function", code="ResourceNotFoundException", final=True)


@pytest.fixture
def dead_letters(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any, dict[str, str]]]:
    letters: list[tuple[str, Any, dict[str, str]]] = []

    async def keep(destination: str, payload: bytes, attributes: dict[str, str]) -> None:
        letters.append((destination, json.loads(payload), dict(attributes)))

    monkeypatch.setattr(Destinations, "dead_letter", keep)
    return letters


Letters = list[tuple[str, Any, dict[str, str]]]


async def test_an_event_that_is_not_taken_is_sent_again(dead_letters: Letters) -> None:
    called = FakeLambda(UNREACHABLE, UNREACHABLE)
    run = await fire(called, replace(SCHEDULE, maximum_retry_attempts=2))
    assert run.delivered is not None
    assert run.delivered.attempts == 3
    assert len({event["id"] for _, event in called.calls}) == 1
    assert not dead_letters


@pytest.mark.parametrize(
    ("change", "condition"),
    [
        ({"maximum_retry_attempts": 1}, "MaximumRetryAttempts"),
        ({"maximum_event_age_seconds": -1}, "MaximumEventAgeInSeconds"),
    ],
)
async def test_an_event_past_its_retry_policy_goes_to_the_queue(
    change: dict[str, Any], condition: str, dead_letters: Letters
) -> None:
    schedule = replace(SCHEDULE, dead_letter="arn:aws:sqs:us-east-1:123456789012:dead", **change)
    run = await fire(FakeLambda(*[UNREACHABLE] * 5), schedule)
    assert run.delivered is None
    ((queue, event, attributes),) = dead_letters
    assert queue == schedule.dead_letter
    assert event["resources"] == [SCHEDULE.arn]
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == condition
    assert attributes["ERROR_CODE"] == "SDK_CLIENT_ERROR"
    assert attributes["SCHEDULE_ARN"] == SCHEDULE.arn


async def test_what_would_be_refused_again_is_not_sent_again(dead_letters: Letters) -> None:
    called = FakeLambda(UNKNOWN)
    run = await fire(called, replace(RULE, dead_letter="arn:aws:sqs:us-east-1:123456789012:dead"))
    assert (run.delivered, len(called.calls)) == (None, 1)
    assert "EXHAUSTED_RETRY_CONDITION" not in dead_letters[0][2]


async def test_the_end_waits_for_deliveries_on_their_way(clock: Clock) -> None:
    release = asyncio.Event()
    begun = asyncio.Event()
    runs: list[Run] = []

    class Slow(FakeLambda):
        async def call(self, function: str, payload: bytes) -> str:
            begun.set()
            await release.wait()
            return "id"

    service = ScheduleService(
        a_stack(replace(RULE, expression="cron(0 12 * * ? *)")), Slow(), on_run=runs.append, clock=clock
    )
    async with service:
        await asyncio.wait_for(begun.wait(), 10)
        asyncio.get_running_loop().call_soon(release.set)
    assert [run.delivered is not None for run in runs] == [True]


async def test_what_nobody_takes_within_the_grace_is_said_to_be_lost(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    begun = asyncio.Event()

    class Hanging(FakeLambda):
        async def call(self, function: str, payload: bytes) -> str:
            begun.set()
            await asyncio.Event().wait()
            return "id"

    async with ScheduleService(
        a_stack(replace(RULE, expression="cron(0 12 * * ? *)")), Hanging(), clock=clock, grace_seconds=0.01
    ):
        await asyncio.wait_for(begun.wait(), 10)
    assert "1 scheduled events are lost" in caplog.text
