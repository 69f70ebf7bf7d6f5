"""How far a group has come on a partition, fenced against its former owners."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from deskstream.database import Connection, Pool
from deskstream.retry import Again


class Fenced(Again):
    """Another member owns the partition now; nothing of this transaction may stand."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A row of `progress`, as its owner knows it."""

    group: str
    topic: str
    partition: int
    epoch: int
    next_offset: int
    position: int
    halted: str | None = None


async def take_partition(
    connection: Connection, group: str, topic: str, partition: int
) -> Progress:
    """Become the owner; whoever was it before can commit no more."""
    row = await connection.fetchrow(
        "INSERT INTO progress AS p (consumer_group, topic, partition, epoch) VALUES ($1, $2, $3, 1)"
        " ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET epoch = p.epoch + 1"
        " RETURNING epoch, next_offset, position, halted",
        group,
        topic,
        partition,
    )
    if row is None:
        raise Fenced
    return Progress(group, topic, partition, *row)


async def advance(
    connection: Connection, progress: Progress, next_offset: int, position: int
) -> Progress:
    """Move on, as the last statement before the commit.

    Raises:
        Fenced: somebody else owns the partition, or moved it.
    """
    held = await connection.fetchval(
        "UPDATE progress SET next_offset = $6, position = $7 WHERE consumer_group = $1"
        " AND topic = $2 AND partition = $3 AND epoch = $4 AND next_offset = $5 RETURNING true",
        progress.group,
        progress.topic,
        progress.partition,
        progress.epoch,
        progress.next_offset,
        next_offset,
        position,
    )
    if not held:
        raise Fenced(progress.group, progress.topic, progress.partition)
    return replace(progress, next_offset=next_offset, position=position)


async def note_halt(pool: Pool, progress: Progress, reason: str) -> None:
    """Keep in mind for every later owner that the partition must not be read on."""
    await pool.execute(
        "UPDATE progress SET halted = $5 WHERE consumer_group = $1 AND topic = $2"
        " AND partition = $3 AND epoch = $4",
        progress.group,
        progress.topic,
        progress.partition,
        progress.epoch,
        reason,
    )


async def check_ownership(pool: Pool, held: Sequence[Progress]) -> None:
    """Notice that a partition was taken over or rewound while nothing arrived on it.

    Raises:
        Fenced: one was.
    """
    if not held:
        return
    rows = await pool.fetch(
        "SELECT topic, partition, epoch FROM progress WHERE consumer_group = $1", held[0].group
    )
    epochs = {(row["topic"], row["partition"]): row["epoch"] for row in rows}
    for one in held:
        if epochs.get((one.topic, one.partition)) != one.epoch:
            raise Fenced(one.group, one.topic, one.partition)


async def rewind(
    connection: Connection,
    group: str,
    offsets: Mapping[tuple[str, int], int],
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
        tables: emptied, for a projection that is made again from the beginning.
    """
    for (topic, partition), offset in offsets.items():
        await connection.execute(
            "UPDATE progress SET epoch = epoch + 1, next_offset = $4, position = 0,"
            " incarnation = gen_random_uuid(), halted = NULL"
            " WHERE consumer_group = $1 AND topic = $2 AND partition = $3",
            group,
            topic,
            partition,
            offset,
        )
        await connection.execute(
            "DELETE FROM parked WHERE consumer_group = $1 AND topic = $2 AND partition = $3"
            ' AND "offset" >= $4',
            group,
            topic,
            partition,
            offset,
        )
    for table in tables:
        await connection.execute(f'DELETE FROM "{table}"')  # noqa: S608  a table's name from the code


async def hold(connection: Connection, progress: Progress) -> None:
    """Keep the partition until this transaction ends.

    It comes before any event is appended: a batch and a timer of one partition take turns here,
    and not in a deadlock over a stream.

    Raises:
        Fenced: somebody else owns it.
    """
    held = await connection.fetchval(
        "SELECT true FROM progress WHERE consumer_group = $1 AND topic = $2 AND partition = $3"
        " AND epoch = $4 FOR NO KEY UPDATE",
        progress.group,
        progress.topic,
        progress.partition,
        progress.epoch,
    )
    if not held:
        raise Fenced(progress.group, progress.topic, progress.partition)
