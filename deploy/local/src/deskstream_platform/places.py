"""Where a place of a producer's record lies on its topic."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiokafka import AIOKafkaConsumer, TopicPartition

from deskstream.consuming.subscription import Arrival
from deskstream.operating.rewind import Offsets

CLOCKS_DIFFER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on: a producer's position, a time, or the beginning if neither is given.

    Args:
        position: of the producer's record.
        time: when something was recorded; read by the broker's clock, a minute earlier, because
            that need not agree with the database's.
    """

    position: int | None = None
    time: datetime | None = None


async def offsets_at(bootstrap: str, partitions: Sequence[TopicPartition], place: Place) -> Offsets:
    """Where this place lies in each of these partitions; their end if it is still to come."""
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        ends = await consumer.end_offsets(partitions)
        if place.position is not None:
            found = {o: await _first_at(consumer, o, ends[o], place.position) for o in partitions}
        elif place.time is not None:
            since = int((place.time - CLOCKS_DIFFER).timestamp() * 1000)
            after = await consumer.offsets_for_times(dict.fromkeys(partitions, since))
            found = {one: at.offset if at else ends[one] for one, at in after.items()}
        else:
            found = await consumer.beginning_offsets(partitions)
    return {(one.topic, one.partition): offset for one, offset in found.items()}


async def _first_at(
    consumer: AIOKafkaConsumer, one: TopicPartition, end: int, position: int
) -> int:
    """The first offset at or above this position.

    It is looked for from the beginning: where truths were repeated, positions do not only grow,
    and a search by halves would find a repeat behind the place.
    """
    consumer.assign([one])
    await consumer.seek_to_beginning(one)
    while await consumer.position(one) < end:
        for record in (await consumer.getmany(one, timeout_ms=1000)).get(one, []):
            if Arrival.of(record).event.position >= position:
                found: int = record.offset
                return found
    return end
