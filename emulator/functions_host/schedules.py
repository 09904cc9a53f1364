"""Schedules of timers: NCRONTAB expressions of six or five fields, or a time span.

Times are UTC, as on Flex Consumption, where no other zone can be set:
https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from emulator.functions_host.host_json import time_span

WITH_SECONDS = 6
WITHOUT_SECONDS = 5
# Long enough for a 29th of February on any weekday.
HORIZON = timedelta(days=366 * 40)

_MONTHS = "january february march april may june july august september october november december"
_DAYS = "sunday monday tuesday wednesday thursday friday saturday"
_ITEM = re.compile(r"(?P<low>\*|\w+)(?:-(?P<high>\w+))?(?:/(?P<step>\d+))?")


class Schedule(Protocol):
    """When a timer fires."""

    def after(self, moment: datetime) -> datetime:
        """Return the next time strictly after `moment`."""
        ...


@dataclass(frozen=True, slots=True)
class Interval:
    """Fires after a constant span."""

    period: timedelta

    def after(self, moment: datetime) -> datetime:
        """Return the next time strictly after `moment`."""
        return moment + self.period


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()


_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, tuple(_MONTHS.split())),
    _Field("day of week", 0, 6, tuple(_DAYS.split())),
)


@dataclass(frozen=True, slots=True)
class Crontab:
    """Fires when all fields match."""

    # Unlike in cron, day and weekday must both match (NCrontab, which the host uses).

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def after(self, moment: datetime) -> datetime:
        """Return the next time strictly after `moment`. Raises ValueError when there is none."""
        start = moment.replace(microsecond=0) + timedelta(seconds=1)
        day = start.replace(hour=0, minute=0, second=0)
        while day - start < HORIZON:
            if self._fits(day):
                found = self._within(day, start)
                if found is not None:
                    return found
            day += timedelta(days=1)
        raise ValueError("the schedule never fires")

    def _fits(self, day: datetime) -> bool:
        weekday = day.isoweekday() % 7
        return day.month in self.months and day.day in self.days and weekday in self.weekdays

    def _within(self, day: datetime, start: datetime) -> datetime | None:
        """Return the first time of that day that is not before `start`."""
        for hour in self.hours:
            if day.replace(hour=hour, minute=59, second=59) < start:
                continue
            for minute in self.minutes:
                if day.replace(hour=hour, minute=minute, second=59) < start:
                    continue
                for second in self.seconds:
                    moment = day.replace(hour=hour, minute=minute, second=second)
                    if moment >= start:
                        return moment
        return None


def parse(text: str) -> Schedule:
    """Read a schedule expression. Raises ValueError."""
    fields = text.split()
    if len(fields) == WITHOUT_SECONDS:
        fields = ["0", *fields]
    if len(fields) != WITH_SECONDS:
        return Interval(time_span(text))
    values = [_values(item, field) for item, field in zip(fields, _FIELDS, strict=True)]
    seconds, minutes, hours = (tuple(sorted(found)) for found in values[:3])
    days, months, weekdays = (frozenset(found) for found in values[3:])
    return Crontab(seconds, minutes, hours, days, months, weekdays)


def _values(text: str, field: _Field) -> set[int]:
    return {value for item in text.split(",") for value in _item(item, field)}


def _item(text: str, field: _Field) -> range:
    match = _ITEM.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not a {field.name}')
    step = int(match["step"] or 1)
    if match["low"] == "*":
        low, high = field.low, field.high
    else:
        low = high = _number(match["low"], field)
        if match["high"]:
            high = _number(match["high"], field)
        # `5/15` starts at 5 and continues to the end of the field.
        elif step > 1:
            high = field.high
    if step == 0 or low > high:
        raise ValueError(f'"{text}" is not a {field.name}')
    return range(low, high + 1, step)


def _number(text: str, field: _Field) -> int:
    if text.isdecimal():
        number = int(text)
    else:
        matches = [n for n, word in enumerate(field.words) if word.startswith(text.lower())]
        number = matches[0] + field.low if len(matches) == 1 else -1
    if not field.low <= number <= field.high:
        raise ValueError(f'"{text}" is not a {field.name}')
    return number
