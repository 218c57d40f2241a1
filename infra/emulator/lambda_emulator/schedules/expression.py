"""Schedule expressions: ``rate(…)``, ``cron(…)`` and ``at(…)``, and the moments that they mean.

Mirrors "Schedule types in EventBridge Scheduler" and "Creating a rule that runs on a schedule" of EventBridge's guides.
All moments are in UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lambda_emulator.schedules.cron import Cron, InvalidCronError, parse_cron
from lambda_emulator.stack import Schedule

Source = Literal["rule", "scheduler"]

_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
_RATE = re.compile(r"rate\(\s*(\d{1,9})\s+([a-z]+)\s*\)")
_AT = re.compile(r"at\(\s*(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\s*\)")
_CRON = re.compile(r"cron\((.*)\)")
_INSTANT = timedelta(microseconds=1)


class InvalidScheduleError(ValueError):
    """AWS would refuse the schedule; the text says why, ``name`` for which property."""

    def __init__(self, message: str, name: str = "ScheduleExpression") -> None:
        super().__init__(message)
        self.name = name


class Timing(Protocol):
    """When a schedule invokes its target."""

    def after(self, moment: datetime) -> datetime | None:
        """The first time that is later than ``moment``; None where there is none."""


@dataclass(frozen=True, slots=True)
class _Rate:
    first: datetime
    every: timedelta

    def after(self, moment: datetime) -> datetime | None:
        if moment < self.first:
            return self.first
        try:
            return self.first + ((moment - self.first) // self.every + 1) * self.every
        except OverflowError:
            return None


@dataclass(frozen=True, slots=True)
class _Once:
    moment: datetime

    def after(self, moment: datetime) -> datetime | None:
        return self.moment if self.moment > moment else None


@dataclass(frozen=True, slots=True)
class _Calendar:
    """A cron expression in a time zone.

    When clocks go forward, times that do not exist are skipped; when they go back, what falls into the repeated hour
    runs once, in the first of the two.
    """

    cron: Cron
    zone: ZoneInfo

    def after(self, moment: datetime) -> datetime | None:
        local = moment.astimezone(self.zone).replace(tzinfo=None)
        for wall in self.cron.after(local):
            exact = wall.replace(tzinfo=self.zone).astimezone(UTC)
            if exact > moment and exact.astimezone(self.zone).replace(tzinfo=None) == wall:
                return exact
        return None


@dataclass(frozen=True, slots=True)
class _Between:
    """Another timing, from a start on and until an end."""

    timing: Timing
    start: datetime | None
    end: datetime | None

    def after(self, moment: datetime) -> datetime | None:
        if self.start is not None:
            moment = max(moment, self.start - _INSTANT)
        found = self.timing.after(moment)
        return None if found is None or (self.end is not None and found > self.end) else found


def timing_of(schedule: Schedule, created: datetime) -> Timing:
    """When a schedule that was created at ``created`` runs. Raises InvalidScheduleError."""
    return read_timing(
        schedule.expression,
        schedule.source,
        created=created,
        timezone=schedule.timezone,
        start=_moment(schedule.start, "StartDate"),
        end=_moment(schedule.end, "EndDate"),
    )


def read_timing(
    expression: str,
    source: Source,
    *,
    created: datetime,
    timezone: str = "UTC",
    start: datetime | None = None,
    end: datetime | None = None,
) -> Timing:
    """What an expression means for a schedule that was created at ``created``. Raises InvalidScheduleError.

    A rule's rate has its first run one period after it was created; a schedule's, at once or at its start.
    """
    zone = _zone(timezone)
    if rate := _RATE.fullmatch(expression):
        every = _period(int(rate[1]), rate[2], source)
        return _Between(_Rate(start or (created if source == "scheduler" else created + every), every), None, end)
    if source == "scheduler" and (at := _AT.fullmatch(expression)):
        try:
            wall = datetime.fromisoformat(at[1])
        except ValueError:
            raise InvalidScheduleError(f"{expression} names no date and time") from None
        return _Once(wall.replace(tzinfo=zone).astimezone(UTC))  # start and end count for nothing
    if cron := _CRON.fullmatch(expression):
        try:
            return _Between(_Calendar(parse_cron(cron[1]), zone), start, end)
        except InvalidCronError as error:
            raise InvalidScheduleError(f"{expression}: {error}") from None
    forms = "rate(5 minutes) or cron(0 12 * * ? *)" + (" or at(2030-01-01T12:00:00)" if source == "scheduler" else "")
    raise InvalidScheduleError(f"{expression!r} is not of the form {forms}")


def _moment(text: str | None, name: str) -> datetime | None:
    """A ``StartDate`` or ``EndDate``, in UTC where it says no other."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidScheduleError(f"{text!r} is no date and time such as 2030-01-01T01:00:00Z", name) from None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _period(value: int, unit: str, source: Source) -> timedelta:
    singular = unit.removesuffix("s")
    if value == 0 or singular not in _UNITS:
        raise InvalidScheduleError(f"rate({value} {unit}) is not a positive number of minutes, hours or days")
    # Scheduler takes both; a rule is refused with the wrong one.
    if source == "rule" and (value == 1) != (unit == singular):
        right = singular if value == 1 else f"{singular}s"
        raise InvalidScheduleError(f"rate({value} {unit}) must be rate({value} {right})")
    try:
        return timedelta(seconds=value * _UNITS[singular])
    except OverflowError:
        raise InvalidScheduleError(f"rate({value} {unit}) is too long") from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidScheduleError(
            f"{name!r} is no time zone, such as Europe/Berlin", "ScheduleExpressionTimezone"
        ) from None
