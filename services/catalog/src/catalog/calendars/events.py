"""What can happen to a calendar."""

from catalog.calendars.terms import CalendarDefinition
from catalog.terms import DefiningFact, Window, plain
from deskstream.codec import Codec


class CalendarDefined(DefiningFact[CalendarDefinition], stored="calendar.defined.v1"):
    """A calendar was defined."""

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Defined {_in_words(self.definition)}"


class CalendarRedefined(DefiningFact[CalendarDefinition], stored="calendar.redefined.v1"):
    """A calendar has other hours, holidays, overrides or breaks for clocks that start then."""

    def in_words(self) -> str:
        """As the history tells it."""
        return (
            f"Version {self.version}, in force from {plain(self.effective_from)}: "
            f"{_in_words(self.definition)}"
        )


CalendarFact = CalendarDefined | CalendarRedefined

CODEC: Codec[CalendarFact] = Codec.of(CalendarFact)


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
