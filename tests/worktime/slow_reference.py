"""Working time found by walking through every minute and reading a wall clock on the way.

A wall time counts as reached once the clock has shown it or a later one. That alone gives the
rules for a gap (reached at the jump) and a fold (reached in the first pass), so nothing here
knows of transitions, and nothing is shared with the library.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
WARM_UP = timedelta(days=3)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class SlowCalendar:
    """The plain form of a calendar, known for the minutes between two instants."""

    def __init__(self, plain: dict, first: datetime, last: datetime) -> None:
        self._plain = plain
        self._zone = ZoneInfo(plain["timezone"])
        self.first = first.replace(second=0, microsecond=0)
        self.last = last
        self._open = self._walk()

    def _walk(self) -> list[bool]:
        at, opened = self.first - WARM_UP, []
        latest = at.astimezone(self._zone).replace(tzinfo=None)
        while at < self.last:
            latest = max(latest, at.astimezone(self._zone).replace(tzinfo=None))
            if at >= self.first:
                opened.append(self._is_open_on_the_wall(latest))
            at += MINUTE
        return opened

    def _is_open_on_the_wall(self, wall: datetime) -> bool:
        day = wall.date().isoformat()
        windows = self._plain["hours"].get(DAYS[wall.weekday()], [])
        if day in self._plain["holidays"] or day[5:] in self._plain["holidays"]:
            windows = []
        windows = self._plain["overrides"].get(day, windows)
        breaks = self._plain["breaks"].get(day, [])
        return _within(wall.time(), windows) and not _within(wall.time(), breaks)

    def is_open(self, at: datetime) -> bool:
        return self._open[(at - self.first) // MINUTE]

    def add(self, at: datetime, working: timedelta) -> datetime | None:
        """Walk on until ``working`` is used up; None if it is not by the last minute."""
        while at < self.last:
            step = min(self._minute_after(at), self.last) - at
            if self.is_open(at):
                if working <= step:
                    return at + working
                working -= step
            at += step
        return None

    def subtract(self, at: datetime, working: timedelta) -> datetime | None:
        """Walk back until ``working`` is used up; None if it is not by the first minute."""
        while at > self.first:
            step = at - self._minute_before(at)
            if self.is_open(at - step):
                if working <= step:
                    return at - working
                working -= step
            at -= step
        return None

    def between(self, start: datetime, end: datetime) -> timedelta:
        total = timedelta()
        while start < end:
            step = min(self._minute_after(start), end) - start
            total += step if self.is_open(start) else timedelta()
            start += step
        return total

    @staticmethod
    def _minute_after(at: datetime) -> datetime:
        return at.replace(second=0, microsecond=0) + MINUTE

    def _minute_before(self, at: datetime) -> datetime:
        whole = at.replace(second=0, microsecond=0)
        return whole if whole < at else at - MINUTE


def _within(at: time, windows: list[list[str]]) -> bool:
    shown = at.strftime("%H:%M")
    return any(start <= shown < end for start, end in windows)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
