"""What follows when a policy becomes known that held before the clocks were started."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sla_monitor.commands import Refold
from sla_monitor.decider.course import follow, warnings_to_come
from sla_monitor.decider.outcomes import breached, cancelled, of
from sla_monitor.decider.state import Clock, Clocks
from sla_monitor.events import (
    BreachCorrected,
    ClockEvent,
    ClockFact,
    ClockRefolded,
    OutcomeCorrected,
    SuspicionCleared,
    TicketUncovered,
)
from sla_monitor.terms import Phase, Target


@dataclass(frozen=True, slots=True)
class Retold:
    """A ticket's whole life, reckoned from the beginning by the policies that are known now."""

    state: Clocks
    facts: tuple[ClockEvent, ...]


def refold(command: Refold, now: datetime, state: Clocks) -> Sequence[ClockEvent]:
    """Clocks that differ from what they would be follow; what is final is not touched."""
    told: Retold = command.told
    facts: list[ClockEvent] = []
    if told.state.uncovered is not None and state.uncovered is None:
        facts += [fact for fact in told.facts if isinstance(fact, TicketUncovered)][-1:]
    for target in Target:
        facts += _refold_one(target, command, now, state)
    return facts


def _refold_one(
    target: Target, command: Refold, now: datetime, state: Clocks
) -> Sequence[ClockEvent]:
    told: Retold = command.told
    mine, other = state.clocks.get(target), told.state.clocks.get(target)
    if mine is None:
        return _cycles_after(0, target, told)
    if other is None or (other.phase is Phase.CANCELLED and mine.open):
        at = mine.last_moved_at
        gone = f"nothing is promised for it, because {command.because}"
        return [] if mine.settled else [cancelled(mine, at, command.cause, gone)]
    if mine.phase is Phase.FINAL:
        return [*_judged_again(mine, other, command), *_cycles_after(mine.cycle, target, told)]
    if mine.course == other.course or (mine.phase is Phase.CANCELLED and not other.open):
        return []
    return [*_breach_again(mine, other, command, now), _refolded(mine, other, command)]


def _cycles_after(cycle: int, target: Target, told: Retold) -> Sequence[ClockEvent]:
    """Clocks that were never started are told as they would have been told then."""
    return [
        fact
        for fact in told.facts
        if isinstance(fact, ClockFact) and fact.target is target and fact.cycle > cycle
    ]


def _judged_again(mine: Clock, other: Clock, command: Refold) -> Sequence[ClockEvent]:
    known = mine.met if mine.would_be_met is None else mine.would_be_met
    if other.cycle != mine.cycle or other.met is None or other.met == known:
        return []
    return [
        OutcomeCorrected(cause=command.cause, because=command.because, met=other.met, **of(mine))
    ]


def _breach_again(
    mine: Clock, other: Clock, command: Refold, now: datetime
) -> Sequence[ClockEvent]:
    """A breach that stands nowhere in the new course is corrected; one that was missed is told."""
    due = other.breached_at or other.due_at
    facts: list[ClockEvent] = []
    if mine.breached_at is not None and (due is None or due > mine.breached_at):
        at, cause = mine.breached_at, command.cause
        facts.append(BreachCorrected(at=at, cause=cause, was_due_at=at, **of(mine)))
    elif mine.suspected:
        facts.append(SuspicionCleared(cause=command.cause, **of(mine)))
    breach_stands = mine.breached_at is not None and not facts
    if other.breached_at is not None and not breach_stands:
        facts.append(breached(mine, other.breached_at, now))
    return facts


def _refolded(mine: Clock, other: Clock, command: Refold) -> ClockRefolded:
    watch = follow(other, command.book.calendars)
    stopped = None if other.open else watch.banked.total_seconds()
    return ClockRefolded(
        cause=command.cause,
        because=command.because,
        promise=other.promise,
        due_at=watch.due,
        warnings=warnings_to_come(watch, other.promise, mine.warned),
        tzdata=command.book.tzdata,
        first_promise=other.first_promise,
        started_at=other.started_at,
        started_by=other.started_by,
        moves=other.moves,
        phase=other.phase,
        elapsed_seconds=stopped,
        candidates=other.candidates,
        **of(mine),
    )
