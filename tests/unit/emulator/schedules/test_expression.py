"""Rates, one-time schedules, time zones and clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_emulator.schedules.expression import InvalidScheduleError, Source, Timing, read_timing

CREATED = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def runs(timing: Timing, number: int, since: datetime = CREATED - INSTANT) -> list[str]:
    found: list[str] = []
    while len(found) < number and (due := timing.after(since)) is not None:
        found.append(f"{due:%Y-%m-%dT%H:%M:%SZ}")
        since = due
    return found


def timing(expression: str, source: Source = "scheduler", **options: Any) -> Timing:
    return read_timing(expression, source, created=CREATED, **options)


def test_a_rules_rate_has_its_first_run_after_one_period() -> None:
    assert runs(timing("rate(5 minutes)", "rule"), 2) == ["2026-03-01T12:05:30Z", "2026-03-01T12:10:30Z"]


def test_a_schedules_rate_has_its_first_run_at_once_or_at_its_start() -> None:
    assert runs(timing("rate(2 hours)"), 2) == ["2026-03-01T12:00:30Z", "2026-03-01T14:00:30Z"]
    start = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
    end = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
    assert runs(timing("rate(1 days)", start=start, end=end), 5) == ["2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"]


def test_a_start_that_is_past_still_sets_the_pace() -> None:
    start = datetime(2026, 3, 1, 11, 50, tzinfo=UTC)
    assert runs(timing("rate(1 hour)", start=start), 1) == ["2026-03-01T12:50:00Z"]


def test_a_one_time_schedule_runs_once_in_its_time_zone() -> None:
    once = timing("at(2026-07-01T08:00:00)", timezone="America/New_York")
    assert runs(once, 5) == ["2026-07-01T12:00:00Z"]
    assert runs(timing("at(2026-02-01T08:00:00)"), 5) == []


def test_cron_follows_its_time_zone_through_the_year() -> None:
    cron = timing("cron(30 9 1 * ? *)", timezone="Europe/Berlin")
    assert runs(cron, 2) == ["2026-04-01T07:30:00Z", "2026-05-01T07:30:00Z"]
    assert runs(timing("cron(30 9 1 12 ? *)", timezone="Europe/Berlin"), 1) == ["2026-12-01T08:30:00Z"]


def test_a_time_that_a_clock_change_leaves_out_is_skipped() -> None:
    cron = timing("cron(30 2 * * ? *)", timezone="Europe/Berlin")
    since = datetime(2026, 3, 28, 0, 0, tzinfo=UTC)
    assert runs(cron, 2, since) == ["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"]


def test_a_time_that_a_clock_change_repeats_runs_once() -> None:
    cron = timing("cron(30 2 * * ? *)", timezone="Europe/Berlin")
    since = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    assert runs(cron, 2, since) == ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
    within = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # the second time that it is between two and three
    assert runs(cron, 1, within) == ["2026-10-26T01:30:00Z"]


@given(
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    since=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda time: time.replace(tzinfo=UTC)),
)
def test_runs_always_go_forward(zone: str, since: datetime) -> None:
    cron = timing("cron(0/20 * * * ? *)", timezone=zone)
    moments = [since]
    for _ in range(12):
        due = cron.after(moments[-1])
        assert due is not None
        moments.append(due)
    assert all(early < late for early, late in pairwise(moments))


@pytest.mark.parametrize(
    ("expression", "source", "reason"),
    [
        ("rate(1 minutes)", "rule", "must be rate(1 minute)"),
        ("rate(5 minute)", "rule", "must be rate(5 minutes)"),
        ("rate(0 minutes)", "scheduler", "positive number"),
        ("rate(5 seconds)", "rule", "minutes, hours or days"),
        ("at(2030-01-01T00:00:00)", "rule", "is not of the form"),
        ("at(2030-02-30T00:00:00)", "scheduler", "names no date"),
        ("every day", "rule", "is not of the form rate(5 minutes) or cron(0 12 * * ? *)"),
        ("cron(0 12 * * *)", "rule", "six fields"),
    ],
)
def test_what_aws_refuses_is_refused_with_the_reason(expression: str, source: Source, reason: str) -> None:
    with pytest.raises(InvalidScheduleError) as caught:
        timing(expression, source)
    assert reason in str(caught.value)


def test_an_unknown_time_zone_is_refused() -> None:
    for zone in ("Mars/Olympus", "../etc/passwd", ""):
        with pytest.raises(InvalidScheduleError, match="is no time zone"):
            timing("cron(0 0 * * ? *)", timezone=zone)
