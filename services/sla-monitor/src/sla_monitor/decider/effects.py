"""What facts that are not told yet would do to clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sla_monitor.decider.state import Clock, Clocks
from sla_monitor.decider.turns import then
from sla_monitor.events import ClockEvent, ClockFact
from sla_monitor.terms import Phase, Promise, Target


class Kind(StrEnum):
    """What becomes of a clock."""

    EARLIER = "earlier"
    AT_ONCE = "at_once"
    LATER = "later"
    STARTED = "started"
    CANCELLED = "cancelled"
    SAME = "same"
    """Another promise counts, and the due time is the same, or is not known while it is paused."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of one clock, and the promise that it has then."""

    target: Target
    effect: Kind
    was_due_at: datetime | None
    due_at: datetime | None
    promise: Promise | None


def effects(state: Clocks, facts: Sequence[ClockEvent], now: datetime) -> list[Effect]:
    """What becomes of each clock that these facts are about."""
    after = then(state, facts)
    found = []
    for target in dict.fromkeys(one.target for one in facts if isinstance(one, ClockFact)):
        before, clock = state.clocks.get(target), after.clocks[target]
        gone = clock.phase is Phase.CANCELLED
        found.append(
            Effect(
                target,
                _kind(before, clock, now),
                before.due_at if before else None,
                None if gone else clock.due_at,
                None if gone else clock.promise,
            )
        )
    return found


def _kind(before: Clock | None, clock: Clock, now: datetime) -> Kind:
    if clock.phase is Phase.CANCELLED:
        return Kind.CANCELLED
    if before is None or before.cycle < clock.cycle:
        return Kind.STARTED
    if before.due_at is None or clock.due_at is None or before.due_at == clock.due_at:
        return Kind.SAME
    if before.due_at < clock.due_at:
        return Kind.LATER
    return Kind.AT_ONCE if clock.due_at <= now else Kind.EARLIER
