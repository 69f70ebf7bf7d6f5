"""What the events of a ticket mean for its clocks, and what happens to them by themselves."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final, assert_never

from deskstream.envelope import Recorded
from deskstream.timer import Basis, ClearTimer, Due, SetTimer, TimerChange
from sla_monitor import foreign
from sla_monitor.commands import (
    CancelClocks,
    ClockCommand,
    DeclareBreach,
    FinaliseClocks,
    HandOver,
    HoldClocks,
    ReopenClocks,
    ResumeClocks,
    RetargetClocks,
    StartClocks,
    StopClocks,
    SuspectBreach,
    Warn,
)
from sla_monitor.decider.agreements import PolicyBook
from sla_monitor.events import (
    ClockBreached,
    ClockEvent,
    ClockStopped,
    ClockWarned,
    Moved,
    WarningAhead,
)
from sla_monitor.terms import Promise, Target, Ticket

SILENCE: Final = timedelta(seconds=2)
"""How long a ticket's service may be silent after a due time before a breach is suspected."""


def react(  # noqa: C901, PLR0911  one line for each event of a ticket
    event: foreign.TicketEvent, ticket: str, cause: str, book: PolicyBook
) -> ClockCommand | None:
    """What the event means for the clocks of its ticket; None if nothing.

    Args:
        event: of the ticket.
        ticket: its stream.
        cause: the event's id.
        book: the policies that are known.
    """
    at, calendars = event.time, book.calendars
    match event:
        case foreign.IncidentLogged():
            return _start(event, ticket, cause, book)
        case foreign.IncidentPrioritised(priority=priority):
            choose = partial(_promises, at=at, book=book)
            return RetargetClocks(
                at=at, cause=cause, priority=priority, choose=choose, calendars=calendars
            )
        case foreign.IncidentAssigned(group=group):
            return HandOver(at=at, cause=cause, group=group)
        case foreign.IncidentPutOnHold(reason=reason):
            return HoldClocks(at=at, cause=cause, reason=reason, calendars=calendars)
        case foreign.IncidentResumed():
            return ResumeClocks(at=at, cause=cause, calendars=calendars)
        case foreign.CommentAdded(by_agent=True, automatic=False):
            return StopClocks(
                at=at, cause=cause, targets=frozenset({Target.FIRST_RESPONSE}), calendars=calendars
            )
        case foreign.CommentAdded():
            return None
        case foreign.IncidentResolved():
            return StopClocks(at=at, cause=cause, targets=frozenset(Target), calendars=calendars)
        case foreign.IncidentReopened():
            return ReopenClocks(at=at, cause=cause, calendars=calendars)
        case foreign.IncidentClosed():
            return FinaliseClocks(at=at, cause=cause, calendars=calendars)
        case foreign.IncidentCancelled(reason=reason):
            return CancelClocks(at=at, cause=cause, reason=reason)
        case _:
            assert_never(event)


def _start(event: foreign.IncidentLogged, ticket: str, cause: str, book: PolicyBook) -> StartClocks:
    subject = _subject(event, ticket)
    choice = book.choose(subject, event.time)
    return StartClocks(
        at=event.time,
        cause=cause,
        ticket=subject,
        promises=choice.promises,
        calendars=book.calendars,
        uncovered=choice.uncovered,
    )


def _promises(ticket: Ticket, at: datetime, book: PolicyBook) -> Mapping[Target, Promise]:
    return book.choose(ticket, at).promises


def _subject(event: foreign.IncidentLogged, ticket: str) -> Ticket:
    people = (event.caller, event.on_behalf_of)
    return Ticket(
        stream=ticket,
        number=event.number,
        priority=event.priority,
        organisation=event.organisation,
        service=event.service,
        people=tuple(dict.fromkeys(person for person in people if person)),
        restricted=event.restricted != "none",
    )


def timers_after(event: Recorded[ClockEvent]) -> Iterable[TimerChange]:
    """The timers that an event of a clock sets and clears.

    A stop or pause leaves those alone whose time had come before it. One that finds nothing left
    to do goes away by itself.
    """
    match event.fact:
        case ClockStopped(target=target, due_at=due, at=at) as fact if due and at and due >= at:
            yield from _due_timers(target, None, ())
            yield _warning_timer(target, fact.warnings, _depends(fact))
        case Moved(target=target, due_at=due) as fact:
            yield from _due_timers(target, due, _depends(fact))
            yield _warning_timer(target, fact.warnings, _depends(fact))
        case ClockWarned(target=target, warnings=warnings, ticket=ticket):
            yield _warning_timer(target, warnings, (ticket,))
        case ClockBreached(target=target):
            yield from _due_timers(target, None, ())


def _depends(fact: Moved) -> tuple[str, ...]:
    agreement, calendar = fact.promise.agreement.id, fact.promise.calendar.id
    return fact.ticket, f"agreement-{agreement}", f"calendar-{calendar}"


def _due_timers(
    target: Target, due: datetime | None, depends: tuple[str, ...]
) -> Iterable[TimerChange]:
    if due is None:
        yield ClearTimer(f"{target}:breach")
        yield ClearTimer(f"{target}:suspicion")
    else:
        yield SetTimer(f"{target}:breach", due, Basis.FRONTIER, depends)
        yield SetTimer(f"{target}:suspicion", due + SILENCE, Basis.DATABASE, depends)


def _warning_timer(
    target: Target, warnings: tuple[WarningAhead, ...], depends: tuple[str, ...]
) -> TimerChange:
    name = f"{target}:warning"
    return SetTimer(name, warnings[0].at, Basis.FRONTIER, depends) if warnings else ClearTimer(name)


def when_due(due: Due) -> ClockCommand:
    """What to do when a timer's time has come."""
    target, _, what = due.name.partition(":")
    match what:
        case "breach":
            return DeclareBreach(target=Target(target))
        case "suspicion":
            return SuspectBreach(target=Target(target))
        case _:
            return Warn(target=Target(target))
