"""Writers of the catalog take turns where a rule looks at more than one policy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg

from deskstream.database import Connection, Pool
from deskstream.http.problems import busy

TURN = 7_305_020


@dataclass(frozen=True)
class Turns:
    """Lets one writer at a time look at the whole catalog and decide, in all processes.

    The catalog changes seldom enough for that. A process that was stopped may lose its turn
    without noticing; what it would break then, the read model's constraint refuses.
    """

    pool: Pool
    _line: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    @asynccontextmanager
    async def take(self) -> AsyncIterator[Connection]:
        """Wait for the turn; the connection is for looking."""
        try:
            async with self._turn() as connection:
                yield connection
        except (asyncpg.ExclusionViolationError, asyncpg.UniqueViolationError):
            detail = "Somebody else said the same at this moment. Please try again."
            raise busy(detail, 409, "contended") from None

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[Connection]:
        async with self._line, self.pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", TURN)
            yield connection
