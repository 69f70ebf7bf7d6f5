"""What can be asked of a calendar."""

from dataclasses import dataclass
from datetime import datetime

from catalog.calendars.terms import CalendarDefinition
from deskstream.decider import Occasion


@dataclass(frozen=True, slots=True)
class DefineCalendar:
    """Introduce a calendar."""

    when: Occasion
    definition: CalendarDefinition
    effective_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class RedefineCalendar:
    """Give a calendar other working time from a moment on."""

    when: Occasion
    definition: CalendarDefinition
    effective_from: datetime | None = None


CalendarCommand = DefineCalendar | RedefineCalendar
