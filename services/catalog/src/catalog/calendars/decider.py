"""The rules for calendars."""

from catalog.calendars.events import CalendarDefined, CalendarRedefined, CalendarRetired
from catalog.calendars.terms import CalendarDefinition
from catalog.definitions.deciding import defining_decider
from catalog.terms import refusal_of
from deskstream.decider import Refusal
from deskstream_worktime import WorktimeError


def _unusable(calendar: CalendarDefinition) -> Refusal | None:
    try:
        calendar.working_time.calendar()
    except WorktimeError as error:
        return refusal_of(error, field="working_time")
    return None


DECIDER = defining_decider(
    "calendar", CalendarDefined, CalendarRedefined, CalendarRetired, objection=_unusable
)
