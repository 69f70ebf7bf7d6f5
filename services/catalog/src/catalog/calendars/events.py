"""What can happen to a calendar."""

from catalog.calendars.terms import CalendarDefinition
from catalog.definitions.facts import DefiningFact, DefinitionFact, EndingFact
from deskstream.codec import Codec


class CalendarDefined(DefiningFact[CalendarDefinition], stored="calendar.defined.v1"):
    """A calendar was defined."""

    opening = "Defined"


class CalendarRedefined(DefiningFact[CalendarDefinition], stored="calendar.redefined.v1"):
    """A calendar has other hours, holidays, overrides or breaks for clocks that start then."""


class CalendarRetired(EndingFact, stored="calendar.retired.v1"):
    """A calendar is there for nothing new."""


CalendarFact = CalendarDefined | CalendarRedefined | CalendarRetired

CODEC: Codec[DefinitionFact] = Codec.of(CalendarFact)
