"""The rows of a group's work: how far it is, what is parked, and what operators ordered.

A group's row of `progress` is fenced against its former owners by an epoch. Orders are rows that
the partition's owner carries out, so that order holds and every decision stays on record.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

import asyncpg
from aiokafka.structs import ConsumerRecord

from deskstream.database import Connection, Pool
from deskstream.retry import Again

TAKE = """
INSERT INTO progress AS p (consumer_group, topic, partition, epoch) VALUES ($1, $2, $3, 1)
ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET epoch = p.epoch + 1
RETURNING epoch, next_offset, position, halted
"""
HOLD = """
SELECT true FROM progress WHERE (consumer_group, topic, partition, epoch) = ($1, $2, $3, $4)
FOR NO KEY UPDATE
"""
ADVANCE = """
UPDATE progress SET next_offset = $6, position = $7
WHERE (consumer_group, topic, partition, epoch, next_offset) = ($1, $2, $3, $4, $5) RETURNING true
"""
HALT = """
UPDATE progress SET halted = $5
WHERE (consumer_group, topic, partition, epoch) = ($1, $2, $3, $4)
"""
EPOCHS = "SELECT consumer_group, topic, partition, epoch FROM progress WHERE consumer_group = $1"
BLOCKED = (
    "SELECT DISTINCT stream FROM parked WHERE (consumer_group, topic, partition) = ($1, $2, $3)"
)
PARK = """
INSERT INTO parked (consumer_group, topic, partition, "offset", stream, type, headers, body, error)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
"""
ORDER = """
INSERT INTO orders
    (kind, consumer_group, topic, partition, subject, ordered_by, reason, key, fingerprint)
SELECT $1, consumer_group, topic, partition, id::text, $3, $4, $5, $6 FROM parked WHERE id = $2
ON CONFLICT (key) DO NOTHING RETURNING id, fingerprint, true AS new
"""
ORDERED = "SELECT id, fingerprint, false AS new FROM orders WHERE key = $1"
Kept = tuple[bytes | None, bytes]
NOT_KEPT: Kept = (None, b"")


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

    @property
    def key(self) -> tuple[str, str, int]:
        """What names the row."""
        return self.group, self.topic, self.partition


async def take_partition(connection: Connection, group: str, topic: str, number: int) -> Progress:
    """Become the owner; whoever was it before can commit no more."""
    (row,) = await connection.fetch(TAKE, group, topic, number)
    return Progress(group, topic, number, *row)


async def hold(connection: Connection, progress: Progress) -> None:
    """Keep the partition until this transaction ends.

    It comes before any event is appended: a batch and a timer of one partition take turns here,
    and not in a deadlock over a stream.

    Raises:
        Fenced: somebody else owns it.
    """
    if not await connection.fetchval(HOLD, *progress.key, progress.epoch):
        raise Fenced(*progress.key)


async def advance(
    connection: Connection, progress: Progress, next_offset: int, position: int
) -> Progress:
    """Move on, as the last statement before the commit.

    Raises:
        Fenced: somebody else owns the partition, or moved it.
    """
    known = (*progress.key, progress.epoch, progress.next_offset)
    if not await connection.fetchval(ADVANCE, *known, next_offset, position):
        raise Fenced(*progress.key)
    return replace(progress, next_offset=next_offset, position=position)


async def note_halt(pool: Pool, progress: Progress, reason: str) -> None:
    """Keep in mind for every later owner that the partition must not be read on."""
    await pool.execute(HALT, *progress.key, progress.epoch, reason)


async def check_ownership(pool: Pool, group: str, held: Iterable[Progress]) -> None:
    """Notice that a partition was taken over or rewound while nothing arrived on it.

    Raises:
        Fenced: one was.
    """
    rows = await pool.fetch(EPOCHS, group)
    if lost := {(*one.key, one.epoch) for one in held} - {tuple(row) for row in rows}:
        raise Fenced(*lost)


async def blocked_streams(database: Connection | Pool, progress: Progress) -> set[str]:
    """The streams of which something is parked here."""
    return {row["stream"] for row in await database.fetch(BLOCKED, *progress.key)}


async def park(
    connection: Connection, progress: Progress, record: ConsumerRecord, error: str
) -> None:
    """Put a record aside, as it is, with the reason."""
    headers = {_text(name.encode()): _text(value) for name, value in record.headers}
    await connection.execute(
        PARK,
        *progress.key,
        record.offset,
        stream_of(record),
        headers.get("ce_type", "?"),
        json.dumps(headers),
        record.value or b"",
        error.replace("\x00", ""),
    )


def stream_of(record: ConsumerRecord) -> str:
    """The stream that a record is of, by its key."""
    return _text(record.key)


def _text(raw: bytes | None) -> str:
    """As PostgreSQL can keep it."""
    return (raw or b"").decode("utf-8", "replace").replace("\x00", "")


async def order(
    database: Connection | Pool, kind: str, parked_id: int, by_and_why: tuple[str, str], kept: Kept
) -> asyncpg.Record | None:
    """Ask for a parked message to be retried (its stream with it) or skipped.

    Args:
        database: the consumer's.
        kind: `retry` or `skip`.
        parked_id: of the message.
        by_and_why: the person and the reason, for the record.
        kept: digests of the request's Idempotency-Key and body: a key orders once.

    Returns:
        The order's `id`, its `fingerprint`, and whether it is `new`; None if nothing is parked.
    """
    ordered = await database.fetchrow(ORDER, kind, parked_id, *by_and_why, *kept)
    return ordered or await database.fetchrow(ORDERED, kept[0])
