"""The rows that are made of the events of clocks, and the local copies of policies."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deskstream.cloudevent import Message
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
    ClockReopened,
    ClockResumed,
    ClockRetargeted,
    ClockStarted,
    ClockStopped,
    ClockWarned,
    SuspicionCleared,
    TicketHandedOver,
    TicketUncovered,
)
from sla_monitor.foreign import POLICIES, AgreementTerminated, Defined
from sla_monitor.terms import Ticket

FOLLOW = """
INSERT INTO tickets (stream, ticket, number, kind, priority, service, uncovered, organisation,
                     people, held_by, restricted)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (stream) DO NOTHING
"""
START = """
INSERT INTO clocks (stream, clocks, ticket, number, target, cycle, phase, priority, service,
                    agreement, seconds, started_at, due_at, organisation, people, held_by,
                    restricted)
VALUES ($1, $2, $3, $4, $5, $6, 'running', $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (stream) DO UPDATE SET
    cycle = excluded.cycle, phase = excluded.phase, priority = excluded.priority,
    agreement = excluded.agreement, seconds = excluded.seconds,
    started_at = excluded.started_at, due_at = excluded.due_at, warned = NULL,
    suspected = false, breached_at = NULL, stopped_at = NULL, elapsed_seconds = NULL, met = NULL
"""
HAND_OVER = """
WITH clock AS (UPDATE clocks SET held_by = $2 WHERE clocks = $1)
UPDATE tickets SET held_by = $2 WHERE stream = $1
"""


@dataclass(frozen=True)
class ClockRows:
    """The tickets that are followed, and the present cycle of each of their clocks."""

    name: str = "clocks"
    tables: tuple[str, ...] = ("tickets", "clocks")

    async def apply(self, connection: Connection, events: Sequence[Recorded[ClockEvent]]) -> None:
        """Take the events in, one by one: few statements concern the same row."""
        for event in events:
            match event.fact:
                case ClockStarted() as fact:
                    await _follow(connection, event.stream, fact.subject, None)
                    await _start(connection, event.stream, fact)
                case TicketUncovered(subject=subject, because=because):
                    await _follow(connection, event.stream, subject, because)
                case TicketHandedOver(group=group):
                    await connection.execute(HAND_OVER, event.stream, group)
                case fact:
                    await _change(connection, event.stream, fact)


async def _follow(
    connection: Connection, stream: str, ticket: Ticket, uncovered: str | None
) -> None:
    await connection.execute(
        FOLLOW,
        stream,
        ticket.stream,
        ticket.number,
        ticket.kind,
        ticket.priority,
        ticket.service,
        uncovered,
        ticket.organisation,
        list(ticket.people),
        ticket.group,
        ticket.restricted,
    )


async def _start(connection: Connection, stream: str, fact: ClockStarted) -> None:
    ticket = fact.subject
    await connection.execute(
        START,
        f"{stream}/{fact.target}",
        stream,
        ticket.stream,
        ticket.number,
        fact.target,
        fact.cycle,
        ticket.priority,
        ticket.service,
        fact.promise.agreement.id,
        fact.promise.seconds,
        fact.time,
        fact.due_at,
        ticket.organisation,
        list(ticket.people),
        ticket.group,
        ticket.restricted,
    )


async def _change(connection: Connection, stream: str, fact: ClockFact) -> None:
    columns = _changes(fact)
    places = ", ".join(f"{name} = ${nth}" for nth, name in enumerate(columns, start=2))
    await connection.execute(
        f"UPDATE clocks SET {places} WHERE stream = $1",  # noqa: S608  names from the code below
        f"{stream}/{fact.target}",
        *columns.values(),
    )


def _changes(fact: ClockFact) -> dict[str, Any]:  # noqa: C901, PLR0911  one line for each fact
    match fact:
        case ClockPaused(due_at=due):
            return {"phase": "paused", "due_at": due}
        case ClockResumed(due_at=due) | ClockReopened(due_at=due):
            return {"phase": "running", "due_at": due, "stopped_at": None}
        case ClockRetargeted(due_at=due, promise=promise, priority=priority):
            return {
                "due_at": due,
                "agreement": promise.agreement.id,
                "seconds": promise.seconds,
                "priority": priority,
            }
        case ClockStopped(due_at=due, elapsed_seconds=elapsed):
            return {
                "phase": "stopped",
                "due_at": due,
                "stopped_at": fact.time,
                "elapsed_seconds": elapsed,
            }
        case ClockFinalised(met=met, elapsed_seconds=elapsed):
            return {"phase": "final", "met": met, "elapsed_seconds": elapsed}
        case ClockCancelled():
            return {"phase": "cancelled"}
        case ClockWarned(fraction=fraction):
            return {"warned": fraction}
        case BreachSuspected():
            return {"suspected": True}
        case SuspicionCleared():
            return {"suspected": False}
        case ClockBreached(due_at=due):
            return {"suspected": False, "breached_at": due}
        case BreachCorrected():
            return {"breached_at": None}
        case _:
            message = f"{type(fact).__name__} has no row"
            raise TypeError(message)


async def copy_policies(connection: Connection, messages: Sequence[Message]) -> None:
    """Keep what the catalogue set, version by version. Told again, it stays as it is."""
    for message in messages:
        kind, _, identity = message.stream.partition("-")
        fact = POLICIES.decode(message.type, message.body, message.occurred_at)
        match fact:
            case Defined(version=version, effective_from=since, definition=definition):
                await connection.execute(
                    "INSERT INTO policies (kind, id, version, effective_from, definition)"
                    " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                    kind,
                    identity,
                    version,
                    since,
                    json.dumps(dict(definition)),
                )
            case AgreementTerminated(ends_at=ends_at):
                await connection.execute(
                    "INSERT INTO terminations (agreement, ends_at) VALUES ($1, $2)"
                    " ON CONFLICT (agreement) DO UPDATE SET ends_at = excluded.ends_at",
                    identity,
                    ends_at,
                )
