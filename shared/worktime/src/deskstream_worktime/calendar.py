"""Working time added, measured and looked up on a calendar; exact to the microsecond."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from deskstream_worktime.definition import CalendarDefinition, PlainDay, define
from deskstream_worktime.errors import OutOfRangeError, UnreachableError
from deskstream_worktime.windows import (
    FIRST_YEAR,
    LAST_YEAR,
    Timeline,
    YearWindows,
    from_micros,
    timeline_of,
    to_micros,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

HORIZON_YEARS = 100
"""How far from its start a due time is looked for, and how long a measured span may be."""

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class WorkCalendar:
    """Working time as elapsed seconds inside half-open windows of instants.

    Every datetime given must be aware and every one returned is in UTC. Calendars of an equal
    definition are equal and share one bounded cache of windows.
    """

    definition: CalendarDefinition

    @classmethod
    def of(
        cls,
        timezone: str,
        hours: Mapping[str, PlainDay],
        *,
        holidays: Iterable[str] = (),
        overrides: Mapping[str, PlainDay] | None = None,
        breaks: Mapping[str, PlainDay] | None = None,
    ) -> WorkCalendar:
        """Read a calendar from its plain form; ``define`` says what that is and what it refuses."""
        return cls(define(timezone, hours, holidays=holidays, overrides=overrides, breaks=breaks))

    def add(self, start: datetime, working: timedelta) -> datetime:
        """Give the instant at which ``working`` time has passed since ``start``.

        Using a window up exactly gives its close; counting back exactly to a window's start
        gives its opening; zero gives ``snap(start)``. Negative time counts back.
        Raises UnreachableError beyond the horizon, NaiveDatetimeError, OutOfRangeError.
        """
        micros = working // _MICROSECOND
        if self._always_open:
            return from_micros(to_micros(start) + micros)
        if micros == 0:
            return self.snap(start)
        advance = self._forward if micros > 0 else self._backward
        return from_micros(advance(to_micros(start), abs(micros)))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Give the working time from ``start`` to ``end``, negative if ``end`` comes first.

        So measures add up across any cut. Raises OutOfRangeError for a span beyond the
        horizon, and NaiveDatetimeError.
        """
        first, last = to_micros(start), to_micros(end)
        if self._always_open:
            return timedelta(microseconds=last - first)
        if last < first:
            return -self.between(end, start)
        return timedelta(microseconds=self._worked_between(first, last))

    def snap(self, at: datetime, *, backward: bool = False) -> datetime:
        """Give ``at`` itself in working time, else the next opening or, backward, the last close.

        Raises UnreachableError where there is none within the horizon.
        """
        micros = to_micros(at)
        if self._always_open:
            return from_micros(micros)
        return from_micros(self._last_open(micros) if backward else self._next_open(micros))

    def is_open(self, at: datetime) -> bool:
        """Tell whether an instant is working time: an opening is, a close is not."""
        micros = to_micros(at)
        if self._always_open:
            return True
        year = self._timeline.year(self._timeline.year_of(micros))
        window = bisect_right(year.opens, micros) - 1
        return window >= 0 and micros < year.closes[window]

    def windows(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the working windows of a span, clipped to it, in order; none if it is empty.

        A window that runs over midnight comes as one piece a day. Raises OutOfRangeError for a
        span beyond the horizon.
        """
        first, last = to_micros(start), to_micros(end)
        if last <= first:
            return
        for year in self._years_between(first, last):
            for opening, close in zip(year.opens, year.closes, strict=True):
                if opening < last and first < close:
                    yield from_micros(max(opening, first)), from_micros(min(close, last))

    @cached_property
    def _timeline(self) -> Timeline:
        return timeline_of(self.definition)

    @cached_property
    def _always_open(self) -> bool:
        return self.definition.is_always_open

    def _forward(self, at: int, micros: int) -> int:
        for year in self._years_from(at, step=1):
            needed = year.worked(at) + micros if year.begin <= at else micros
            if needed <= year.total:
                window = bisect_left(year.before, needed) - 1
                return year.opens[window] + needed - year.before[window]
            micros = needed - year.total
        raise _unreachable()

    def _backward(self, at: int, micros: int) -> int:
        for year in self._years_from(at, step=-1):
            worked = year.worked(at) if at < year.end else year.total
            if micros <= worked:
                window = bisect_right(year.before, worked - micros) - 1
                return year.opens[window] + worked - micros - year.before[window]
            micros -= worked
        raise _unreachable()

    def _next_open(self, at: int) -> int:
        for year in self._years_from(at, step=1):
            window = bisect_right(year.closes, at)
            if window < len(year.opens):
                return max(at, year.opens[window])
        raise _unreachable()

    def _last_open(self, at: int) -> int:
        for year in self._years_from(at, step=-1):
            window = bisect_right(year.opens, at) - 1
            if window >= 0:
                return min(at, year.closes[window])
        raise _unreachable()

    def _worked_between(self, first: int, last: int) -> int:
        years = list(self._years_between(first, last))
        whole = sum(year.total for year in years[:-1])
        return whole + years[-1].worked(last) - years[0].worked(first)

    def _years_from(self, at: int, *, step: int) -> Iterator[YearWindows]:
        home = self._timeline.year_of(at)
        for year in range(home, home + step * (HORIZON_YEARS + 1), step):
            if FIRST_YEAR <= year <= LAST_YEAR:
                yield self._timeline.year(year)

    def _years_between(self, first: int, last: int) -> Iterator[YearWindows]:
        begin, end = self._timeline.year_of(first), self._timeline.year_of(last)
        if end - begin > HORIZON_YEARS:
            raise OutOfRangeError(f"The span is longer than {HORIZON_YEARS} years.")
        return map(self._timeline.year, range(begin, end + 1))


def _unreachable() -> UnreachableError:
    return UnreachableError(
        f"The calendar has too little working time within {HORIZON_YEARS} years: "
        "shorten the target or open the calendar."
    )
