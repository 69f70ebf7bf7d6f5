"""One due time, a year out."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

from measure import ROUNDS, Row

from deskstream_worktime import WorkCalendar

GOAL = 50.0
CALLS = 5_000
WORKING_YEAR = timedelta(hours=8 * 250)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE_HOURS = (("08:00", "12:00"), ("13:00", "17:00"))
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def rows() -> Sequence[Row]:
    """Microseconds for one `WorkCalendar.add`, on a calendar that was used before."""
    calendar = WorkCalendar.of(
        "Europe/Berlin",
        dict.fromkeys(WEEKDAYS, OFFICE_HOURS),
        holidays=["2026-12-25", "2026-05-01", "2027-01-01"],
    )
    starts = [FIRST + timedelta(minutes=97 * number) for number in range(CALLS)]
    _microseconds(calendar, starts)
    found = median(_microseconds(calendar, starts) for _ in range(ROUNDS))
    return [
        Row("one due time, a year out", f"{found:.1f} µs", f"≤ {GOAL:.0f} µs", met=found <= GOAL)
    ]


def _microseconds(calendar: WorkCalendar, starts: Sequence[datetime]) -> float:
    begin = time.perf_counter()
    for start in starts:
        calendar.add(start, WORKING_YEAR)
    return 1e6 * (time.perf_counter() - begin) / len(starts)
