"""What can happen to a calendar."""

from typing import assert_never

from catalog.calendars.terms import CalendarDefinition
from catalog.terms import DefiningFact, Window, plain
from deskstream.codec import Codec


class CalendarDefined(DefiningFact[CalendarDefinition]):
    """A calendar was defined."""


class CalendarRedefined(DefiningFact[CalendarDefinition]):
    """A calendar has other hours, holidays, overrides or breaks for clocks that start then."""


CalendarFact = CalendarDefined | CalendarRedefined

CODEC: Codec[CalendarFact] = Codec(
    {
        "calendar.defined.v1": CalendarDefined,
        "calendar.redefined.v1": CalendarRedefined,
    }
)


def describe(fact: CalendarFact) -> str:
    """The fact in plain words."""
    match fact:
        case CalendarDefined():
            return f"Defined {_in_words(fact.definition)}"
        case CalendarRedefined():
            return (
                f"Version {fact.version}, in force from {plain(fact.effective_from)}: "
                f"{_in_words(fact.definition)}"
            )
        case _:
            assert_never(fact)


def _in_words(calendar: CalendarDefinition) -> str:
    time = calendar.working_time
    week = "; ".join(f"{day} {_hours(windows)}" for day, windows in time.hours.items() if windows)
    return (
        f"“{calendar.name}”: {week or 'open by date only'} in {time.timezone}, "
        f"{len(time.holidays)} holidays, {len(time.overrides)} dates with hours of their own, "
        f"{len(time.breaks)} dates with breaks"
    )


def _hours(windows: tuple[Window, ...]) -> str:
    return ", ".join(f"{opening}-{close}" for opening, close in windows)
