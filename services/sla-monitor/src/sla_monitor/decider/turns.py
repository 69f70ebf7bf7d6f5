"""How the events of a ticket turn the course of its clocks."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import reduce
from typing import Any

from deskstream.decider import Occasion
from sla_monitor.commands import (
    Calendars,
    HoldClocks,
    ReopenClocks,
    RetargetClocks,
    StartClocks,
    StopClocks,
)
from sla_monitor.decider.course import follow, start, turn, warnings_to_come
from sla_monitor.decider.outcomes import cancelled, reached_before
from sla_monitor.decider.state import Clock, Clocks, Move, Phase, evolve
from sla_monitor.events import (
    BreachCorrected,
    ClockEvent,
    ClockPaused,
    ClockReopened,
    ClockResumed,
    ClockRetargeted,
    ClockStarted,
    ClockStopped,
    SuspicionCleared,
    TicketUncovered,
)
from sla_monitor.terms import Promise, Target, Ticket


def start_clocks(command: StartClocks, state: Clocks) -> Sequence[ClockEvent]:
    """One clock for each promise. What is followed already is left alone."""
    if state.subject is not None:
        return []
    ticket, at, cause = command.ticket, command.at, command.cause
    if not command.promises:
        because = command.uncovered or f"the agreement has no row for priority {ticket.priority}"
        return [TicketUncovered(at=at, subject=ticket, cause=cause, because=because)]
    return [
        _started(ticket, target, promise, at, cause, command.calendars)
        for target, promise in command.promises.items()
    ]


def _started(
    ticket: Ticket,
    target: Target,
    promise: Promise,
    at: datetime,
    cause: str,
    calendars: Calendars,
    cycle: int = 1,
) -> ClockStarted:
    watch = start(promise, at, calendars)
    return ClockStarted(
        at=at,
        ticket=ticket.stream,
        target=target,
        cycle=cycle,
        cause=cause,
        due_at=watch.due,
        warnings=warnings_to_come(watch, promise, frozenset()),
        subject=ticket,
        promise=promise,
    )


def hold(clock: Clock, command: HoldClocks) -> Sequence[ClockEvent]:
    """A reason that the agreement names pauses; another one lets a paused clock run again."""
    pauses = command.reason in clock.promise.pauses_on
    if pauses and clock.phase is Phase.RUNNING:
        move = Move(Phase.PAUSED, command.at, command.cause)
        return _turned(clock, move, command.calendars, ClockPaused, reason=command.reason)
    if not pauses:
        return resume(clock, command.at, command.cause, command.calendars)
    return []


def resume(clock: Clock, at: datetime, cause: str, calendars: Calendars) -> Sequence[ClockEvent]:
    """A paused clock runs on."""
    if clock.phase is not Phase.PAUSED:
        return []
    return _turned(clock, Move(Phase.RUNNING, at, cause), calendars, ClockResumed)


def stop(clock: Clock, command: StopClocks) -> Sequence[ClockEvent]:
    """What was promised is done, in time or not."""
    if not clock.open or clock.target not in command.targets:
        return []
    move = Move(Phase.STOPPED, command.at, command.cause)
    elapsed = follow(clock, command.calendars).elapsed(command.at).total_seconds()
    return _turned(clock, move, command.calendars, ClockStopped, elapsed_seconds=elapsed)


def reopen(command: ReopenClocks, state: Clocks) -> Sequence[ClockEvent]:
    """The resolution clock goes on; when its outcome was final, its next cycle begins."""
    clock = state.clocks.get(Target.RESOLUTION)
    if clock is None or state.subject is None:
        return []
    at, cause, calendars = command.at, command.cause, command.calendars
    match clock.phase:
        case Phase.FINAL:
            cycle = clock.cycle + 1
            return [
                _started(state.subject, clock.target, clock.promise, at, cause, calendars, cycle)
            ]
        case Phase.STOPPED:
            return _turned(clock, Move(Phase.RUNNING, at, cause), calendars, ClockReopened)
        case _:
            return []


def retarget(command: RetargetClocks, when: Occasion, state: Clocks) -> Sequence[ClockEvent]:
    """Another promise counts from here on; the time used so far is carried over."""
    if state.subject is None:
        return []
    ticket = state.subject.model_copy(update={"priority": command.priority})
    promises = command.choose(ticket)
    facts: list[ClockEvent] = []
    for clock in state.clocks.values():
        promise = promises.get(clock.target)
        if clock.open and promise != clock.promise:
            # What came before belongs to the old promise.
            reached = reached_before(clock, command.at, when.now)
            then = reduce(evolve, reached, state).clocks[clock.target]
            facts += [*reached, *_retargeted(then, promise, command)]
    return facts


def _retargeted(
    clock: Clock, promise: Promise | None, command: RetargetClocks
) -> Sequence[ClockEvent]:
    if promise is None:
        reason = f"nothing is promised at priority {command.priority}"
        return cancelled(clock, command.at, command.cause, reason)
    move = Move(clock.phase, command.at, command.cause, promise)
    return _turned(clock, move, command.calendars, ClockRetargeted, priority=command.priority)


def _turned(
    clock: Clock,
    move: Move,
    calendars: Calendars,
    fact: Callable[..., ClockEvent],
    **members: Any,  # noqa: ANN401  the members of `fact`
) -> Sequence[ClockEvent]:
    """The fact of this move, after what it shows of a breach that was told or suspected."""
    promise = move.promise or clock.promise
    watch = turn(follow(clock, calendars), move, calendars)
    moved = fact(
        at=move.at,
        ticket=clock.ticket,
        target=clock.target,
        cycle=clock.cycle,
        cause=move.cause,
        promise=promise,
        due_at=watch.due,
        warnings=warnings_to_come(watch, promise, clock.warned),
        **members,
    )
    return [*_acquittal(clock, move), moved]


def _acquittal(clock: Clock, move: Move) -> Sequence[ClockEvent]:
    """A move not later than the due time shows that the target was not missed then."""
    ticket, target, cycle, cause = clock.ticket, clock.target, clock.cycle, move.cause
    if clock.breached_at is not None and move.at <= clock.breached_at:
        return [
            BreachCorrected(
                at=move.at,
                ticket=ticket,
                target=target,
                cycle=cycle,
                cause=cause,
                was_due_at=clock.breached_at,
            )
        ]
    if clock.suspected and clock.due_at is not None and move.at <= clock.due_at:
        return [
            SuspicionCleared(at=move.at, ticket=ticket, target=target, cycle=cycle, cause=cause)
        ]
    return []
