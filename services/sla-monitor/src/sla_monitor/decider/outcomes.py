"""What becomes of a clock: warned, breached, final, cancelled."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sla_monitor.commands import TicketCommand
from sla_monitor.decider.course import follow
from sla_monitor.decider.state import Clock
from sla_monitor.events import (
    BreachSuspected,
    ClockBreached,
    ClockCancelled,
    ClockEvent,
    ClockFinalised,
    ClockWarned,
    WarningAhead,
)


def warn(clock: Clock) -> Sequence[ClockEvent]:
    """The next warning. It is dated when its fraction was reached; a stop leaves none for later."""
    if not clock.warnings or clock.settled:
        return []
    return [_warned(clock, 0)]


def reached_before(clock: Clock, at: datetime, now: datetime) -> Sequence[ClockEvent]:
    """The warnings and the breach that came before this moment, however late they are noticed."""
    warned = [_warned(clock, nth) for nth, ahead in enumerate(clock.warnings) if ahead.at < at]
    due = _missed(clock)
    return [*warned, *(declare(clock, now) if due is not None and due < at else [])]


def suspect(clock: Clock, now: datetime) -> Sequence[ClockEvent]:
    """The due time is past by the clock on the wall."""
    if clock.suspected or (due := _missed(clock)) is None:
        return []
    return [BreachSuspected(at=due, due_at=due, detected_at=now, **of(clock))]


def declare(clock: Clock, now: datetime) -> Sequence[ClockEvent]:
    """The target was missed, for certain. It is dated when it was due."""
    if (due := _missed(clock)) is None:
        return []
    return [breached(clock, due, now)]


def breached(clock: Clock, due: datetime, now: datetime) -> ClockBreached:
    """The target was missed at this due time, which is noticed now."""
    late = (now - due).total_seconds()
    return ClockBreached(at=due, due_at=due, detected_at=now, late_by_seconds=late, **of(clock))


def finalise(clock: Clock, command: TicketCommand, now: datetime) -> Sequence[ClockEvent]:
    """The outcome stands for ever; what came before and was not noticed yet is told first."""
    if clock.settled:
        return []
    reached = reached_before(clock, command.at, now)
    missed = clock.breached_at is not None or any(isinstance(one, ClockBreached) for one in reached)
    watch = follow(clock, command.book.calendars)
    final = ClockFinalised(
        at=command.at,
        cause=command.cause,
        met=not missed,
        elapsed_seconds=watch.elapsed(command.at).total_seconds(),
        **of(clock),
    )
    return [*reached, final]


def cancel(
    clock: Clock, command: TicketCommand, now: datetime, reason: str
) -> Sequence[ClockEvent]:
    """There is nothing to be done any more; what was breached before stands."""
    if clock.settled:
        return []
    reached = reached_before(clock, command.at, now)
    return [*reached, cancelled(clock, command.at, command.cause, reason)]


def cancelled(clock: Clock, at: datetime, cause: str, reason: str) -> ClockCancelled:
    """It counts neither as met nor as breached."""
    return ClockCancelled(at=at, cause=cause, reason=reason, **of(clock))


def of(clock: Clock) -> dict[str, Any]:
    """The members by which a fact says which clock it is about."""
    return {"ticket": clock.ticket, "target": clock.target, "cycle": clock.cycle}


def _warned(clock: Clock, nth: int) -> ClockWarned:
    ahead: WarningAhead = clock.warnings[nth]
    return ClockWarned(
        at=ahead.at,
        fraction=ahead.fraction,
        before=ahead.before,
        due_at=clock.due_at,
        warnings=clock.warnings[nth + 1 :],
        **of(clock),
    )


def _missed(clock: Clock) -> datetime | None:
    """The due time that nothing came in time for; None if it was told already, or was met."""
    if clock.breached_at is not None or clock.due_at is None or clock.settled:
        return None
    stopped = not clock.open and clock.last_moved_at <= clock.due_at
    return None if stopped else clock.due_at
