"""One owner at a time, fenced: for the relay and for timers on the database's clock.

The owner holds an advisory lock, so that its death hands over at once; a stopped owner keeps its
lock, so one whose beat stands still for three seconds is replaced all the same. It finds
its epoch raised when it wakes, and everything it does is conditional on the epoch.
"""

import asyncio
import time
import zlib
from dataclasses import dataclass

from deskstream.database import Connection
from deskstream.retry import Again

PATIENCE = 3.0  # seconds by this process's monotonic clock
BEAT = "UPDATE leases SET beat = beat + 1 WHERE name = $1 AND epoch = $2 RETURNING true"
OWNER = "SELECT epoch, beat FROM leases WHERE name = $1"


class LeaseLost(Again):
    """Somebody else is the owner now."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The ownership of `name`, under this epoch."""

    name: str
    epoch: int

    async def beat(self, connection: Connection) -> None:
        """Say that the owner lives.

        Raises:
            LeaseLost: it no longer is the owner.
        """
        if not await connection.fetchval(BEAT, self.name, self.epoch):
            raise LeaseLost(self.name)


async def take_lease(connection: Connection, name: str) -> Lease:
    """Wait until the lease is free, or its owner has been still for too long; take it.

    Args:
        connection: the owner's own, outside a transaction; the lease ends with it.
        name: what is owned.
    """
    await connection.execute("INSERT INTO leases (name) VALUES ($1) ON CONFLICT DO NOTHING", name)
    lock = zlib.crc32(name.encode())
    seen, since = await connection.fetchrow(OWNER, name), time.monotonic()
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock):
        await asyncio.sleep(PATIENCE / 10)
        found = await connection.fetchrow(OWNER, name)
        if found != seen:
            seen, since = found, time.monotonic()
        elif time.monotonic() - since > PATIENCE:
            break
    epoch = await connection.fetchval(
        "UPDATE leases SET epoch = epoch + 1 WHERE name = $1 RETURNING epoch", name
    )
    return Lease(name, epoch)
