"""Work calendars, working-time arithmetic and service-level stopwatches; pure and exact.

``deskstream_worktime.simulate`` answers cases in JSON form and is imported on its own.
"""

from deskstream_worktime.calendar import HORIZON_YEARS, WorkCalendar
from deskstream_worktime.definition import CalendarDefinition, define
from deskstream_worktime.errors import WorktimeError
from deskstream_worktime.stopwatch import Phase, Rebase, Segment, Stopwatch
from deskstream_worktime.tzdata_version import tzdata_version

__all__ = [
    "HORIZON_YEARS",
    "CalendarDefinition",
    "Phase",
    "Rebase",
    "Segment",
    "Stopwatch",
    "WorkCalendar",
    "WorktimeError",
    "define",
    "tzdata_version",
]
