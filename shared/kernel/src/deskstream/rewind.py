"""Finding the place on a topic from which a group is to read again."""

from collections.abc import Mapping
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from deskstream.parking import position_of

Offsets = Mapping[tuple[str, int], int]


async def earliest_offsets(bootstrap: str, partitions: list[TopicPartition]) -> Offsets:
    """Where these partitions begin."""
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        begins = await consumer.beginning_offsets(partitions)
    return {(one.topic, one.partition): offset for one, offset in begins.items()}


async def offsets_at_time(
    bootstrap: str, partitions: list[TopicPartition], moment: datetime
) -> Offsets:
    """Where these partitions stood at a moment: all that was recorded since lies behind."""
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        ends = await consumer.end_offsets(partitions)
        milliseconds = int(moment.timestamp() * 1000)
        found = await consumer.offsets_for_times(dict.fromkeys(partitions, milliseconds))
    return {
        (one.topic, one.partition): at.offset if at is not None else ends[one]
        for one, at in found.items()
    }


async def offsets_at_position(
    bootstrap: str, partitions: list[TopicPartition], position: int
) -> Offsets:
    """Where the first event at or above this position lies, in each of these partitions.

    They are read from the beginning: where truths were repeated, positions do not only grow, and
    a search by halves would find a repeat behind the place.
    """
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap, auto_offset_reset="earliest"
    ) as consumer:
        ends = await consumer.end_offsets(partitions)
        return {
            (one.topic, one.partition): await _first_at(consumer, one, ends[one], position)
            for one in partitions
        }


async def _first_at(
    consumer: AIOKafkaConsumer, one: TopicPartition, end: int, position: int
) -> int:
    consumer.assign([one])
    await consumer.seek_to_beginning(one)
    while await consumer.position(one) < end:
        for record in (await consumer.getmany(one, timeout_ms=1000)).get(one, []):
            if (position_of(record) or 0) >= position:
                found: int = record.offset
                return found
    return end
