"""The rules for calendars."""

from collections.abc import Sequence
from typing import assert_never

from catalog.calendars.commands import CalendarCommand, DefineCalendar, RedefineCalendar
from catalog.calendars.events import CalendarDefined, CalendarFact, CalendarRedefined
from catalog.calendars.terms import CalendarDefinition
from catalog.terms import Latest, WorkingTime, first_edition, refusal_of
from deskstream.decider import Decider, Occasion, Refusal
from deskstream_worktime import WorktimeError

Calendar = Latest[CalendarDefinition]


def decide(
    command: CalendarCommand, when: Occasion, state: Calendar | None
) -> Sequence[CalendarFact] | Refusal:
    """The facts that a command leads to, or why it is refused."""
    match command:
        case DefineCalendar():
            return _define(command, when, state)
        case RedefineCalendar():
            return _redefine(command, when, state)
        case _:
            assert_never(command)


def _define(
    command: DefineCalendar, when: Occasion, state: Calendar | None
) -> Sequence[CalendarFact] | Refusal:
    if state is not None:
        return Refusal(
            "calendar-exists",
            f"“{state.definition.name}” is defined already; give it a new version instead.",
        )
    if objection := _unusable(command.definition.working_time):
        return objection
    edition = first_edition(command.effective_from, when)
    return [CalendarDefined.of(edition, command.definition)]


def _redefine(
    command: RedefineCalendar, when: Occasion, state: Calendar | None
) -> Sequence[CalendarFact] | Refusal:
    if state is None:
        return Refusal("unknown-calendar", "There is no such calendar; define it first.")
    if state.says(command.definition, command.effective_from):
        return []
    if objection := _unusable(command.definition.working_time):
        return objection
    edition = state.next_edition(command.effective_from, when)
    if isinstance(edition, Refusal):
        return edition
    return [CalendarRedefined.of(edition, command.definition)]


def _unusable(working_time: WorkingTime) -> Refusal | None:
    try:
        working_time.calendar()
    except WorktimeError as error:
        return refusal_of(error, field="working_time")
    return None


def evolve(_state: Calendar | None, fact: CalendarFact) -> Calendar | None:
    """The calendar after a fact."""
    match fact:
        case CalendarDefined() | CalendarRedefined():
            return Latest.by(fact)
        case _:
            assert_never(fact)


DECIDER: Decider[CalendarCommand, Calendar | None, CalendarFact] = Decider(
    category="calendar", initial=None, decide=decide, evolve=evolve
)
