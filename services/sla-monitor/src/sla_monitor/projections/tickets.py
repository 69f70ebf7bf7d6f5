"""A row for each ticket that is followed, and for each time that somebody had to act for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from deskstream.database import Connection
from deskstream.envelope import Recorded
from sla_monitor.events import (
    ClockEvent,
    ClockStarted,
    TicketHandedOver,
    TicketReconsidered,
    TicketTurned,
    TicketUncovered,
)
from sla_monitor.terms import AWAITING_CALLER, AWAITING_SUPPLIER, Standing, Ticket

FOLLOW = """
INSERT INTO tickets (stream, ticket, number, kind, priority, service, uncovered, organisation,
                     people, held_by, restricted, source, opened_at, chosen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (stream) DO UPDATE SET uncovered = excluded.uncovered,
    chosen_at = greatest(tickets.chosen_at, excluded.chosen_at)
RETURNING (xmax = 0) AS new, held_by, standing, waits_for, supplier, people
"""
HAND_OVER = """
UPDATE tickets SET held_by = $2 WHERE stream = $1
RETURNING held_by, standing, waits_for, supplier, people
"""
TURN = """
UPDATE tickets SET standing = $2, waits_for = $3, supplier = $4 WHERE stream = $1
RETURNING held_by, standing, waits_for, supplier, people
"""
RECONSIDER = """
UPDATE tickets SET priority = $2, service = $3, organisation = $4, kind = $5, chosen_at = $6
WHERE stream = $1
"""
HOLD = """
WITH given AS (UPDATE holdings SET until = $2 WHERE clocks = $1 AND until IS NULL)
INSERT INTO holdings (clocks, since, holder, name)
SELECT $1, $2, $3::text, $4::text WHERE $3::text IS NOT NULL
"""


@dataclass(frozen=True)
class TicketRows:
    """The tickets, and who held them when."""

    name: str = "tickets"
    tables: tuple[str, ...] = ("tickets", "holdings")

    async def apply(self, connection: Connection, events: Sequence[Recorded[ClockEvent]]) -> None:
        """Take the events in, one by one: few statements concern the same row."""
        for event in events:
            stream, at = event.stream, event.occurred_at
            match event.fact:
                case ClockStarted(subject=ticket):
                    await _follow(connection, stream, ticket, at, None)
                case TicketUncovered(subject=ticket, because=because):
                    await _follow(connection, stream, ticket, at, because)
                case TicketHandedOver(group=group):
                    row = await connection.fetchrow(HAND_OVER, stream, group)
                    await _hold(connection, stream, at, row)
                case TicketTurned(to=to, reason=reason, supplier=supplier):
                    row = await connection.fetchrow(TURN, stream, to, reason, supplier)
                    await _hold(connection, stream, at, row)
                case TicketReconsidered(subject=ticket):
                    described = ticket.priority, ticket.service, ticket.organisation, ticket.kind
                    await connection.execute(RECONSIDER, stream, *described, at)


async def _follow(
    connection: Connection, stream: str, ticket: Ticket, at: datetime, uncovered: str | None
) -> None:
    row = await connection.fetchrow(
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
        ticket.source,
        ticket.opened_at or at,
        at,
    )
    if row is not None and row["new"]:
        await _hold(connection, stream, at, row)


async def _hold(
    connection: Connection, stream: str, since: datetime, row: asyncpg.Record | None
) -> None:
    if row is not None:
        await connection.execute(HOLD, stream, since, *_holder(row))


def _holder(row: asyncpg.Record) -> tuple[str | None, str | None]:
    """Who has to act now, by kind and name; nobody when the ticket is done with."""
    match Standing(row["standing"]), row["waits_for"]:
        case Standing.WAITING, reason if reason == AWAITING_CALLER:
            return "caller", next(iter(row["people"]), None)
        case Standing.WAITING, reason if reason == AWAITING_SUPPLIER:
            return "supplier", row["supplier"]
        case Standing.WAITING | Standing.WORKING, _:
            return "group", row["held_by"]
        case _:
            return None, None
