"""The clocks of one ticket, as their events leave them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from sla_monitor.events import (
    BreachCorrected,
    BreachSuspected,
    ClockBreached,
    ClockCancelled,
    ClockEvent,
    ClockFinalised,
    ClockPaused,
    ClockReopened,
    ClockResumed,
    ClockRetargeted,
    ClockStarted,
    ClockStopped,
    ClockWarned,
    Moved,
    SuspicionCleared,
    TicketHandedOver,
    TicketUncovered,
    WarningAhead,
)
from sla_monitor.terms import Fraction, Promise, Target, Ticket


class Phase(StrEnum):
    """What a clock is doing."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINAL = "final"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Move:
    """One turn in the course of a clock. `promise` is the new one, if it brought one."""

    to: Phase
    at: datetime
    cause: str
    promise: Promise | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """One cycle of one target of the ticket with this stream."""

    ticket: str
    target: Target
    cycle: int
    first_promise: Promise
    started_at: datetime
    started_by: str
    promise: Promise
    phase: Phase = Phase.RUNNING
    moves: tuple[Move, ...] = ()
    due_at: datetime | None = None
    warnings: tuple[WarningAhead, ...] = ()
    warned: frozenset[Fraction] = frozenset()
    suspected: bool = False
    breached_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether its time can still run."""
        return self.phase in {Phase.RUNNING, Phase.PAUSED}

    @property
    def last_moved_at(self) -> datetime:
        """When its course last turned."""
        return self.moves[-1].at if self.moves else self.started_at


@dataclass(frozen=True, slots=True)
class Clocks:
    """All clocks of a ticket. `subject` is None before the first fact."""

    subject: Ticket | None = None
    clocks: Mapping[Target, Clock] = field(default_factory=dict)

    def with_clock(self, clock: Clock) -> "Clocks":
        """The same with this clock instead of the former one of its target."""
        return replace(self, clocks={**self.clocks, clock.target: clock})


def evolve(state: Clocks, event: ClockEvent) -> Clocks:
    """The clocks after this fact."""
    match event:
        case ClockStarted(subject=subject):
            return replace(state, subject=subject).with_clock(_started(event))
        case TicketUncovered(subject=subject):
            return replace(state, subject=subject)
        case TicketHandedOver(group=group):
            return _described(state, group=group)
        case ClockRetargeted(priority=priority):
            turned = state.with_clock(_turned(state.clocks[event.target], event))
            return _described(turned, priority=priority)
        case _:
            return state.with_clock(_turned(state.clocks[event.target], event))


def _described(state: Clocks, **members: str | int) -> Clocks:
    if state.subject is None:
        return state
    return replace(state, subject=state.subject.model_copy(update=members))


def _started(event: ClockStarted) -> Clock:
    return Clock(
        event.ticket,
        event.target,
        event.cycle,
        event.promise,
        event.time,
        event.cause,
        event.promise,
        due_at=event.due_at,
        warnings=event.warnings,
    )


def _turned(  # noqa: C901, PLR0911, PLR0912  one line for each fact
    clock: Clock, event: ClockEvent
) -> Clock:
    match event:
        case ClockPaused():
            return _moved(clock, event, Phase.PAUSED)
        case ClockResumed() | ClockReopened():
            return _moved(clock, event, Phase.RUNNING)
        case ClockRetargeted(promise=promise):
            return _moved(clock, event, clock.phase, promise)
        case ClockStopped():
            return _moved(clock, event, Phase.STOPPED)
        case ClockFinalised():
            return replace(clock, phase=Phase.FINAL)
        case ClockCancelled(cause=cause):
            cancelled = Move(Phase.CANCELLED, event.time, cause)
            return replace(clock, phase=Phase.CANCELLED, moves=(*clock.moves, cancelled))
        case ClockWarned(fraction=fraction, warnings=warnings):
            return replace(clock, warned=clock.warned | {fraction}, warnings=warnings)
        case BreachSuspected():
            return replace(clock, suspected=True)
        case SuspicionCleared():
            return replace(clock, suspected=False)
        case ClockBreached(due_at=due_at):
            return replace(clock, suspected=False, breached_at=due_at)
        case BreachCorrected():
            return replace(clock, breached_at=None)
        case ClockStarted() | TicketUncovered() | TicketHandedOver():
            return clock
        case _:
            assert_never(event)


def _moved(clock: Clock, event: Moved, to: Phase, promise: Promise | None = None) -> Clock:
    move = Move(to, event.time, event.cause, promise)
    return replace(
        clock,
        phase=to,
        moves=(*clock.moves, move),
        promise=event.promise,
        due_at=event.due_at,
        warnings=event.warnings,
    )
