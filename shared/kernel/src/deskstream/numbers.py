"""Numbers for people: unique, drawn in blocks, without a promise that none is left out."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from deskstream.database import Pool

BLOCK = 200
DRAW = "SELECT nextval($1::regclass) FROM generate_series(1, $2::int)"


@dataclass
class Numbers:
    """Draws numbers such as `INC0001234`.

    Args:
        pool: the service's database.
        sequence: of PostgreSQL, from which they come.
        prefix: of every number.
    """

    pool: Pool
    sequence: str
    prefix: str
    _drawn: deque[int] = field(default_factory=deque)
    _drawing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def draw(self) -> str:
        """A number that nobody else gets."""
        async with self._drawing:
            if not self._drawn:
                rows = await self.pool.fetch(DRAW, self.sequence, BLOCK)
                self._drawn.extend(row[0] for row in rows)
            return f"{self.prefix}{self._drawn.popleft():07}"
