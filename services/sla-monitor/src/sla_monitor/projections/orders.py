"""A row for each order by which policies are applied to open tickets."""

from collections.abc import Sequence
from dataclasses import dataclass

from deskstream.database import Connection
from deskstream.envelope import Recorded
from sla_monitor.orders.events import (
    OrderCarriedOut,
    OrderEvent,
    OrderGiven,
    OrderPreviewed,
    OrderProposed,
    OrderWithdrawn,
)
from sla_monitor.orders.terms import Status

PROPOSE = """
INSERT INTO policy_orders (stream, kind, policy, rebase, because, status, proposed_by, proposed_at,
                           cause, correlation)
VALUES ($1, $2, $3, $4, $5, 'previewing', $6, $7, $8, $9) ON CONFLICT DO NOTHING
"""
TURN = """
UPDATE policy_orders SET status = $2, cause = $3, correlation = $4, tally = coalesce($5, tally)
WHERE stream = $1
"""


@dataclass(frozen=True)
class OrderRows:
    """The orders."""

    name: str = "policy-orders"
    tables: tuple[str, ...] = ("policy_orders",)

    async def apply(self, connection: Connection, events: Sequence[Recorded[OrderEvent]]) -> None:
        """Take the events in; there are few."""
        for event in events:
            match event.fact:
                case OrderProposed() as fact:
                    told = fact.kind, fact.policy, fact.rebase, fact.because
                    by = event.origin.actor, event.recorded_at, event.id, event.origin.correlation
                    await connection.execute(PROPOSE, event.stream, *told, *by)
                case OrderPreviewed(tally=tally):
                    await _turn(connection, event, Status.PREVIEWED, tally.model_dump_json())
                case OrderGiven():
                    await _turn(connection, event, Status.RUNNING)
                case OrderCarriedOut(tally=tally):
                    await _turn(connection, event, Status.DONE, tally.model_dump_json())
                case OrderWithdrawn():
                    await _turn(connection, event, Status.WITHDRAWN)


async def _turn(
    connection: Connection, event: Recorded[OrderEvent], to: Status, tally: str | None = None
) -> None:
    origin = event.id, event.origin.correlation
    await connection.execute(TURN, event.stream, to, *origin, tally)
