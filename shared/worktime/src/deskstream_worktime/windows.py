"""Local wall windows turned into instants, a year at a time, and kept.

Instants are whole microseconds since 1970-01-01T00:00Z, so that all arithmetic is exact.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from deskstream_worktime.definition import (
    DAY_SECONDS,
    CalendarDefinition,
    DayPlan,
    cut_out,
    zone_named,
)
from deskstream_worktime.errors import NaiveDatetimeError, OutOfRangeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

FIRST_YEAR = 2
LAST_YEAR = 9998
"""A year at either end of the proleptic calendar is kept free for zones ahead of or behind UTC."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_KEPT_CALENDARS = 256
_KEPT_YEARS = 2048


def to_micros(at: datetime) -> int:
    """Give the instant of an aware datetime; raises NaiveDatetimeError, OutOfRangeError."""
    if at.utcoffset() is None:
        raise NaiveDatetimeError(f"{at.isoformat()} lacks its UTC offset, so it is no instant.")
    micros = (at - _EPOCH) // _MICROSECOND
    if not _EARLIEST <= micros < _LATEST:
        raise OutOfRangeError(f"{at.isoformat()} is outside the years {FIRST_YEAR} to {LAST_YEAR}.")
    return micros


def from_micros(micros: int) -> datetime:
    """Give the UTC datetime of an instant; raises OutOfRangeError."""
    if not _EARLIEST <= micros < _LATEST:
        raise OutOfRangeError(f"The result is outside the years {FIRST_YEAR} to {LAST_YEAR}.")
    return _EPOCH + timedelta(microseconds=micros)


_EARLIEST = (datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LATEST = (datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class YearWindows:
    """The working windows of one local year, ascending, all times in microseconds.

    ``before[i]`` is the working time of the year ahead of window ``i``, and its last entry that
    of the whole year, so that every question is one bisection.
    """

    begin: int
    end: int
    opens: array[int]
    closes: array[int]
    before: array[int]

    @property
    def total(self) -> int:
        """The working time of the year."""
        return self.before[-1]

    def worked(self, at: int) -> int:
        """Give the working time of the year up to an instant in it."""
        window = bisect_right(self.opens, at) - 1
        if window < 0:
            return 0
        return self.before[window] + min(at, self.closes[window]) - self.opens[window]


@dataclass(frozen=True, eq=False)
class Timeline:
    """A definition laid out in time; hashed by identity, so that looking up a year is cheap."""

    definition: CalendarDefinition
    zone: ZoneInfo

    def year_of(self, at: int) -> int:
        """Give the local year whose windows surround an instant.

        A transition on New Year's Eve may show the old year's date once more after the new
        year has begun; the boundaries of the years decide, not the date shown.
        """
        year = from_micros(at).astimezone(self.zone).year
        year = min(max(year, FIRST_YEAR), LAST_YEAR)
        return year + 1 if at >= self.year(year).end and year < LAST_YEAR else year

    def year(self, year: int) -> YearWindows:
        """Give the windows of a local year."""
        return _year_windows(self, year)


@lru_cache(maxsize=_KEPT_CALENDARS)
def timeline_of(definition: CalendarDefinition) -> Timeline:
    """Give the timeline that all calendars of an equal definition share."""
    return Timeline(definition, zone_named(definition.timezone))


@lru_cache(maxsize=_KEPT_YEARS)
def _year_windows(timeline: Timeline, year: int) -> YearWindows:
    windows = [
        (opening, close)
        for day, plan in _plans(timeline.definition, year)
        for opening, close in _instants(day, plan, timeline.zone)
        if opening < close
    ]
    lengths = (close - opening for opening, close in windows)
    return YearWindows(
        begin=instant_of(date(year, 1, 1), 0, timeline.zone),
        end=instant_of(date(year + 1, 1, 1), 0, timeline.zone),
        opens=array("q", (opening for opening, _ in windows)),
        closes=array("q", (close for _, close in windows)),
        before=array("q", accumulate(lengths, initial=0)),
    )


def _plans(definition: CalendarDefinition, year: int) -> Iterator[tuple[date, DayPlan]]:
    overrides, breaks = dict(definition.overrides), dict(definition.breaks)
    for ordinal in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
        day = date.fromordinal(ordinal)
        holiday = day in definition.holidays or (day.month, day.day) in definition.yearly_holidays
        regular = () if holiday else definition.hours[day.weekday()]
        yield day, cut_out(overrides.get(day, regular), breaks.get(day, ()))


def _instants(day: date, plan: DayPlan, zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    for opening, close in plan:
        yield instant_of(day, opening, zone), instant_of(day, close, zone)


def instant_of(day: date, seconds: int, zone: ZoneInfo) -> int:
    """Give the instant of a wall time: a gap means its transition, a fold the first pass."""
    days, second = divmod(seconds, DAY_SECONDS)
    wall = datetime.combine(day, time.min) + timedelta(days=days, seconds=second)
    first = _seconds_since_epoch(wall.replace(tzinfo=zone))
    second_pass = _seconds_since_epoch(wall.replace(tzinfo=zone, fold=1))
    if second_pass < first:
        first = _transition_between(second_pass, first, zone)
    return first * 1_000_000


def _seconds_since_epoch(wall: datetime) -> int:
    offset = wall.utcoffset() or timedelta()
    naive = wall.replace(tzinfo=None) - offset
    return (naive.replace(tzinfo=UTC) - _EPOCH) // timedelta(seconds=1)


def _transition_between(before: int, after: int, zone: ZoneInfo) -> int:
    """Find the first second of the new offset; ``before`` still has the old one."""
    new_offset = _offset(after, zone)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(middle, zone) == new_offset:
            after = middle
        else:
            before = middle
    return after


def _offset(second: int, zone: ZoneInfo) -> timedelta | None:
    return (_EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset()
