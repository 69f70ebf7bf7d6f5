"""What becomes of a clock: warned, breached, final, cancelled."""

from collections.abc import Sequence
from datetime import datetime

from sla_monitor.commands import FinaliseClocks
from sla_monitor.decider.course import follow
from sla_monitor.decider.state import Clock, Phase
from sla_monitor.events import (
    BreachSuspected,
    ClockBreached,
    ClockCancelled,
    ClockEvent,
    ClockFinalised,
    ClockWarned,
)

SETTLED = frozenset({Phase.FINAL, Phase.CANCELLED})


def warn(clock: Clock) -> Sequence[ClockEvent]:
    """The next warning. It is dated when its fraction was reached, and never after the stop."""
    if not clock.warnings:
        return []
    now, *later = clock.warnings
    if not clock.open and now.at >= clock.last_moved_at:
        return []
    return [
        ClockWarned(
            at=now.at,
            ticket=clock.ticket,
            target=clock.target,
            cycle=clock.cycle,
            fraction=now.fraction,
            due_at=clock.due_at,
            warnings=tuple(later),
        )
    ]


def reached_before(clock: Clock, at: datetime, now: datetime) -> Sequence[ClockEvent]:
    """The warnings and the breach that came before this moment, however late they are noticed."""
    warned = [
        ClockWarned(
            at=ahead.at,
            ticket=clock.ticket,
            target=clock.target,
            cycle=clock.cycle,
            fraction=ahead.fraction,
            due_at=clock.due_at,
            warnings=clock.warnings[nth:],
        )
        for nth, ahead in enumerate(clock.warnings, 1)
        if ahead.at < at
    ]
    due = _missed(clock)
    return [*warned, *(declare(clock, now) if due is not None and due < at else [])]


def suspect(clock: Clock, now: datetime) -> Sequence[ClockEvent]:
    """The due time is past by the clock on the wall."""
    if clock.suspected or (due := _missed(clock)) is None:
        return []
    return [
        BreachSuspected(
            at=due,
            ticket=clock.ticket,
            target=clock.target,
            cycle=clock.cycle,
            due_at=due,
            detected_at=now,
        )
    ]


def declare(clock: Clock, now: datetime) -> Sequence[ClockEvent]:
    """The target was missed, for certain. It is dated when it was due."""
    if (due := _missed(clock)) is None:
        return []
    return [
        ClockBreached(
            at=due,
            ticket=clock.ticket,
            target=clock.target,
            cycle=clock.cycle,
            due_at=due,
            detected_at=now,
            late_by_seconds=(now - due).total_seconds(),
        )
    ]


def _missed(clock: Clock) -> datetime | None:
    """The due time that nothing came in time for; None if it was told already, or was met."""
    if clock.breached_at is not None or clock.due_at is None:
        return None
    stopped = not clock.open and clock.last_moved_at <= clock.due_at
    return None if stopped else clock.due_at


def finalise(clock: Clock, command: FinaliseClocks) -> Sequence[ClockEvent]:
    """The outcome at the closure stands for ever."""
    if clock.phase in SETTLED:
        return []
    watch = follow(clock, command.calendars)
    return [
        ClockFinalised(
            at=command.at,
            ticket=clock.ticket,
            target=clock.target,
            cycle=clock.cycle,
            cause=command.cause,
            met=clock.breached_at is None and not watch.breached(command.at),
            elapsed_seconds=watch.elapsed(command.at).total_seconds(),
        )
    ]


def cancelled(clock: Clock, at: datetime, cause: str, reason: str) -> Sequence[ClockEvent]:
    """There is nothing to be done any more; what was breached before stands."""
    if clock.phase in SETTLED:
        return []
    return [
        ClockCancelled(
            at=at,
            ticket=clock.ticket,
            target=clock.target,
            cycle=clock.cycle,
            cause=cause,
            reason=reason,
        )
    ]
