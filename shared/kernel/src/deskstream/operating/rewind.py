"""A group reads again: from which place on a topic, and the progress that says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiokafka import AIOKafkaConsumer, TopicPartition

from deskstream.consuming.subscription import Arrival
from deskstream.database import Connection

CLOCKS_DIFFER = timedelta(minutes=1)
Offsets = Mapping[tuple[str, int], int]
REWIND = """
UPDATE progress SET epoch = epoch + 1, next_offset = $4, position = 0,
    incarnation = gen_random_uuid(), halted = NULL
WHERE (consumer_group, topic, partition) = ($1, $2, $3)
"""
COMES_AGAIN = """
DELETE FROM parked WHERE (consumer_group, topic, partition) = ($1, $2, $3) AND "offset" >= $4
"""
NOTE_REWIND = """
INSERT INTO orders
    (kind, consumer_group, topic, partition, subject, ordered_by, reason, done_at, outcome)
VALUES ('rewind', $1, $2, $3, $4, $5, $6, clock_timestamp(), 'done')
"""


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


async def rewind(
    connection: Connection,
    group: str,
    offsets: Offsets,
    by_and_why: tuple[str, str],
    tables: Sequence[str] = (),
) -> None:
    """Let a group read again from these offsets, by topic and partition, in one transaction.

    The owner finds itself fenced and begins again there. Positions that were seen are no repeats
    then, so they are forgotten; the new incarnation tells that the progress is a new story.
    What is parked comes again too, and must not keep back what lies before it.

    Args:
        connection: in a transaction.
        group: the consumer group.
        offsets: where to go on.
        by_and_why: who orders it and the reason, for the record.
        tables: emptied, for a projection that is made again from the beginning.
    """
    places = [(group, *partition, offset) for partition, offset in offsets.items()]
    await connection.executemany(REWIND, places)
    await connection.executemany(COMES_AGAIN, places)
    notes = [(*place, f"offset {offset}", *by_and_why) for *place, offset in places]
    await connection.executemany(NOTE_REWIND, notes)
    for table in tables:
        await connection.execute(f'DELETE FROM "{table}"')  # noqa: S608  a table's name from the code
