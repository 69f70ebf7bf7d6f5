"""What can be asked of a calendar."""

from catalog.calendars.terms import CalendarDefinition
from deskstream.decider import Command
from deskstream.input import Moment


class DefineCalendar(Command):
    """Introduce a calendar."""

    definition: CalendarDefinition
    effective_from: Moment | None = None


class RedefineCalendar(Command):
    """Give a calendar other working time from a moment on."""

    definition: CalendarDefinition
    effective_from: Moment | None = None


CalendarCommand = DefineCalendar | RedefineCalendar
