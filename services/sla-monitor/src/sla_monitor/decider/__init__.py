"""What may happen to the clocks of a ticket, and what follows from what did."""

from collections.abc import Sequence
from typing import Final, assert_never

from deskstream.decider import Decider, Occasion, Refusal
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
from sla_monitor.decider import outcomes, turns
from sla_monitor.decider.state import Clock, Clocks, Phase, evolve
from sla_monitor.events import ClockEvent, TicketHandedOver

__all__ = ["CLOCKS", "Clock", "Clocks", "Phase", "decide", "evolve"]

NOT_FOLLOWED: Final = Refusal(
    "ticket-not-followed", "No clock was ever started for this ticket, so nothing can move one."
)


def decide(command: ClockCommand, when: Occasion, state: Clocks) -> Sequence[ClockEvent] | Refusal:
    """What follows from the command."""
    if isinstance(command, StartClocks):
        return turns.start_clocks(command, state)
    if state.subject is None:
        return NOT_FOLLOWED
    if isinstance(command, HandOver):
        return _hand_over(command, state)
    if isinstance(command, ReopenClocks):
        return turns.reopen(command, state)
    if isinstance(command, RetargetClocks):
        return turns.retarget(command, when, state)
    return [fact for clock in state.clocks.values() for fact in _decide_one(command, when, clock)]


def _decide_one(  # noqa: PLR0911  the table of contents of a clock
    command: HoldClocks
    | ResumeClocks
    | StopClocks
    | FinaliseClocks
    | CancelClocks
    | Warn
    | SuspectBreach
    | DeclareBreach,
    when: Occasion,
    clock: Clock,
) -> Sequence[ClockEvent]:
    match command:
        case HoldClocks():
            return turns.hold(clock, command)
        case ResumeClocks(at=at, cause=cause, calendars=calendars):
            return turns.resume(clock, at, cause, calendars)
        case StopClocks():
            return turns.stop(clock, command)
        case FinaliseClocks():
            return outcomes.finalise(clock, command)
        case CancelClocks(at=at, cause=cause, reason=reason):
            return outcomes.cancelled(clock, at, cause, reason)
        case Warn(target=target):
            return outcomes.warn(clock) if clock.target is target else []
        case SuspectBreach(target=target):
            return outcomes.suspect(clock, when.now) if clock.target is target else []
        case DeclareBreach(target=target):
            return outcomes.declare(clock, when.now) if clock.target is target else []
        case _:
            assert_never(command)


def _hand_over(command: HandOver, state: Clocks) -> Sequence[ClockEvent]:
    if state.subject is None or state.subject.group == command.group:
        return []
    ticket = state.subject.stream
    return [
        TicketHandedOver(at=command.at, ticket=ticket, group=command.group, cause=command.cause)
    ]


CLOCKS: Final[Decider[ClockCommand, Clocks, ClockEvent]] = Decider(
    "clock", Clocks(), decide, evolve
)
