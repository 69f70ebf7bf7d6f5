"""What can be asked of the clocks of a ticket.

Each names the event of the ticket that caused it and when that happened; `calendars` are those
of the promises that the clocks have or get.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from deskstream.decider import Occasion
from deskstream_worktime.calendar import WorkCalendar
from sla_monitor.terms import Promise, Target, Ticket, Version

Calendars: TypeAlias = Mapping[Version, WorkCalendar]


@dataclass(frozen=True, slots=True)
class StartClocks:
    """A ticket was opened. `uncovered` says why nothing is promised, if that is so."""

    when: Occasion
    at: datetime
    cause: str
    ticket: Ticket
    promises: Mapping[Target, Promise]
    calendars: Calendars
    uncovered: str | None = None


@dataclass(frozen=True, slots=True)
class HoldClocks:
    """The ticket waits for this reason."""

    when: Occasion
    at: datetime
    cause: str
    reason: str
    calendars: Calendars


@dataclass(frozen=True, slots=True)
class ResumeClocks:
    """The ticket waits no longer."""

    when: Occasion
    at: datetime
    cause: str
    calendars: Calendars


@dataclass(frozen=True, slots=True)
class StopClocks:
    """These targets were reached."""

    when: Occasion
    at: datetime
    cause: str
    targets: frozenset[Target]
    calendars: Calendars


@dataclass(frozen=True, slots=True)
class ReopenClocks:
    """The resolution did not hold."""

    when: Occasion
    at: datetime
    cause: str
    calendars: Calendars


@dataclass(frozen=True, slots=True)
class RetargetClocks:
    """The priority has changed. `choose` gives what is promised then; a missing target has none."""

    when: Occasion
    at: datetime
    cause: str
    priority: int
    choose: Callable[[Ticket], Mapping[Target, Promise]]
    calendars: Calendars


@dataclass(frozen=True, slots=True)
class HandOver:
    """Another group holds the ticket."""

    when: Occasion
    at: datetime
    cause: str
    group: str


@dataclass(frozen=True, slots=True)
class FinaliseClocks:
    """The ticket was closed."""

    when: Occasion
    at: datetime
    cause: str
    calendars: Calendars


@dataclass(frozen=True, slots=True)
class CancelClocks:
    """The ticket came to nothing."""

    when: Occasion
    at: datetime
    cause: str
    reason: str


@dataclass(frozen=True, slots=True)
class Warn:
    """The next warning's time has come, and nothing earlier can still arrive."""

    when: Occasion
    target: Target


@dataclass(frozen=True, slots=True)
class SuspectBreach:
    """The due time is past by the clock on the wall, and more may still arrive from before it."""

    when: Occasion
    target: Target


@dataclass(frozen=True, slots=True)
class DeclareBreach:
    """The due time is past, and nothing from before it can still arrive."""

    when: Occasion
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
