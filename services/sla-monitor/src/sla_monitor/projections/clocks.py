"""A row for each cycle of each clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deskstream.database import Connection
from deskstream.envelope import Recorded
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
    OutcomeCorrected,
    SuspicionCleared,
    TicketHandedOver,
    TicketReconsidered,
)
from sla_monitor.projections.rounds import Change, carry_out
from sla_monitor.terms import Phase, Promise, Ticket

START = """
INSERT INTO clocks (stream, clocks, ticket, number, target, cycle, phase, priority, service,
                    agreement, agreement_version, calendar, seconds, started_at, due_at,
                    organisation, people, held_by, restricted, kind, source)
VALUES ($1, $2, $3, $4, $5, $6, 'running', $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
        $19, $20)
ON CONFLICT (stream) DO NOTHING
"""
HAND_OVER = """
UPDATE clocks SET held_by = $2 WHERE clocks = $1 AND phase NOT IN ('final', 'cancelled')
"""
RECONSIDER = """
UPDATE clocks SET priority = $2, service = $3, organisation = $4, kind = $5
WHERE clocks = $1 AND phase NOT IN ('final', 'cancelled')
"""
END = """
UPDATE clocks SET phase = $2, met = $3, ended_at = coalesce(stopped_at, $4),
    elapsed_seconds = coalesce($5, elapsed_seconds)
WHERE stream = $1
"""


@dataclass(frozen=True)
class ClockRows:
    """The cycles of the clocks."""

    name: str = "clocks"
    tables: tuple[str, ...] = ("clocks",)

    async def apply(self, connection: Connection, events: Sequence[Recorded[ClockEvent]]) -> None:
        """Take the events in."""
        await carry_out(connection, filter(None, map(_changed, events)))


def _changed(event: Recorded[ClockEvent]) -> Change | None:
    stream = event.stream
    match event.fact:
        case ClockStarted() as fact:
            return Change(stream, START, _row(stream, fact))
        case TicketHandedOver(group=group):
            return Change(stream, HAND_OVER, (stream, group))
        case TicketReconsidered(subject=ticket):
            return Change(stream, RECONSIDER, (stream, *_described(ticket)))
        case ClockFinalised() | ClockCancelled() as fact:
            return Change(stream, END, (_key(stream, fact), *_end(fact)))
        case ClockFact() as fact:
            return _update(stream, _key(stream, fact), _changes(fact))
        case _:
            return None


def _key(stream: str, fact: ClockFact) -> str:
    first = f"{stream}/{fact.target}"
    return first if fact.cycle == 1 else f"{first}/{fact.cycle}"


def _row(stream: str, fact: ClockStarted) -> tuple[Any, ...]:
    ticket, promise = fact.subject, fact.promise
    return (
        _key(stream, fact),
        stream,
        ticket.stream,
        ticket.number,
        fact.target,
        fact.cycle,
        ticket.priority,
        ticket.service,
        promise.agreement.id,
        promise.agreement.version,
        promise.calendar.id,
        promise.seconds,
        fact.time,
        fact.due_at,
        ticket.organisation,
        list(ticket.people),
        ticket.group,
        ticket.restricted,
        ticket.kind,
        ticket.source,
    )


def _described(ticket: Ticket) -> tuple[Any, ...]:
    return ticket.priority, ticket.service, ticket.organisation, ticket.kind


def _end(fact: ClockFinalised | ClockCancelled) -> tuple[Any, ...]:
    if isinstance(fact, ClockFinalised):
        return Phase.FINAL, fact.met, fact.time, fact.elapsed_seconds
    return Phase.CANCELLED, None, fact.time, None


def _update(stream: str, key: str, columns: dict[str, Any]) -> Change:
    places = ", ".join(f"{name} = ${nth}" for nth, name in enumerate(columns, start=2))
    sql = f"UPDATE clocks SET {places} WHERE stream = $1"  # noqa: S608  names from the code below
    return Change(stream, sql, (key, *columns.values()))


def _changes(fact: ClockFact) -> dict[str, Any]:  # noqa: C901, PLR0911  one line for each fact
    match fact:
        case ClockPaused(due_at=due):
            return {"phase": Phase.PAUSED, "due_at": due}
        case ClockResumed(due_at=due) | ClockReopened(due_at=due):
            return {"phase": Phase.RUNNING, "due_at": due, "stopped_at": None}
        case ClockRetargeted(due_at=due, promise=promise, priority=priority):
            return {"due_at": due, "priority": priority, **_promised(promise)}
        case ClockRefolded():
            return _refolded(fact)
        case ClockStopped(due_at=due, elapsed_seconds=elapsed):
            stopped = {"stopped_at": fact.time, "elapsed_seconds": elapsed}
            return {"phase": Phase.STOPPED, "due_at": due, **stopped}
        case OutcomeCorrected(met=met):
            return {"would_be_met": met}
        case ClockWarned(fraction=fraction):
            return {"warned": fraction}
        case BreachSuspected():
            return {"suspected": True}
        case SuspicionCleared():
            return {"suspected": False}
        case ClockBreached(due_at=due, late_by_seconds=late):
            return {"suspected": False, "breached_at": due, "late_by_seconds": late}
        case BreachCorrected():
            return {"breached_at": None, "late_by_seconds": None}
        case _:
            message = f"{type(fact).__name__} has no row"
            raise TypeError(message)


def _promised(promise: Promise) -> dict[str, Any]:
    return {
        "agreement": promise.agreement.id,
        "agreement_version": promise.agreement.version,
        "calendar": promise.calendar.id,
        "seconds": promise.seconds,
    }


def _refolded(fact: ClockRefolded) -> dict[str, Any]:
    stopped = fact.phase is Phase.STOPPED
    return {
        "phase": fact.phase,
        "due_at": fact.due_at,
        "started_at": fact.started_at,
        "stopped_at": fact.moves[-1].at if stopped else None,
        "elapsed_seconds": fact.elapsed_seconds,
        "ended_at": None,
        **_promised(fact.promise),
    }
