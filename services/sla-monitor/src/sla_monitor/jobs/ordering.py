"""Orders are previewed and carried out, a hundred tickets at a time."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from deskstream.aggregate import Aggregate, UnitOfWork, database_time
from deskstream.consuming.localcopy import LocalCopy
from deskstream.database import Connection, Pool
from deskstream.decider import Actor, Occasion, Role
from deskstream.envelope import Origin
from deskstream_worktime.stopwatch import Rebase
from sla_monitor.commands import ApplyPolicies, ClockCommand
from sla_monitor.decider import CLOCKS, Clocks
from sla_monitor.decider.agreements import PolicyBook
from sla_monitor.decider.effects import Effect, effects
from sla_monitor.events import ClockEvent
from sla_monitor.jobs.foreman import Fence
from sla_monitor.orders.commands import NoteDone, NotePreview, OrderCommand
from sla_monitor.orders.decider import PolicyOrder
from sla_monitor.orders.events import OrderEvent
from sla_monitor.orders.terms import Status, Tally

CHUNK = 100
ACTOR = Actor("policy:order", Role.SERVICE)
NEXT = """
SELECT o.stream, o.status, o.policy, o.rebase, o.cause, o.correlation, w.after, w.tally
FROM policy_orders o LEFT JOIN policy_order_work w
    ON w.policy_order = o.stream AND w.status = o.status
WHERE o.status IN ('previewing', 'running') ORDER BY o.proposed_at LIMIT 1
"""
OPEN = """
SELECT stream, ticket, number, source, organisation, people, held_by, restricted FROM tickets
WHERE standing IN ('working', 'waiting') AND stream > $1 ORDER BY stream LIMIT $2
"""
COME_TO = """
INSERT INTO policy_order_work (policy_order, status, after, tally) VALUES ($1, $2, $3, $4)
ON CONFLICT (policy_order, status) DO UPDATE SET after = excluded.after, tally = excluded.tally
"""
SHOW = """
INSERT INTO policy_order_clocks (stream, policy_order, clocks, ticket, number, target, effect,
    was_due_at, due_at, agreement, agreement_version, organisation, people, held_by, restricted)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT DO NOTHING
"""


@dataclass
class Ordering:
    """Carries orders out, and finds out beforehand what they would do.

    Args:
        pool: of the monitor's database.
        clocks: that orders are about.
        orders: themselves.
        book: the policies that are known.
        whole: whether all that the catalogue announced is in the book.
    """

    pool: Pool
    clocks: Aggregate[ClockCommand, Clocks, ClockEvent]
    orders: Aggregate[OrderCommand, PolicyOrder, OrderEvent]
    book: LocalCopy[PolicyBook]
    whole: Callable[[Connection], Awaitable[bool]]

    async def chunk(self, fence: Fence) -> bool:
        """Do one chunk of what is to be done; tell whether there was any."""
        async with self.pool.acquire() as connection:
            order = await connection.fetchrow(NEXT)
            if order is None or not await self.whole(connection):
                return False
            async with connection.transaction():
                await fence(connection)
                rows = await connection.fetch(OPEN, order["after"] or "", CHUNK)
                if rows:
                    await self._go_through(connection, order, rows)
                else:
                    await self._end(connection, order)
        return True

    async def _go_through(
        self, connection: Connection, order: asyncpg.Record, rows: Sequence[asyncpg.Record]
    ) -> None:
        unit = UnitOfWork(self.clocks, connection)
        await unit.load([row["stream"] for row in rows])
        book = await self.book.get(connection)
        when = Occasion(ACTOR, await database_time(connection))
        command = ApplyPolicies(
            at=when.now,
            cause=order["cause"],
            book=book,
            policy=order["policy"],
            rebase=None if order["rebase"] is None else Rebase(order["rebase"]),
        )
        found: list[Effect] = []
        for row in rows:
            before = unit.state(row["stream"])
            facts = _facts(command, when, before)
            mine = effects(before, facts, when.now)
            found += mine
            if order["status"] == Status.RUNNING:
                unit.decide(row["stream"], command, when, _origin(order, row["source"]))
            elif mine:
                await connection.executemany(SHOW, [_shown(order, row, one) for one in mine])
        await unit.save()
        tally = _counted(_tally(order), len(rows), found)
        come_to = order["stream"], order["status"], rows[-1]["stream"], tally.model_dump_json()
        await connection.execute(COME_TO, *come_to)

    async def _end(self, connection: Connection, order: asyncpg.Record) -> None:
        tally = _tally(order)
        unit = UnitOfWork(self.orders, connection)
        await unit.load([order["stream"]])
        preview = order["status"] == Status.PREVIEWING
        command = NotePreview(tally=tally) if preview else NoteDone(tally=tally)
        when = Occasion(ACTOR, await database_time(connection))
        unit.decide(order["stream"], command, when, _origin(order))
        await unit.save()


def _facts(command: ApplyPolicies, when: Occasion, state: Clocks) -> Sequence[ClockEvent]:
    decided: Any = CLOCKS.decide(command, when, state)
    return decided if isinstance(decided, list) else []


def _tally(order: asyncpg.Record) -> Tally:
    return Tally() if order["tally"] is None else Tally.model_validate_json(order["tally"])


def _counted(tally: Tally, tickets: int, found: Sequence[Effect]) -> Tally:
    counts = tally.model_dump()
    counts["tickets"] += tickets
    counts["clocks"] += len(found)
    for one in found:
        if one.effect in counts:
            counts[one.effect] += 1
    return Tally(**counts)


def _shown(order: asyncpg.Record, row: asyncpg.Record, one: Effect) -> tuple[Any, ...]:
    promise = one.promise
    return (
        f"{order['stream']}/{row['stream']}/{one.target}",
        order["stream"],
        row["stream"],
        row["ticket"],
        row["number"],
        one.target,
        one.effect,
        one.was_due_at,
        one.due_at,
        promise.agreement.id if promise else None,
        promise.agreement.version if promise else None,
        row["organisation"],
        row["people"],
        row["held_by"],
        row["restricted"],
    )


def _origin(order: asyncpg.Record, source: str = "live") -> Origin:
    return Origin(
        actor=ACTOR.name,
        role=ACTOR.role,
        correlation=order["correlation"],
        causation=order["cause"],
        depth=1,
        source=source,
    )
