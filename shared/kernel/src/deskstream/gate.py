"""Whether this service may write, and whether its database is the one that it was."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from deskstream.cloudevent import Malformed, Message
from deskstream.database import Connection, Pool
from deskstream.envelope import event_id
from deskstream.kafka import started

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

    async def look_at(self, connection: Connection) -> None:
        """Close if a connection that was just made leads to another database than before."""
        if self.reason is None and not await is_same_database(connection):
            self.set(ANOTHER_DATABASE)

    async def run_while_open(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let this run whenever the gate is open, until it ends by itself."""
        while not await self._ended_before_closing(work):
            pass

    async def _ended_before_closing(self, work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        await self._opened.wait()
        running = asyncio.create_task(work())
        closing = asyncio.create_task(self._closed.wait())
        try:
            await asyncio.wait({running, closing}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
            return running.done()
        finally:
            for task in (running, closing):
                task.cancel()
            await asyncio.gather(running, closing, return_exceptions=True)


async def open_when_accepted(gate: WriteGate, database: Pool) -> None:
    """Open the gate again when the owner of the relay, in whichever process, took the database."""
    while True:
        if gate.reason == ANOTHER_DATABASE and await is_same_database(database):
            gate.set(None)
        await asyncio.sleep(0.5)


async def is_same_database(database: Connection | Pool) -> bool:
    """Whether this is the cluster, on the timeline, on which the service last wrote.

    A copy, a restore and a promotion make it another one. Then nothing may be written before
    the ends of the topics were held against it.
    """
    return bool(await database.fetchval(SAME))


async def accept_database(database: Connection | Pool) -> None:
    """The topics know nothing that this database does not: it is the one from here on."""
    await database.execute(ACCEPT)


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a partition: its next offset, and its last event if it has one."""

    next_offset: int
    position: int = 0
    event: str | None = None


async def read_tails(bootstrap: str, topic: str, partitions: int) -> dict[int, Tail]:
    """Read the last event of each partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="none")
    async with started(consumer):
        assigned = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(assigned)
        begins = await consumer.beginning_offsets(assigned)
        ends = await consumer.end_offsets(assigned)
        return {
            one.partition: await _tail(consumer, one, begins[one], ends[one]) for one in assigned
        }


async def _tail(consumer: AIOKafkaConsumer, one: TopicPartition, begin: int, end: int) -> Tail:
    """Look back for the last event: what a stranger put behind it tells nothing."""
    for offset in range(end - 1, begin - 1, -1):
        consumer.seek(one, offset)
        record = await consumer.getone(one)
        with contextlib.suppress(Malformed):
            message = Message.of(record.headers, record.value)
            return Tail(end, message.position, message.id)
    return Tail(end)


async def check_tails(connection: Connection, tails: Mapping[int, Tail]) -> str | None:
    """Say what is wrong with the database, if Kafka knows more or other than it.

    A topic that reaches beyond the database means that the database was restored to an earlier
    time: writing would use positions and versions twice.
    """
    for tail in tails.values():
        if tail.event is None:
            continue
        row = await connection.fetchrow(
            "SELECT stream, version FROM events WHERE position = $1", tail.position
        )
        if row is None:
            return (
                f"the topic ends with {tail.event} at position {tail.position}, which the database"
                " does not have: it was restored to an earlier time. Bring the missing events back"
                " from Kafka, or point the service at the right database"
            )
        if event_id(row["stream"], row["version"]) != tail.event:
            return (
                f"position {tail.position} is {tail.event} on the topic and"
                f" {event_id(row['stream'], row['version'])} in the database: two databases have"
                " published under one name"
            )
    return None
