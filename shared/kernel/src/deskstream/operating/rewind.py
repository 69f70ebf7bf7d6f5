"""A group reads again: the progress that says so, and what goes on record of it."""

from collections.abc import Mapping

from deskstream.database import Connection

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


async def rewind(
    connection: Connection, group: str, offsets: Offsets, by_and_why: tuple[str, str]
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
    """
    places = [(group, *partition, offset) for partition, offset in offsets.items()]
    await connection.executemany(REWIND, places)
    await connection.executemany(COMES_AGAIN, places)
    notes = [(*place, f"offset {offset}", *by_and_why) for *place, offset in places]
    await connection.executemany(NOTE_REWIND, notes)
