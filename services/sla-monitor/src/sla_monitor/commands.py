"""What can be asked of the clocks of a ticket.

Each names the event of the ticket that caused it and when that happened; `calendars` are those
of the promises that the clocks have or get.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, TypeAlias

from pydantic import AwareDatetime, SkipValidation

from deskstream.decider import Command
from deskstream_worktime.calendar import WorkCalendar
from sla_monitor.terms import Promise, Target, Ticket, Version

Calendars: TypeAlias = Annotated[Mapping[Version, WorkCalendar], SkipValidation]


class StartClocks(Command):
    """A ticket was opened. `uncovered` says why nothing is promised, if that is so."""

    at: AwareDatetime
    cause: str
    ticket: Ticket
    promises: Mapping[Target, Promise]
    calendars: Calendars
    uncovered: str | None = None


class HoldClocks(Command):
    """The ticket waits for this reason."""

    at: AwareDatetime
    cause: str
    reason: str
    calendars: Calendars


class ResumeClocks(Command):
    """The ticket waits no longer."""

    at: AwareDatetime
    cause: str
    calendars: Calendars


class StopClocks(Command):
    """These targets were reached."""

    at: AwareDatetime
    cause: str
    targets: frozenset[Target]
    calendars: Calendars


class ReopenClocks(Command):
    """The resolution did not hold."""

    at: AwareDatetime
    cause: str
    calendars: Calendars


class RetargetClocks(Command):
    """The priority has changed. `choose` gives what is promised then; a missing target has none."""

    at: AwareDatetime
    cause: str
    priority: int
    choose: Callable[[Ticket], Mapping[Target, Promise]]
    calendars: Calendars


class HandOver(Command):
    """Another group holds the ticket."""

    at: AwareDatetime
    cause: str
    group: str


class FinaliseClocks(Command):
    """The ticket was closed."""

    at: AwareDatetime
    cause: str
    calendars: Calendars


class CancelClocks(Command):
    """The ticket came to nothing."""

    at: AwareDatetime
    cause: str
    reason: str


class Warn(Command):
    """The next warning's time has come, and nothing earlier can still arrive."""

    target: Target


class SuspectBreach(Command):
    """The due time is past by the clock on the wall, and more may still arrive from before it."""

    target: Target


class DeclareBreach(Command):
    """The due time is past, and nothing from before it can still arrive."""

    target: Target


ClockCommand: TypeAlias = (
    StartClocks
    | HoldClocks
    | ResumeClocks
    | StopClocks
    | ReopenClocks
    | RetargetClocks
    | HandOver
    | FinaliseClocks
    | CancelClocks
    | Warn
    | SuspectBreach
    | DeclareBreach
)
