"""How each fact changes what is known of a ticket's clocks."""

from dataclasses import replace
from typing import Any, assert_never

from sla_monitor.decider.state import Clock, Clocks, Order, warning_key
from sla_monitor.events import (
    BreachCorrected,
    BreachSuspected,
    ClockBreached,
    ClockCancelled,
    ClockEvent,
    ClockFact,
    ClockFinalised,
    ClockPaused,
    ClockRefolded,
    ClockReopened,
    ClockResumed,
    ClockRetargeted,
    ClockStarted,
    ClockStopped,
    ClockWarned,
    Moved,
    OutcomeCorrected,
    SuspicionCleared,
    TicketAnswered,
    TicketHandedOver,
    TicketReconsidered,
    TicketTurned,
    TicketUncovered,
)
from sla_monitor.terms import TO_CUSTOMERS, Move, Phase, Target, Ticket


def evolve(state: Clocks, event: ClockEvent) -> Clocks:
    """The clocks after this fact."""
    if not isinstance(event, ClockFact):
        return _ticket(state, event)
    if isinstance(event, ClockStarted):
        begun = state if state.subject else _opened(state, event, event.subject)
        uncovered = None if event.target in TO_CUSTOMERS else begun.uncovered
        return replace(begun, uncovered=uncovered).with_clock(_started(event))
    if isinstance(event, ClockStopped) and event.target is Target.FIRST_RESPONSE:
        state = replace(state, answered=True)
    if isinstance(event, ClockRetargeted) and state.subject is not None:
        subject = state.subject.model_copy(update={"priority": event.priority})
        state = replace(state, subject=subject)
    return state.with_clock(_turned(state.clocks[event.target], event))


def _ticket(
    state: Clocks,
    event: TicketUncovered | TicketHandedOver | TicketTurned | TicketAnswered | TicketReconsidered,
) -> Clocks:
    match event:
        case TicketUncovered(subject=subject, because=because):
            known = state if state.subject else _opened(state, event, subject)
            return replace(known, uncovered=because)
        case TicketHandedOver(group=group):
            held = state.subject.model_copy(update={"group": group}) if state.subject else None
            return replace(state, subject=held)
        case TicketTurned(to=to, reason=reason, supplier=supplier):
            return replace(state, standing=to, waits_for=reason, supplier=supplier)
        case TicketAnswered():
            return replace(state, answered=True)
        case TicketReconsidered(applied=str(policy), rebase=rebase, cause=cause):
            order = Order(event.time, cause, policy, rebase)
            return replace(state, orders=(*state.orders, order))
        case TicketReconsidered(subject=subject):
            return replace(state, subject=subject, chosen_at=event.time)
        case _:
            assert_never(event)


def _opened(state: Clocks, event: ClockStarted | TicketUncovered, subject: Ticket) -> Clocks:
    opened_at = subject.opened_at or event.time
    return replace(state, subject=subject, opened_at=opened_at, chosen_at=opened_at)


def _started(event: ClockStarted) -> Clock:
    return Clock(
        event.ticket,
        event.target,
        event.cycle,
        event.promise,
        event.time,
        event.cause,
        event.promise,
        event.time,
        event.candidates,
        due_at=event.due_at,
        warnings=event.warnings,
    )


def _turned(  # noqa: C901, PLR0911, PLR0912  one line for each fact
    clock: Clock, event: ClockFact
) -> Clock:
    match event:
        case ClockPaused():
            return _moved(clock, event, Phase.PAUSED)
        case ClockResumed() | ClockReopened():
            return _moved(clock, event, Phase.RUNNING)
        case ClockRetargeted():
            return _retargeted(clock, event)
        case ClockRefolded():
            return _refolded(clock, event)
        case ClockStopped():
            return _moved(clock, event, Phase.STOPPED)
        case ClockFinalised(met=met):
            return replace(clock, phase=Phase.FINAL, met=met, ended_at=event.time)
        case OutcomeCorrected(met=met):
            return replace(clock, would_be_met=met)
        case ClockCancelled(cause=cause):
            cancelled = Move(to=Phase.CANCELLED, at=event.time, cause=cause)
            moves = (*clock.moves, cancelled)
            return replace(clock, phase=Phase.CANCELLED, moves=moves, ended_at=event.time)
        case ClockWarned(fraction=fraction, before=before, warnings=warnings):
            warned = clock.warned | {warning_key(fraction, before)}
            return replace(clock, warned=warned, warnings=warnings)
        case BreachSuspected():
            return replace(clock, suspected=True)
        case SuspicionCleared():
            return replace(clock, suspected=False)
        case ClockBreached(due_at=due_at):
            return replace(clock, suspected=False, breached_at=due_at)
        case BreachCorrected():
            return replace(clock, breached_at=None)
        case _:
            message = f"{type(event).__name__} turns no clock"
            raise TypeError(message)


def _moved(clock: Clock, event: Moved, to: Phase) -> Clock:
    move = Move(to=to, at=event.time, cause=event.cause)
    return _due(clock, event, phase=to, moves=(*clock.moves, move))


def _retargeted(clock: Clock, event: ClockRetargeted) -> Clock:
    move = Move(
        to=clock.phase,
        at=event.time,
        cause=event.cause,
        promise=event.promise,
        rebase=event.rebase,
    )
    return _due(
        clock,
        event,
        moves=(*clock.moves, move),
        chosen_at=event.time,
        candidates=event.candidates or clock.candidates,
    )


def _refolded(clock: Clock, event: ClockRefolded) -> Clock:
    return _due(
        clock,
        event,
        first_promise=event.first_promise,
        started_at=event.started_at,
        started_by=event.started_by,
        moves=event.moves,
        phase=event.phase,
        candidates=event.candidates,
        chosen_at=max([event.started_at, *(one.at for one in event.moves if one.promise)]),
    )


def _due(clock: Clock, event: Moved, **changes: Any) -> Clock:  # noqa: ANN401  members of a clock
    promise, due_at, warnings = event.promise, event.due_at, event.warnings
    return replace(clock, promise=promise, due_at=due_at, warnings=warnings, **changes)
