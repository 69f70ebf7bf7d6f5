"""A row for each ticket that is followed, and for each time that somebody had to act for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

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
from sla_monitor.projections.rounds import Change, carry_out
from sla_monitor.terms import TO_CUSTOMERS, Ticket

FOLLOW = """
INSERT INTO tickets (stream, ticket, number, kind, priority, service, uncovered, organisation,
                     people, held_by, restricted, source, opened_at, chosen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (stream) DO UPDATE SET
    uncovered = CASE WHEN $15 THEN excluded.uncovered ELSE tickets.uncovered END,
    chosen_at = greatest(tickets.chosen_at, excluded.chosen_at)
"""
# What is agreed with a group or supplier is chosen when it gets the ticket.
HAND_OVER = """
UPDATE tickets SET held_by = $2, chosen_at = greatest(chosen_at, $3) WHERE stream = $1
"""
TURN = """
UPDATE tickets SET standing = $2, waits_for = $3, supplier = $4,
    chosen_at = CASE $3 WHEN 'awaiting_supplier' THEN greatest(chosen_at, $5) ELSE chosen_at END
WHERE stream = $1
"""
RECONSIDER = """
UPDATE tickets SET priority = $2, service = $3, organisation = $4, kind = $5,
    chosen_at = greatest(chosen_at, $6)
WHERE stream = $1
"""
# Who has to act now, by kind and name; nobody when the ticket is done with.
HOLD = """
INSERT INTO holdings (clocks, since, holder, name)
SELECT $1, $2, holder,
    CASE holder WHEN 'caller' THEN people[1] WHEN 'supplier' THEN supplier ELSE held_by END
FROM tickets, LATERAL (
    SELECT CASE
        WHEN standing = 'waiting' AND waits_for = 'awaiting_caller' THEN 'caller'
        WHEN standing = 'waiting' AND waits_for = 'awaiting_supplier' THEN 'supplier'
        WHEN standing IN ('waiting', 'working') THEN 'group'
    END AS holder
) AS now
WHERE stream = $1 AND holder IS NOT NULL AND NOT EXISTS (
    SELECT FROM holdings WHERE clocks = $1 AND until IS NULL
)
"""
GIVE_UP = "UPDATE holdings SET until = $2 WHERE clocks = $1 AND until IS NULL"


@dataclass(frozen=True)
class TicketRows:
    """The tickets, and who held them when."""

    name: str = "tickets"
    tables: tuple[str, ...] = ("tickets", "holdings")

    async def apply(self, connection: Connection, events: Sequence[Recorded[ClockEvent]]) -> None:
        """Take the events in."""
        await carry_out(connection, chain.from_iterable(map(_changes, events)))


def _changes(event: Recorded[ClockEvent]) -> Iterator[Change]:
    stream, at = event.stream, event.occurred_at
    match event.fact:
        case ClockStarted(subject=ticket, target=target):
            to_customer = target in TO_CUSTOMERS
            yield Change(stream, FOLLOW, (*_followed(stream, ticket, at, None), to_customer))
            yield Change(stream, HOLD, (stream, at))
        case TicketUncovered(subject=ticket, because=because):
            yield Change(stream, FOLLOW, (*_followed(stream, ticket, at, because), True))
            yield Change(stream, HOLD, (stream, at))
        case TicketHandedOver(group=group):
            yield Change(stream, HAND_OVER, (stream, group, at))
            yield Change(stream, GIVE_UP, (stream, at))
            yield Change(stream, HOLD, (stream, at))
        case TicketTurned(to=to, reason=reason, supplier=supplier):
            yield Change(stream, TURN, (stream, to, reason, supplier, at))
            yield Change(stream, GIVE_UP, (stream, at))
            yield Change(stream, HOLD, (stream, at))
        case TicketReconsidered(subject=ticket):
            described = ticket.priority, ticket.service, ticket.organisation, ticket.kind
            yield Change(stream, RECONSIDER, (stream, *described, at))


def _followed(
    stream: str, ticket: Ticket, at: datetime, uncovered: str | None
) -> tuple[object, ...]:
    return (
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
