"""Working time by walking from day to day, in whole seconds since 1970.

Local times are turned into instants first: one that occurs twice is its first pass, one that
does not exist is the moment at which the clocks went forward, 24:00 is the next midnight.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_END_OF_DAY = "24:00"


class WorkingHours:
    """The windows of a week in a zone, empty on holidays."""

    def __init__(self, plain: Mapping[str, Any]) -> None:
        self._zone = ZoneInfo(plain["timezone"])
        self._hours: Mapping[str, Sequence[Sequence[str]]] = plain["hours"]
        self._holidays = frozenset(plain.get("holidays", ()))
        self._known: dict[date, list[tuple[int, int]]] = {}

    def between(self, start: int, end: int) -> int:
        """The working seconds between two moments."""
        return sum(closes - opens for opens, closes in self._windows(start, end))

    def reach(self, start: int, seconds: int, before: int) -> int | None:
        """The first moment before `before` at which these working seconds have passed."""
        for opens, closes in self._windows(start, before):
            if seconds <= closes - opens:
                at = opens + seconds
                return at if at < before else None
            seconds -= closes - opens
        return None

    def _windows(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        day = datetime.fromtimestamp(start, self._zone).date() - _DAY
        last = datetime.fromtimestamp(end, self._zone).date() + _DAY
        while day <= last:
            for opens, closes in self._windows_of(day):
                if max(opens, start) < min(closes, end):
                    yield max(opens, start), min(closes, end)
            day += _DAY

    def _windows_of(self, day: date) -> list[tuple[int, int]]:
        if day not in self._known:
            free = day.isoformat() in self._holidays
            hours = [] if free else self._hours[_WEEKDAYS[day.weekday()]]
            self._known[day] = [
                (self._instant(day, opens), self._instant(day, closes)) for opens, closes in hours
            ]
        return self._known[day]

    def _instant(self, day: date, hour: str) -> int:
        if hour == _END_OF_DAY:
            return self._instant(day + _DAY, "00:00")
        local = datetime.fromisoformat(f"{day}T{hour}")
        first_pass = int(local.replace(tzinfo=self._zone).timestamp())
        if self._shown(first_pass) == local:
            return first_pass
        return self._went_forward(local)

    def _went_forward(self, missing: datetime) -> int:
        """When the clocks went forward over a local time, found by halving."""
        early = int(missing.replace(tzinfo=self._zone, fold=1).timestamp())
        late = int(missing.replace(tzinfo=self._zone, fold=0).timestamp())
        while late - early > 1:
            middle = (early + late) // 2
            if self._shown(middle) < missing:
                early = middle
            else:
                late = middle
        return late

    def _shown(self, instant: int) -> datetime:
        """What the clocks of the zone showed."""
        return datetime.fromtimestamp(instant, self._zone).replace(tzinfo=None)
