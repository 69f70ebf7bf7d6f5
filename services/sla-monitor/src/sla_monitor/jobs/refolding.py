"""Tickets are reckoned again when a policy becomes known that held before their clocks began."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg

from deskstream.aggregate import Aggregate, UnitOfWork, database_time
from deskstream.consuming.localcopy import LocalCopy
from deskstream.database import Connection, Pool
from deskstream.decider import Actor, Occasion, Role
from deskstream.envelope import Origin
from deskstream.store import present_writers_gone
from sla_monitor.commands import ClockCommand, Refold
from sla_monitor.decider import Clocks
from sla_monitor.decider.agreements import PolicyBook
from sla_monitor.events import ClockEvent
from sla_monitor.jobs.foreman import Fence
from sla_monitor.policies import retell
from sla_monitor.queries.book import read_lives

CHUNK = 100
ACTOR = Actor("policy:refold", Role.SERVICE)
NEXT = """
SELECT cause, because, correlation, chosen_at, stream FROM refolds
WHERE done_at IS NULL ORDER BY noticed_at, cause LIMIT 1
"""
REACHED = """
SELECT stream, ticket, source, chosen_at FROM tickets
WHERE (chosen_at, stream) > ($1, $2) ORDER BY chosen_at, stream LIMIT $3
"""
COME_TO = "UPDATE refolds SET chosen_at = $2, stream = $3 WHERE cause = $1"
DONE = "UPDATE refolds SET done_at = clock_timestamp() WHERE cause = $1"


@dataclass
class Refolding:
    """Reckons the tickets again that a policy reaches back to.

    Args:
        pool: of the monitor's database.
        aggregate: the clocks.
        book: the policies that are known.
        whole: whether all that the catalogue announced is in the book: not while it is still read,
            when an agreement would seem to be gone.
    """

    pool: Pool
    aggregate: Aggregate[ClockCommand, Clocks, ClockEvent]
    book: LocalCopy[PolicyBook]
    whole: Callable[[Connection], Awaitable[bool]]
    _begun: str | None = None

    async def chunk(self, fence: Fence) -> bool:
        """Do one chunk of what is to be done; tell whether there was any."""
        async with self.pool.acquire() as connection:
            job = await connection.fetchrow(NEXT)
            if job is None or not await self.whole(connection):
                return False
            if self._begun != job["cause"]:
                # Whoever chose before this policy was known may still be writing that down.
                await present_writers_gone(connection)
                self._begun = job["cause"]
            async with connection.transaction():
                await fence(connection)
                await self._reckon(connection, job)
        return True

    async def _reckon(self, connection: Connection, job: asyncpg.Record) -> None:
        rows = await connection.fetch(REACHED, job["chosen_at"], job["stream"], CHUNK)
        if not rows:
            await connection.execute(DONE, job["cause"])
            return
        last = rows[-1]
        await connection.execute(COME_TO, job["cause"], last["chosen_at"], last["stream"])
        await self._refold(connection, job, rows)

    async def _refold(
        self, connection: Connection, job: asyncpg.Record, rows: Sequence[asyncpg.Record]
    ) -> None:
        unit = UnitOfWork(self.aggregate, connection)
        await unit.load([row["stream"] for row in rows])
        lives = await read_lives(connection, [row["ticket"] for row in rows])
        book = await self.book.get(connection)
        when = Occasion(ACTOR, await database_time(connection))
        for row in rows:
            if (life := lives.get(row["ticket"])) is None:
                continue  # it was opened before its events were kept
            orders = unit.state(row["stream"]).orders
            told = retell(row["ticket"], life, orders, book, when)
            command = Refold(cause=job["cause"], because=job["because"], told=told, book=book)
            unit.decide(row["stream"], command, when, _origin(job, row["source"]))
        await unit.save()


def _origin(job: asyncpg.Record, source: str) -> Origin:
    return Origin(
        actor=ACTOR.name,
        role=ACTOR.role,
        correlation=job["correlation"],
        causation=job["cause"],
        depth=1,
        source=source,
    )
