"""AWS's cron expressions: six fields, with ``?``, ``L``, ``W`` and ``#``.

Mirrors "Cron expressions reference" of the EventBridge User Guide. Days of the week count from 1 for Sunday. No library
is used: those for Unix cron read another dialect, in which 1 is Monday and days of both kinds are joined.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

_MONTHS = dict(
    zip(["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], range(1, 13), strict=True)
)
_WEEKDAYS = dict(zip(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], range(1, 8), strict=True))
_SATURDAY, _SUNDAY = 7, 1
_NAMES = ("minutes", "hours", "day-of-month", "month", "day-of-week", "year")

Days = Callable[[int, int], "set[int]"]
"""The days of a month, given its year and its number."""


class InvalidCronError(ValueError):
    """The expression is not one that AWS takes; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed expression. It knows of no time zone: its times are those of a clock on the wall."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: Days
    months: tuple[int, ...]
    years: tuple[int, ...]

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The times that are later than ``moment``, in order, until the year 2199 at the latest."""
        for year in self.years:
            if year < moment.year:
                continue
            for month in self.months:
                if (year, month) < (moment.year, moment.month):
                    continue
                for day in sorted(self.days(year, month)):
                    if (year, month, day) < (moment.year, moment.month, moment.day):
                        continue
                    for hour in self.hours:
                        for minute in self.minutes:
                            time = datetime(year, month, day, hour, minute)
                            if time > moment:
                                yield time


def parse_cron(text: str) -> Cron:
    """The expression inside of ``cron(…)``. Raises InvalidCronError."""
    fields = text.upper().split()
    if len(fields) != len(_NAMES):
        raise InvalidCronError(f"a cron expression has six fields ({', '.join(_NAMES)}), not {len(fields)}")
    minutes, hours, month_days, months, week_days, years = fields
    if (month_days == "?") == (week_days == "?"):
        raise InvalidCronError("exactly one of day-of-month and day-of-week must be ?")
    return Cron(
        _numbers(minutes, "minutes", 0, 59),
        _numbers(hours, "hours", 0, 23),
        _days_of_month(month_days) if week_days == "?" else _days_of_week(week_days),
        _numbers(months, "month", 1, 12, _MONTHS),
        _numbers(years, "year", 1970, 2199),
    )


def _days_of_month(field: str) -> Days:
    if field == "L":
        return lambda year, month: {_length(year, month)}
    if nearest := re.fullmatch(r"(\d+)W", field):
        wanted = _number(nearest[1], "day-of-month", 1, 31, {})
        return lambda year, month: _nearest_weekday(year, month, wanted)
    chosen = frozenset(_numbers(field, "day-of-month", 1, 31))
    return lambda year, month: {day for day in chosen if day <= _length(year, month)}


def _days_of_week(field: str) -> Days:
    if field == "L":
        field = str(_SATURDAY)
    if last := re.fullmatch(r"(\w+)L", field):
        wanted = _number(last[1], "day-of-week", 1, 7, _WEEKDAYS)
        return lambda year, month: {max(_weekdays(year, month, {wanted}))}
    if counted := re.fullmatch(r"(\w+)#(\d+)", field):
        wanted = _number(counted[1], "day-of-week", 1, 7, _WEEKDAYS)
        place = _number(counted[2], "day-of-week", 1, 5, {})
        return lambda year, month: set(sorted(_weekdays(year, month, {wanted}))[place - 1 : place])
    chosen = frozenset(_numbers(field, "day-of-week", 1, 7, _WEEKDAYS))
    return lambda year, month: _weekdays(year, month, chosen)


def _numbers(field: str, name: str, least: int, greatest: int, words: dict[str, int] | None = None) -> tuple[int, ...]:
    """What a field of numbers, ranges, steps and lists means."""
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            start, end = least, greatest
        else:
            start = _number(first, name, least, greatest, words or {})
            end = _number(last, name, least, greatest, words or {}) if dash else (greatest if slash else start)
        width = _number(step, name, 1, greatest, {}) if slash else 1
        if start > end:
            raise InvalidCronError(f"{part} in {name}: the range ends before it starts")
        found.update(range(start, end + 1, width))
    return tuple(sorted(found))


def _number(text: str, name: str, least: int, greatest: int, words: dict[str, int]) -> int:
    value = words.get(text)
    if value is None and re.fullmatch(r"[0-9]{1,4}", text):
        value = int(text)
    if value is None or not least <= value <= greatest:
        raise InvalidCronError(f"{text!r} in {name} is not between {least} and {greatest}")
    return value


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _weekday(year: int, month: int, day: int) -> int:
    """1 for Sunday to 7 for Saturday."""
    return (calendar.weekday(year, month, day) + 1) % 7 + 1


def _weekdays(year: int, month: int, chosen: set[int] | frozenset[int]) -> set[int]:
    return {day for day in range(1, _length(year, month) + 1) if _weekday(year, month, day) in chosen}


def _nearest_weekday(year: int, month: int, day: int) -> set[int]:
    """The day from Monday to Friday that is nearest, in the same month; none where the month is too short."""
    length = _length(year, month)
    if day > length:
        return set()
    weekday = _weekday(year, month, day)
    if weekday == _SATURDAY:
        return {day - 1 if day > 1 else day + 2}
    if weekday == _SUNDAY:
        return {day + 1 if day < length else day - 2}
    return {day}
