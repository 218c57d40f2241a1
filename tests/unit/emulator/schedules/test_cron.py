"""AWS's dialect of cron, against a reading of its own that knows no calendar arithmetic but Python's."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_emulator.schedules.cron import InvalidCronError, parse_cron

START = datetime(2026, 1, 31, 23, 59)


def following(expression: str, number: int = 3, start: datetime = START) -> list[str]:
    return [f"{time:%Y-%m-%dT%H:%M}" for time in islice(parse_cron(expression).after(start), number)]


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        ("0 10 * * ? *", ["2026-02-01T10:00", "2026-02-02T10:00", "2026-02-03T10:00"]),
        ("15 12 * * ? *", ["2026-02-01T12:15", "2026-02-02T12:15", "2026-02-03T12:15"]),
        ("0 18 ? * MON-FRI *", ["2026-02-02T18:00", "2026-02-03T18:00", "2026-02-04T18:00"]),
        ("0 8 1 * ? *", ["2026-02-01T08:00", "2026-03-01T08:00", "2026-04-01T08:00"]),
        ("0/10 * ? * MON-FRI *", ["2026-02-02T00:00", "2026-02-02T00:10", "2026-02-02T00:20"]),
        ("0/5 8-17 ? * 2-6 *", ["2026-02-02T08:00", "2026-02-02T08:05", "2026-02-02T08:10"]),
        ("0 9 ? * 2#1 *", ["2026-02-02T09:00", "2026-03-02T09:00", "2026-04-06T09:00"]),
        ("0 9 ? * mon#5 *", ["2026-03-30T09:00", "2026-06-29T09:00", "2026-08-31T09:00"]),
        ("0 0 L * ? *", ["2026-02-28T00:00", "2026-03-31T00:00", "2026-04-30T00:00"]),
        ("0 0 ? * L *", ["2026-02-07T00:00", "2026-02-14T00:00", "2026-02-21T00:00"]),
        ("0 0 ? * 6L *", ["2026-02-27T00:00", "2026-03-27T00:00", "2026-04-24T00:00"]),
        ("0 0 1W * ? *", ["2026-02-02T00:00", "2026-03-02T00:00", "2026-04-01T00:00"]),  # two Sundays, a Wednesday
        ("0 0 31W * ? *", ["2026-03-31T00:00", "2026-05-29T00:00", "2026-07-31T00:00"]),  # May 31 is a Sunday
        ("0 0 29 FEB ? *", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]),
        ("0 0 1 1 ? 2027-2028", ["2027-01-01T00:00", "2028-01-01T00:00"]),
        ("0 0 30 2 ? *", []),
        ("0 0 ? * 1,7 2026", ["2026-02-01T00:00", "2026-02-07T00:00", "2026-02-08T00:00"]),
    ],
)
def test_expressions_mean_the_times_that_aws_documents(expression: str, times: list[str]) -> None:
    assert following(expression) == times


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("0 10 * * ?", "six fields"),
        ("0 10 * * * *", "exactly one of day-of-month and day-of-week must be ?"),
        ("0 10 ? * ? *", "exactly one of day-of-month and day-of-week must be ?"),
        ("60 10 * * ? *", "'60' in minutes is not between 0 and 59"),
        ("0 24 * * ? *", "hours"),
        ("0 0 0 * ? *", "day-of-month"),
        ("0 0 ? * 0 *", "day-of-week"),
        ("0 0 ? * 8 *", "day-of-week"),
        ("0 0 ? * 3#6 *", "day-of-week"),
        ("0 0 ? * 3#1,6#3 *", "day-of-week"),
        ("0 0 ? 13 * *", "month"),
        ("0 0 ? JANUARY * *", "month"),
        ("0 0 ? * * 1969", "year"),
        ("5-1 0 * * ? *", "ends before it starts"),
        ("*/0 0 * * ? *", "minutes"),
        ("-1 0 * * ? *", "minutes"),
        ("1, 0 * * ? *", "minutes"),
        ("? 0 * * ? *", "minutes"),
        ("٣ 0 * * ? *", "minutes"),
    ],
)
def test_what_aws_refuses_is_refused_with_the_reason(expression: str, reason: str) -> None:
    with pytest.raises(InvalidCronError, match=reason.replace("?", r"\?")):
        parse_cron(expression)


def field(least: int, greatest: int) -> st.SearchStrategy[tuple[str, frozenset[int]]]:
    """A field's text, and the numbers that it means."""
    number = st.integers(least, greatest)
    every = frozenset(range(least, greatest + 1))
    single = number.map(lambda n: (str(n), frozenset({n})))
    span = st.tuples(number, number).map(sorted).map(lambda p: (f"{p[0]}-{p[1]}", frozenset(range(p[0], p[1] + 1))))
    step = st.tuples(number, st.integers(1, greatest)).map(
        lambda p: (f"{p[0]}/{p[1]}", frozenset(range(p[0], greatest + 1, p[1])))
    )
    part = st.one_of(single, span, step, st.just(("*", every)))
    return st.lists(part, min_size=1, max_size=3).map(
        lambda parts: (",".join(text for text, _ in parts), frozenset().union(*(numbers for _, numbers in parts)))
    )


@given(
    minutes=field(0, 59),
    hours=field(0, 23),
    days=field(1, 31),
    months=field(1, 12),
    by_week=st.booleans(),
    weekdays=field(1, 7),
    start=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
)
@settings(max_examples=100, deadline=None)
def test_the_next_times_are_those_that_every_field_allows(
    minutes: tuple[str, frozenset[int]],
    hours: tuple[str, frozenset[int]],
    days: tuple[str, frozenset[int]],
    months: tuple[str, frozenset[int]],
    by_week: bool,
    weekdays: tuple[str, frozenset[int]],
    start: datetime,
) -> None:
    day_fields = f"? {months[0]} {weekdays[0]}" if by_week else f"{days[0]} {months[0]} ?"
    cron = parse_cron(f"{minutes[0]} {hours[0]} {day_fields} *")

    def allowed(time: datetime) -> bool:
        weekday = time.isoweekday() % 7 + 1
        day = weekday in weekdays[1] if by_week else time.day in days[1]
        return day and time.month in months[1] and time.hour in hours[1] and time.minute in minutes[1]

    found = list(islice(cron.after(start), 20))
    assert all(map(allowed, found))
    assert found == sorted(set(found))
    assert all(time > start for time in found)
    # Nothing is left out: every minute of the first day with a time, from the start on.
    if found and found[0] - start < timedelta(days=40):
        minute = start.replace(second=0, microsecond=0) + timedelta(minutes=1)
        while minute < found[0]:
            assert not allowed(minute)
            minute += timedelta(minutes=1)


@given(year=st.integers(1970, 2199), month=st.integers(1, 12), day=st.integers(1, 31))
def test_the_nearest_weekday_is_a_weekday_of_the_month_within_two_days(year: int, month: int, day: int) -> None:
    found = list(parse_cron(f"0 0 {day}W {month} ? {year}").after(datetime(1969, 1, 1)))
    length = calendar.monthrange(year, month)[1]
    assert len(found) == (day <= length)
    for time in found:
        assert time.isoweekday() <= 5
        assert abs(time.day - day) <= (2 if day in (1, length) else 1)
