"""What a work calendar says: weekly hours, holidays, overrides and breaks in local wall time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TypeAlias
from zoneinfo import ZoneInfo

from deskstream_worktime.errors import InvalidWindowError, NeverOpensError, UnknownTimeZoneError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_SECONDS = 24 * 60 * 60

LocalWindow: TypeAlias = tuple[int, int]
"""Opening and close in seconds of wall time after local midnight; the close is excluded."""
DayPlan: TypeAlias = tuple[LocalWindow, ...]
MonthDay: TypeAlias = tuple[int, int]
PlainDay: TypeAlias = Iterable[Iterable[str]]
"""A day as people write it: ``[["09:00", "12:00"], ["13:00", "24:00"]]``."""

_TIME = re.compile(r"(\d\d):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_DATE = re.compile(r"(?:\d{4}-)?\d\d-\d\d", re.ASCII)
_LEAP_YEAR = 2000
_DAYS_OF_A_LEAP_YEAR = 366
_WHOLE_DAY: DayPlan = ((0, DAY_SECONDS),)


@dataclass(frozen=True, slots=True)
class CalendarDefinition:
    """A validated description of working time; equal descriptions are equal values.

    A date's windows are those of its override, else none on a holiday, else those of its
    weekday; its breaks are cut out last.
    """

    timezone: str
    hours: tuple[DayPlan, ...]
    holidays: frozenset[date] = frozenset()
    yearly_holidays: frozenset[MonthDay] = frozenset()
    overrides: tuple[tuple[date, DayPlan], ...] = ()
    breaks: tuple[tuple[date, DayPlan], ...] = ()

    def __post_init__(self) -> None:
        """Refuse an unknown zone, a malformed or overlapping window, and eternal closure."""
        zone_named(self.timezone)
        if len(self.hours) != len(WEEKDAYS):
            raise InvalidWindowError("Give the hours of seven weekdays, Monday first.")
        for plan in (*self.hours, *(plan for _, plan in self.overrides)):
            _refuse_overlap(plan)
        for plan in (plan for _, plan in self.breaks):
            _refuse_reversed(plan)
        if not self._ever_opens():
            raise NeverOpensError(
                "The calendar never opens: give at least one weekday hours that its holidays "
                "leave, or open a date by an override."
            )

    @property
    def is_always_open(self) -> bool:
        """Whether no instant at all is outside working time."""
        exceptions = self.holidays or self.yearly_holidays or self.overrides or self.breaks
        return not exceptions and all(plan == _WHOLE_DAY for plan in self.hours)

    def _ever_opens(self) -> bool:
        if any(self.hours) and len(self.yearly_holidays) < _DAYS_OF_A_LEAP_YEAR:
            return True
        breaks = dict(self.breaks)
        return any(cut_out(plan, breaks.get(day, ())) for day, plan in self.overrides)


def define(
    timezone: str,
    hours: Mapping[str, PlainDay],
    *,
    holidays: Iterable[str] = (),
    overrides: Mapping[str, PlainDay] | None = None,
    breaks: Mapping[str, PlainDay] | None = None,
) -> CalendarDefinition:
    """Read a definition from the plain form in which people and JSON write calendars.

    Weekdays are ``mon`` to ``sun`` (an absent one is closed), times ``HH:MM`` or ``HH:MM:SS``,
    ``24:00`` is the next local midnight, a holiday is ``2024-12-25`` or, every year, ``12-25``.
    Raises UnknownTimeZoneError, InvalidWindowError or NeverOpensError.
    """
    _refuse_unknown_weekdays(hours)
    days = [_holiday(text) for text in holidays]
    return CalendarDefinition(
        timezone=timezone,
        hours=tuple(_plan(hours.get(weekday, ())) for weekday in WEEKDAYS),
        holidays=frozenset(day for day in days if isinstance(day, date)),
        yearly_holidays=frozenset(day for day in days if isinstance(day, tuple)),
        overrides=_dated_plans(overrides or {}),
        breaks=_dated_plans(breaks or {}),
    )


def zone_named(name: str) -> ZoneInfo:
    """Give the zone of an IANA name; raises UnknownTimeZoneError."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as unknown:
        raise UnknownTimeZoneError(
            f"{name!r} is not an IANA time zone; write one like 'Europe/Berlin'."
        ) from unknown


def cut_out(plan: DayPlan, breaks: DayPlan) -> DayPlan:
    """Give what is left of ``plan`` once every break is taken out of it."""
    for start, end in breaks:
        plan = tuple(
            (opening, close)
            for a, b in plan
            for opening, close in ((a, min(b, start)), (max(a, end), b))
            if opening < close
        )
    return plan


def _refuse_reversed(plan: DayPlan) -> None:
    for start, end in plan:
        if not 0 <= start < end <= DAY_SECONDS:
            raise InvalidWindowError(
                f"The window {_clock(start)}-{_clock(end)} must end after it starts, within its "
                "day; split one that runs over midnight at 24:00."
            )


def _refuse_overlap(plan: DayPlan) -> None:
    _refuse_reversed(plan)
    for earlier, later in pairwise(plan):
        if later[0] < earlier[1]:
            raise InvalidWindowError(
                f"The windows starting at {_clock(earlier[0])} and {_clock(later[0])} overlap "
                "or are out of order; merge them."
            )


def _refuse_unknown_weekdays(hours: Mapping[str, PlainDay]) -> None:
    for name in hours:
        if name not in WEEKDAYS:
            raise InvalidWindowError(f"{name!r} is not a weekday; write mon, tue, … sun.")


def _dated_plans(days: Mapping[str, PlainDay]) -> tuple[tuple[date, DayPlan], ...]:
    return tuple(sorted((_date(text), _plan(windows)) for text, windows in days.items()))


def _plan(windows: PlainDay) -> DayPlan:
    return tuple(sorted(_window(tuple(window)) for window in windows))


def _window(times: tuple[str, ...]) -> LocalWindow:
    if len(times) != 2:  # noqa: PLR2004 - a window is a pair
        raise InvalidWindowError(f"{list(times)!r} is not a window; write ['09:00', '17:00'].")
    return _seconds(times[0]), _seconds(times[1])


def _seconds(text: str) -> int:
    match = _TIME.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (25, 0, 0)
    total = (hours * 60 + minutes) * 60 + seconds
    if total > DAY_SECONDS:
        raise InvalidWindowError(f"{text!r} is not a time of day; write 09:00, at most 24:00.")
    return total


def _date(text: str) -> date:
    day = _holiday(text)
    if not isinstance(day, date):
        raise InvalidWindowError(f"{text!r} lacks its year; write it like 2024-12-25.")
    return day


def _holiday(text: str) -> date | MonthDay:
    yearly = len(text) == len("12-25")
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)  # noqa: TRY301 - one refusal for both kinds of malformed date
        day = date.fromisoformat(f"{_LEAP_YEAR}-{text}" if yearly else text)
    except ValueError as malformed:
        raise InvalidWindowError(
            f"{text!r} is not a date; write 2024-12-25, or 12-25 for every year."
        ) from malformed
    return (day.month, day.day) if yearly else day


def _clock(seconds: int) -> str:
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{second:02}" if second else "")
