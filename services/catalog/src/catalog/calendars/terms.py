"""What a calendar is."""

from catalog.definitions.terms import Definition
from catalog.terms import Name, Window, WorkingTime


class CalendarDefinition(Definition):
    """Working time under a name.

    Args:
        tzdata: version of the time zone database that it was checked with.
        holiday_source: where its holidays were taken from, if not made by hand.
    """

    working_time: WorkingTime
    tzdata: Name
    holiday_source: Name | None = None

    def in_words(self) -> str:
        """When people work."""
        time = self.working_time
        week = "; ".join(f"{day} {_hours(open_)}" for day, open_ in time.hours.items() if open_)
        return (
            f"“{self.name}”: {week or 'open by date only'} in {time.timezone}, "
            f"{len(time.holidays)} holidays, {len(time.overrides)} dates with hours of their own, "
            f"{len(time.breaks)} dates with breaks"
        )


def _hours(windows: tuple[Window, ...]) -> str:
    return ", ".join(f"{opening}-{close}" for opening, close in windows)
