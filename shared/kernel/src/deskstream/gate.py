"""Whether this service may write, and whether its database is the one that it was."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from deskstream.database import Connection, Pool

ANOTHER_DATABASE = (
    "the database was copied, restored or promoted, and Kafka has not yet confirmed that it holds"
    " everything that was published"
)
SAME = """
SELECT i.system_identifier = s.system_identifier AND i.timeline_id = c.timeline_id
FROM incarnation i, pg_control_system() s, pg_control_checkpoint() c
"""
ACCEPT = """
UPDATE incarnation SET id = gen_random_uuid(), system_identifier = s.system_identifier,
    timeline_id = c.timeline_id
FROM pg_control_system() s, pg_control_checkpoint() c
WHERE (incarnation.system_identifier, incarnation.timeline_id)
    IS DISTINCT FROM (s.system_identifier, c.timeline_id)
"""


class WriteGate:
    """Open, or closed with a reason, for example that the database was restored to the past."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._opened, self._closed = asyncio.Event(), asyncio.Event()
        self._opened.set()

    def set(self, reason: str | None) -> None:
        """Close with a reason, or open with None."""
        self.reason = reason
        now, no_longer = self._opened, self._closed
        if reason is not None:
            now, no_longer = no_longer, now
        now.set()
        no_longer.clear()

    async def run_while_open(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let this run as soon as the gate is open, and end it when the gate closes."""
        await self._opened.wait()
        running = asyncio.create_task(work())
        closing = asyncio.create_task(self._closed.wait())
        try:
            await asyncio.wait({running, closing}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
        finally:
            for task in (running, closing):
                task.cancel()
            await asyncio.gather(running, closing, return_exceptions=True)


@dataclass(frozen=True)
class Incarnation:
    """Keeps the gate closed while the database is another one than before.

    The owner of the relay finds out whether it may be used; the others wait for its word.
    """

    database: Pool
    gate: WriteGate

    async def check(self) -> None:
        """Close the gate if the database is another one."""
        if not await is_same_database(self.database):
            self.gate.set(ANOTHER_DATABASE)

    async def run(self) -> None:
        """Open the gate again when the database was accepted."""
        while self.gate.reason == ANOTHER_DATABASE:
            if await is_same_database(self.database):
                self.gate.set(None)
            await asyncio.sleep(0.5)


async def is_same_database(database: Connection | Pool) -> bool:
    """Whether this is the cluster, on the timeline, on which the service last wrote.

    A copy, a restore and a promotion make it another one. Then nothing may be written before
    the ends of the topics were held against it.
    """
    same: bool = await database.fetchval(SAME)
    return same


async def accept_database(database: Connection | Pool) -> None:
    """The topics know nothing that this database does not: it is the one from here on."""
    await database.execute(ACCEPT)
