"""Children are resolved with their parents, a hundred in a transaction."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import asyncpg
import structlog

from deskstream.aggregate import Aggregate, UnitOfWork, database_time
from deskstream.database import Connection, Pool
from deskstream.decider import Actor, Occasion, Role
from deskstream.envelope import Origin, Recorded
from deskstream.retry import PASSING, Backoff, keep_trying
from incident.commands import IncidentCommand
from incident.decider.state import State
from incident.events import IncidentEvent
from incident.policies import resolving_with
from incident.queries import peer_of

log = structlog.get_logger()
CHUNK = 100
LOOK_AGAIN = 1.0
POLICY = "family"
ACTOR = Actor(f"policy:{POLICY}", Role.SERVICE)
NEXT = """
SELECT cause, stream, version, come_to FROM resolved_parents WHERE done_at IS NULL
ORDER BY noticed_at, cause LIMIT 1 FOR UPDATE SKIP LOCKED
"""
CAUSE = """
SELECT position, stream, version, type, data, origin, occurred_at, recorded_at
FROM events WHERE (stream, version) = ($1, $2)
"""
# One that was reopened meanwhile leaves the rest of its children as they are.
CHILDREN = """
SELECT child.stream FROM incidents child JOIN incidents parent ON child.parent = parent.number
WHERE parent.stream = $1 AND parent.resolved_at = $2 AND child.stream > $3
ORDER BY child.stream LIMIT $4
"""
COME_TO = "UPDATE resolved_parents SET come_to = $2 WHERE cause = $1"
LEFT_OUT = """
UPDATE resolved_parents SET come_to = $2, left_out = array_append(left_out, $2) WHERE cause = $1
"""
DONE = "UPDATE resolved_parents SET done_at = clock_timestamp() WHERE cause = $1"


@dataclass
class Families:
    """Resolves children whose parent was resolved. `run` ends when it is cancelled.

    Args:
        pool: of the service's database.
        aggregate: the incidents.
        committed: told when something was appended.
    """

    pool: Pool
    aggregate: Aggregate[IncidentCommand, State, IncidentEvent]
    committed: Callable[[], None]

    async def run(self) -> None:
        """Work for ever."""
        await keep_trying("families", self._work)

    async def _work(self, backoff: Backoff) -> None:
        while True:
            if await self.chunk():
                self.committed()
            else:
                await asyncio.sleep(LOOK_AGAIN)
            backoff.reset()

    async def chunk(self) -> bool:
        """Resolve some of the children that are to be; tell whether there was anything to do."""
        try:
            return await self._go_on(CHUNK)
        except PASSING:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, it stops only whose it is
            log.info("children are resolved one by one", because=repr(error))
            return await self._go_on_to_the_broken_one()

    async def _go_on_to_the_broken_one(self) -> bool:
        try:
            while await self._go_on(1):
                pass
        except PASSING:
            raise
        except Exception as error:  # whatever it is, the other children are resolved
            log.exception("child cannot be resolved with its parent", because=repr(error))
            await self._leave_out()
        return True

    async def _go_on(self, size: int) -> bool:
        async with self.pool.acquire() as connection, connection.transaction():
            if (job := await connection.fetchrow(NEXT)) is None:
                return False
            cause = await self._cause(connection, job)
            children = await _children(connection, job, cause, size)
            if children:
                await self._resolve(connection, cause, children)
                await connection.execute(COME_TO, job["cause"], children[-1])
            else:
                await connection.execute(DONE, job["cause"])
        return True

    async def _leave_out(self) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            if (job := await connection.fetchrow(NEXT)) is not None:
                cause = await self._cause(connection, job)
                for child in await _children(connection, job, cause, 1):
                    await connection.execute(LEFT_OUT, job["cause"], child)

    async def _cause(self, connection: Connection, job: asyncpg.Record) -> Recorded[IncidentEvent]:
        row = await connection.fetchrow(CAUSE, job["stream"], job["version"])
        if row is None:
            message = f"{job['cause']} is not on the record"
            raise LookupError(message)
        return self.aggregate.store.read(row)

    async def _resolve(
        self, connection: Connection, cause: Recorded[IncidentEvent], children: Sequence[str]
    ) -> None:
        parent = await peer_of(connection, cause.stream)
        if parent is None:
            message = f"{cause.stream} has no row"
            raise LookupError(message)
        command = resolving_with(parent, cause.fact)
        when = Occasion(ACTOR, await database_time(connection))
        unit = UnitOfWork(self.aggregate, connection)
        await unit.load(children)
        for child in children:
            unit.decide(child, command, when, _origin(cause))
        await unit.save()


async def _children(
    connection: Connection, job: asyncpg.Record, cause: Recorded[IncidentEvent], size: int
) -> list[str]:
    where = cause.stream, cause.occurred_at, job["come_to"], size
    return [row["stream"] for row in await connection.fetch(CHILDREN, *where)]


def _origin(cause: Recorded[IncidentEvent]) -> Origin:
    told = cause.origin
    return Origin(
        actor=ACTOR.name,
        role=ACTOR.role,
        correlation=told.correlation,
        causation=cause.id,
        policy=POLICY,
        depth=told.depth + 1,
        source=told.source,
        trace=told.trace,
    )
