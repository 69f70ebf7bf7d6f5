"""Taking messages in: effect and progress in one transaction, and aside what cannot be handled.

A message that cannot be handled is parked, later ones of its stream wait behind it. Between two
batches the owner of a partition carries out what operators ordered about it.
"""

import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import structlog

from deskstream.cloudevent import Message
from deskstream.consuming.progress import (
    Progress,
    advance,
    blocked_streams,
    hold,
    park,
    stream_of,
)
from deskstream.consuming.subscription import Arrival, Gap, Partition, Subscription
from deskstream.database import Connection, Pool
from deskstream.faults import fault_of, for_the_log
from deskstream.retry import PASSING, Stopped

log = structlog.get_logger()
MANY_PARKED, WITHIN = 20, 60.0
OPEN_ORDERS = """
SELECT id, kind, subject::bigint FROM orders
WHERE (consumer_group, topic, partition) = ($1, $2, $3) AND done_at IS NULL ORDER BY id
"""
CLOSE_ORDER = "UPDATE orders SET done_at = clock_timestamp(), outcome = $2 WHERE id = $1"
SKIP = """
WITH gone AS (DELETE FROM parked WHERE id = $1 RETURNING *)
SELECT min(p.id) FROM parked p JOIN gone USING (consumer_group, topic, partition, stream)
WHERE p.id <> $1
"""
UNPARK = """
DELETE FROM parked WHERE (consumer_group, topic, partition, stream) IN (
    SELECT consumer_group, topic, partition, stream FROM parked WHERE id = $1
) RETURNING "offset", headers, body
"""


class TooManyParked(Stopped):
    """So many messages could not be handled that the fault must be on this side."""


@dataclass
class Intake:
    """What one member of a group does with the messages of the partitions in its hand.

    Args:
        group: its name.
        subscription: what it does.
        pool: the service's database, which keeps its progress.
        committed: told when something was handled, which may have been appended to the record.
    """

    group: str
    subscription: Subscription
    pool: Pool
    committed: Callable[[], None]
    _parked_at: list[float] = field(default_factory=list, init=False)

    async def take_in(self, partition: Partition, arrivals: Sequence[Arrival]) -> None:
        """Take a batch in; if that fails one by one, and park what fails then too.

        Raises:
            Gap: an event is missing before one of them.
            TooManyParked: it is time to stop.
        """
        if not arrivals:
            return
        try:
            await self._handle(partition, arrivals)
        except (Gap, *PASSING):
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, the message is parked with it
            if len(arrivals) == 1:
                await self._park(partition, arrivals[0], error)
                return
            for one in arrivals:
                await self.take_in(partition, [one])

    async def _handle(self, partition: Partition, arrivals: Sequence[Arrival]) -> None:
        """Take a batch in, all or nothing. `partition` moves only after the commit."""
        progress = partition.progress
        new = partition.new_among(arrivals)
        fresh = [one.message for one in new if one.message.stream not in partition.blocked]
        wanted = self.subscription.wanted(fresh)
        position = new[-1].event.position if new else progress.position
        async with self._holding(progress) as connection:
            for one in new:
                if one.message.stream in partition.blocked:
                    await park(connection, progress, one.record, "waits behind a parked event")
            if wanted:
                await self.subscription.handle(connection, wanted)
            moved = await advance(connection, progress, arrivals[-1].record.offset + 1, position)
        partition.came_to(moved, [one.message for one in new])
        if wanted:
            self.committed()

    async def _park(self, partition: Partition, arrival: Arrival, error: Exception) -> None:
        progress, record = partition.progress, arrival.record
        log.error("event parked", group=self.group, offset=record.offset, **for_the_log(error))
        position = arrival.event.position or progress.position
        async with self._holding(progress) as connection:
            await park(connection, progress, record, fault_of(error))
            moved = await advance(connection, progress, record.offset + 1, position)
        partition.came_to(moved, [arrival.message] if arrival.event.position else [])
        partition.blocked.add(stream_of(record))
        self._stop_if_too_many()

    def _stop_if_too_many(self) -> None:
        now = time.monotonic()
        self._parked_at = [at for at in self._parked_at if now - at < WITHIN] + [now]
        if len(self._parked_at) >= MANY_PARKED:
            reason = (
                f"{self.group} stopped: {MANY_PARKED} events could not be handled within"
                f" {WITHIN:.0f} s, so the fault is probably here"
            )
            raise TooManyParked(reason)

    async def carry_out_orders(self, partition: Partition) -> None:
        """Do what operators ordered about what is parked here."""
        orders = await self.pool.fetch(OPEN_ORDERS, *partition.progress.key)
        for order in orders:
            await self._carry_out(partition.progress, order)
        if orders:
            partition.blocked = await blocked_streams(self.pool, partition.progress)
            self.committed()

    async def _carry_out(self, progress: Progress, order: asyncpg.Record) -> None:
        act = self._skip if order["kind"] == "skip" else self._retry
        try:
            async with self._holding(progress) as connection:
                outcome = await act(connection, order["subject"])
                await connection.execute(CLOSE_ORDER, order["id"], outcome)
                await advance(connection, progress, progress.next_offset, progress.position)
        except PASSING:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, it is the order's outcome
            log.warning("order failed", order=order["id"], **for_the_log(error))
            await self.pool.execute(CLOSE_ORDER, order["id"], f"failed: {fault_of(error)}")

    async def _skip(self, connection: Connection, parked_id: int) -> str:
        """Let the message go, and let those of its stream that waited behind it go on."""
        behind: int | None = await connection.fetchval(SKIP, parked_id)
        if behind is None:
            return "done"
        try:
            async with connection.transaction():
                return await self._retry(connection, behind)
        except PASSING:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, the skip stands
            entry = for_the_log(error)
            log.warning("what waited behind stays parked", subject=parked_id, **entry)
            return f"done, but what waited behind it cannot be handled: {fault_of(error)}"

    async def _retry(self, connection: Connection, parked_id: int) -> str:
        """Handle all that is parked of the message's stream, in order, all or none."""
        rows = await connection.fetch(UNPARK, parked_id)
        rows.sort(key=lambda row: row["offset"])
        if wanted := self.subscription.wanted([_parked_message(row) for row in rows]):
            await self.subscription.handle(connection, wanted)
        return "done"

    @asynccontextmanager
    async def _holding(self, progress: Progress) -> AsyncIterator[Connection]:
        """A transaction of the partition's owner."""
        async with self.pool.acquire() as connection, connection.transaction():
            await hold(connection, progress)
            yield connection


def _parked_message(row: asyncpg.Record) -> Message:
    headers: dict[str, str] = json.loads(row["headers"])
    return Message.of([(name, value.encode()) for name, value in headers.items()], row["body"])
