"""The last event of each partition of a topic."""

import contextlib
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from deskstream.cloudevent import Malformed, Message
from deskstream.kafka import started


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
