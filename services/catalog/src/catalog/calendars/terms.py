"""What a calendar is."""

from catalog.terms import Name, Term, WorkingTime


class CalendarDefinition(Term):
    """Working time under a name.

    Args:
        tzdata: version of the time zone database that it was checked with.
        holiday_source: where its holidays were taken from, if not made by hand.
    """

    name: Name
    working_time: WorkingTime
    tzdata: Name
    holiday_source: Name | None = None
