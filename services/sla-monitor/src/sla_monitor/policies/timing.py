"""Which timers a clock's fact sets, and what to do when one is due."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from deskstream.envelope import LIVE, Recorded
from deskstream.timer import Basis, ClearTimer, Due, SetTimer, TimerChange
from sla_monitor.commands import ClockCommand, DeclareBreach, SuspectBreach, Warn
from sla_monitor.events import (
    ClockBreached,
    ClockCancelled,
    ClockEvent,
    ClockFinalised,
    ClockRefolded,
    ClockStopped,
    ClockWarned,
    Moved,
    WarningAhead,
)
from sla_monitor.terms import Target

SILENCE: Final = timedelta(seconds=2)
"""How long a ticket's service may be silent after a due time before a breach is suspected."""


def timers_after(event: Recorded[ClockEvent]) -> Iterable[TimerChange]:
    """The timers that an event of a clock sets and clears.

    A stop or pause leaves those alone whose time had come before it. One that finds nothing left
    to do goes away by itself.
    """
    match event.fact:
        case ClockFinalised(target=target) | ClockCancelled(target=target):
            yield from _due_timers(target, None, ())
            yield ClearTimer(f"{target}:warning")
        case ClockRefolded(target=target, due_at=due) as fact if _met(fact):
            yield from _due_timers(target, None, ())
            yield _warning_timer(target, fact.warnings, _depends(fact))
        case ClockStopped(target=target, due_at=due, at=at) as fact if due and at and due >= at:
            yield from _due_timers(target, None, ())
            yield _warning_timer(target, fact.warnings, _depends(fact))
        case Moved(target=target, due_at=due) as fact:
            yield from _due_timers(target, due, _depends(fact), event.origin.source)
            yield _warning_timer(target, fact.warnings, _depends(fact))
        case ClockWarned(target=target, warnings=warnings, ticket=ticket):
            yield _warning_timer(target, warnings, (ticket,))
        case ClockBreached(target=target):
            yield from _due_timers(target, None, ())


def _met(fact: ClockRefolded) -> bool:
    stopped = fact.elapsed_seconds is not None and fact.moves
    return bool(stopped and fact.due_at is not None and fact.due_at >= fact.moves[-1].at)


def _depends(fact: Moved) -> tuple[str, ...]:
    agreement, calendar = fact.promise.agreement.id, fact.promise.calendar.id
    return fact.ticket, f"agreement-{agreement}", f"calendar-{calendar}"


def _due_timers(
    target: Target, due: datetime | None, depends: tuple[str, ...], source: str = LIVE
) -> Iterable[TimerChange]:
    if due is None:
        yield ClearTimer(f"{target}:breach")
        yield ClearTimer(f"{target}:suspicion")
        return
    yield SetTimer(f"{target}:breach", due, Basis.FRONTIER, depends)
    if source == LIVE:  # a history that is told afterwards is never merely silent
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
