"""One process at a time does the jobs, a chunk in a transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import asyncpg

from deskstream.database import Connection
from deskstream.lease import take_lease
from deskstream.retry import Backoff, keep_trying

LOOK_AGAIN = 1.0

Fence = Callable[[Connection], Awaitable[None]]
"""Holds the ownership until the transaction ends, or raises LeaseLost."""


class Job(Protocol):
    """Work that can be done in chunks."""

    async def chunk(self, fence: Fence) -> bool:
        """Do one chunk; tell whether there was anything to do."""


@dataclass
class Foreman:
    """Has jobs done. `run` ends when it is cancelled.

    Args:
        dsn: the monitor's database.
        jobs: in the order in which they matter.
        committed: told when something may have been appended.
    """

    dsn: str
    jobs: Sequence[Job]
    committed: Callable[[], None]

    async def run(self) -> None:
        """Work for ever."""
        await keep_trying("jobs", self._work)

    async def _work(self, backoff: Backoff) -> None:
        connection = await asyncpg.connect(self.dsn, command_timeout=10)
        try:
            lease = await take_lease(connection, "jobs")
            while True:
                done = [await job.chunk(lease.beat) for job in self.jobs]
                backoff.reset()
                if any(done):
                    self.committed()
                else:
                    await lease.beat(connection)
                    await asyncio.sleep(LOOK_AGAIN)
        finally:
            connection.terminate()
