"""Make a projection of a service's own events anew while the service goes on writing it.

The new rows grow in a schema of their own. Then the old table is locked before anything else, so
that no writer has read it and not yet written; the rest is folded, and the tables change places.
Locking in another order lost rows or deadlocked.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from deskstream.aggregate import Aggregate, Projection
from deskstream.codec import UnknownType
from deskstream.database import Connection, take_turns
from deskstream.decider import E
from deskstream.store import settled_position

SCRATCH = "rebuild"
CLEAN_UP = f"DROP SCHEMA IF EXISTS {SCRATCH} CASCADE"
REBUILD_LOCK = 7_305_011
# LIKE would give them other names, and no migration could speak of them any more.
INDEXES = """
SELECT format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', $2::text, $1::text, conname,
              pg_get_constraintdef(oid)) AS statement
FROM pg_constraint
WHERE conrelid = format('public.%I', $1)::regclass AND contype IN ('p', 'u', 'x')
UNION ALL
SELECT regexp_replace(pg_get_indexdef(indexrelid), ' ON public\\.', format(' ON %I.', $2))
FROM pg_index
WHERE indrelid = format('public.%I', $1)::regclass
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
TAIL = 2000
ATTEMPTS = 200


class CannotSwitch(Exception):
    """Writers never let go of the old table for long enough; nothing was changed."""


async def rebuild(dsn: str, aggregates: Sequence[Aggregate[Any, Any, Any]], name: str) -> int:
    """Rebuild the projection of this name; return how many events went into it.

    Args:
        dsn: the service's database.
        aggregates: of the service; the projection may belong to several of them.
        name: of the projection.

    Raises:
        LookupError: no projection is called so; the message lists those that there are.
        UnknownType: there is an event that none of the aggregates knows.
        CannotSwitch: see there.
    """
    owners = [(a, p) for a in aggregates for p in a.projections if p.name == name]
    if not owners:
        known = sorted({p.name for a in aggregates for p in a.projections})
        message = f"there is no projection {name!r}; there are: {', '.join(known)}"
        raise LookupError(message)
    tables = list(dict.fromkeys(table for _, p in owners for table in p.tables))
    async with scratch(dsn, tables) as connection:
        await _check_names(connection, aggregates)
        folded, position = 0, 0
        while (goal := await settled_position(connection)) - position > TAIL:
            folded += await _fold(connection, owners, position, goal)
            position = goal

        async def rest() -> int:
            await lock(connection, tables)
            last = await connection.fetchval("SELECT coalesce(max(position), 0) FROM events")
            return await _fold(connection, owners, position, last)

        return folded + await switch(connection, tables, rest)


async def _check_names(
    connection: Connection, aggregates: Sequence[Aggregate[Any, Any, Any]]
) -> None:
    known = sorted({name for one in aggregates for name in one.codec.stored_names})
    unknown = await connection.fetch(
        "SELECT DISTINCT type FROM events WHERE type <> ALL($1)", known
    )
    if unknown:
        message = f"nobody here knows {', '.join(sorted(row['type'] for row in unknown))}"
        raise UnknownType(message)


@asynccontextmanager
async def scratch(dsn: str, tables: Sequence[str]) -> AsyncIterator[Connection]:
    """A connection that writes into new tables of these names, until they have changed places."""
    # A crash may take the switch back, with the whole end of the log in which it stands.
    connection = await asyncpg.connect(dsn, server_settings={"synchronous_commit": "off"})
    try:
        await take_turns(connection, REBUILD_LOCK)  # two would use the same schema
        await connection.execute(f"{CLEAN_UP}; CREATE SCHEMA {SCRATCH}")
        for table in tables:
            await connection.execute(
                f'CREATE TABLE {SCRATCH}."{table}"'
                f' (LIKE public."{table}" INCLUDING ALL EXCLUDING INDEXES)'
            )
            for row in await connection.fetch(INDEXES, table, SCRATCH):
                await connection.execute(row["statement"])
        await connection.execute(f"SET search_path = {SCRATCH}, public")
        try:
            yield connection
        finally:
            await connection.execute(CLEAN_UP)
    finally:
        await connection.close()


async def _fold(
    connection: Connection,
    owners: Sequence[tuple[Aggregate[Any, Any, E], Projection[E]]],
    after: int,
    up_to: int,
) -> int:
    folded = 0
    for aggregate, projection in owners:
        async for events in aggregate.store.feed(connection, after, up_to):
            await projection.apply(connection, events)
            folded += len(events)
    return folded


async def lock(connection: Connection, tables: Sequence[str]) -> None:
    """Keep everybody off the old tables until the transaction ends."""
    for table in tables:
        await connection.execute(f'LOCK TABLE public."{table}" IN ACCESS EXCLUSIVE MODE')


async def switch(
    connection: Connection, tables: Sequence[str], rest: Callable[[], Awaitable[int]]
) -> int:
    """Let the tables change places, once `rest` has locked the old ones and folded what is left."""
    for _ in range(ATTEMPTS):
        try:
            async with connection.transaction():
                await connection.execute("SET LOCAL lock_timeout = '100ms'")
                folded = await rest()
                for table in tables:
                    await connection.execute(
                        f'DROP TABLE public."{table}";'
                        f' ALTER TABLE {SCRATCH}."{table}" SET SCHEMA public'
                    )
                return folded
        except asyncpg.LockNotAvailableError:
            await asyncio.sleep(0.05)
    message = f"{', '.join(tables)} could not be locked {ATTEMPTS} times"
    raise CannotSwitch(message)
