"""The rules for calendars."""

from datetime import datetime, timedelta

from catalog.calendars.events import CalendarDefined, CalendarRedefined, CalendarRetired
from catalog.calendars.terms import CalendarDefinition
from catalog.definitions.deciding import defining_decider
from catalog.definitions.terms import Surroundings
from catalog.terms import refusal_of
from deskstream.decider import Refusal
from deskstream_worktime import WorktimeError


def _unusable(calendar: CalendarDefinition) -> Refusal | None:
    try:
        calendar.working_time.calendar()
    except WorktimeError as error:
        return refusal_of(error, field="working_time")
    return None


def _too_little(
    calendar: CalendarDefinition, since: datetime, surroundings: Surroundings
) -> Refusal | None:
    work = calendar.working_time.calendar()
    for agreement, seconds in surroundings.promised:
        try:
            work.add(since, timedelta(seconds=seconds))
        except WorktimeError:
            detail = (
                f"“{agreement}” promises {seconds} seconds of its working time, which there would "
                "not be; leave more of it, or amend the agreement first."
            )
            return Refusal("due-unreachable", detail, field="working_time")
    return None


DECIDER = defining_decider(
    "calendar",
    CalendarDefined,
    CalendarRedefined,
    CalendarRetired,
    objection=_unusable,
    objection_from=_too_little,
)
