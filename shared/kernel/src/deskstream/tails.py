"""The last records of a topic, held against the database that should have produced them."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from deskstream.cloudevent import Malformed, Message
from deskstream.database import Connection
from deskstream.envelope import event_id
from deskstream.farewell import let_go


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a partition: its next offset, and its last event if it has one."""

    next_offset: int
    position: int = 0
    event: str | None = None


async def read_tails(bootstrap: str, topic: str, partitions: int) -> dict[int, Tail]:
    """Read the last event of each partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="none")
    try:
        await consumer.start()
        assigned = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(assigned)
        begins = await consumer.beginning_offsets(assigned)
        ends = await consumer.end_offsets(assigned)
        return {
            one.partition: await _tail(consumer, one, begins[one], ends[one]) for one in assigned
        }
    finally:
        await let_go(consumer.stop())


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
