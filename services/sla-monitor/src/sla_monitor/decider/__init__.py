"""What may happen to the clocks of a ticket, and what follows from what did."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, assert_never

from deskstream.decider import Decider, Occasion, Refusal
from sla_monitor.commands import (
    AnswerCustomer,
    ApplyPolicies,
    CancelClocks,
    ClockCommand,
    DeclareBreach,
    FinaliseClocks,
    HandOver,
    HearCustomer,
    HoldClocks,
    Reconsider,
    Refold,
    ReopenClocks,
    ResolveTicket,
    ResumeClocks,
    StartClocks,
    SuspectBreach,
    TicketCommand,
    Warn,
)
from sla_monitor.decider import choices, cycles, outcomes, refolding, ticket
from sla_monitor.decider.evolution import evolve
from sla_monitor.decider.state import Clock, Clocks
from sla_monitor.events import ClockEvent
from sla_monitor.terms import Phase

__all__ = ["CLOCKS", "Clock", "Clocks", "Phase", "decide", "evolve"]

NOT_FOLLOWED: Final = Refusal(
    "ticket-not-followed", "No clock was ever started for this ticket, so nothing can move one."
)


def decide(command: ClockCommand, when: Occasion, state: Clocks) -> Sequence[ClockEvent] | Refusal:
    """What follows from the command."""
    if isinstance(command, StartClocks):
        return cycles.open_ticket(command, state)
    if state.subject is None:
        return NOT_FOLLOWED
    match command:
        case Warn() | SuspectBreach() | DeclareBreach():
            return _time_has_come(command, when.now, state)
        case Refold():
            return refolding.refold(command, when.now, state)
        case ApplyPolicies():
            return choices.apply(command, when.now, state)
        case _:
            return _ticket_event(command, when.now, state)


def _ticket_event(  # noqa: C901, PLR0911  the table of contents of a ticket
    command: TicketCommand, now: datetime, state: Clocks
) -> Sequence[ClockEvent]:
    match command:
        case HandOver():
            return cycles.hand_over(command, now, state)
        case HoldClocks():
            return ticket.hold(command, now, state)
        case ResumeClocks():
            return ticket.resume(command, now, state)
        case HearCustomer():
            return cycles.want_answer(command, state)
        case AnswerCustomer():
            return ticket.answer(command, now, state)
        case ResolveTicket():
            return ticket.resolve(command, now, state)
        case ReopenClocks():
            return ticket.reopen(command, state)
        case FinaliseClocks():
            return ticket.close(command, now, state)
        case CancelClocks():
            return ticket.cancel(command, now, state)
        case Reconsider():
            return choices.reconsider(command, now, state)
        case _:
            message = f"{type(command).__name__} is no event of a ticket"
            raise TypeError(message)


def _time_has_come(
    command: Warn | SuspectBreach | DeclareBreach, now: datetime, state: Clocks
) -> Sequence[ClockEvent]:
    clock = state.clocks.get(command.target)
    if clock is None:
        return []
    match command:
        case Warn():
            return outcomes.warn(clock)
        case SuspectBreach():
            return outcomes.suspect(clock, now)
        case DeclareBreach():
            return outcomes.declare(clock, now)
        case _:
            assert_never(command)


CLOCKS: Final[Decider[ClockCommand, Clocks, ClockEvent]] = Decider(
    "clock", Clocks(), decide, evolve
)
