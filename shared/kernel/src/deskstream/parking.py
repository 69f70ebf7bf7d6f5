"""Messages that could not be handled, and what operators order about them.

Orders are rows that the partition's owner carries out between two batches, so that order holds
and every decision stays on record.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import asyncpg
import structlog
from aiokafka.structs import ConsumerRecord

from deskstream.cloudevent import Message, read_message
from deskstream.database import TRANSIENT, Connection, Pool
from deskstream.progress import Fenced, Progress, advance, hold
from deskstream.store import VersionConflict

if TYPE_CHECKING:
    from deskstream.consumer import Subscription

log = structlog.get_logger()


async def blocked_streams(connection: Connection, progress: Progress) -> set[str]:
    """The streams of which something is parked here."""
    rows = await connection.fetch(
        "SELECT DISTINCT stream FROM parked WHERE consumer_group = $1 AND topic = $2"
        " AND partition = $3",
        progress.group,
        progress.topic,
        progress.partition,
    )
    return {row["stream"] for row in rows}


async def park(
    connection: Connection, progress: Progress, record: ConsumerRecord, error: str
) -> None:
    """Put a record aside, as it is, with the reason."""
    headers = {_text(name.encode()): _text(value) for name, value in record.headers}
    await connection.execute(
        'INSERT INTO parked (consumer_group, topic, partition, "offset", stream, type, headers,'
        " body, error) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        progress.group,
        record.topic,
        record.partition,
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


def position_of(record: ConsumerRecord) -> int | None:
    """The position that a record claims, if it can be read."""
    value = dict(record.headers).get("ce_position") or b""
    return int(value) if value.isdigit() else None


async def list_parked(connection: Connection) -> list[asyncpg.Record]:
    """Everything that is parked, oldest first."""
    return await connection.fetch(
        'SELECT id, consumer_group, topic, partition, "offset", stream, type, error, parked_at'
        " FROM parked ORDER BY id"
    )


async def order(
    connection: Connection, kind: str, parked_id: int, ordered_by: str, reason: str
) -> int | None:
    """Ask for a parked message to be retried (its stream with it) or skipped.

    Args:
        connection: to the consumer's database.
        kind: `retry` or `skip`.
        parked_id: of the message.
        ordered_by: the person.
        reason: theirs, for the record.

    Returns:
        The order's id; None if nothing is parked under this id.
    """
    ordered: int | None = await connection.fetchval(
        "INSERT INTO orders (kind, consumer_group, topic, partition, subject, ordered_by, reason)"
        " SELECT $1, consumer_group, topic, partition, id::text, $3, $4 FROM parked WHERE id = $2"
        " RETURNING id",
        kind,
        parked_id,
        ordered_by,
        reason,
    )
    return ordered


async def carry_out(pool: Pool, progress: Progress, subscription: "Subscription") -> bool:
    """Do what was ordered for this partition; tell whether there was anything to do."""
    rows = await pool.fetch(
        "SELECT id, kind, subject FROM orders WHERE consumer_group = $1 AND topic = $2"
        " AND partition = $3 AND done_at IS NULL ORDER BY id",
        progress.group,
        progress.topic,
        progress.partition,
    )
    for row in rows:
        outcome = await _outcome(pool, progress, subscription, row)
        await pool.execute(
            "UPDATE orders SET done_at = clock_timestamp(), outcome = $2 WHERE id = $1",
            row["id"],
            outcome,
        )
    return bool(rows)


async def _outcome(
    pool: Pool, progress: Progress, subscription: "Subscription", row: asyncpg.Record
) -> str:
    try:
        async with pool.acquire() as connection, connection.transaction():
            await hold(connection, progress)
            act = _skip if row["kind"] == "skip" else _retry
            outcome = await act(connection, int(row["subject"]), subscription)
            await advance(connection, progress, progress.next_offset, progress.position)
    except (Fenced, VersionConflict, *TRANSIENT):
        raise
    except Exception as error:
        log.warning("order failed", kind=row["kind"], subject=row["subject"], exc_info=error)
        return f"failed: {error!r}"
    return outcome


async def _skip(connection: Connection, parked_id: int, subscription: "Subscription") -> str:
    """Let the message go, and let those of its stream that waited behind it go on."""
    behind: int | None = await connection.fetchval(
        "WITH gone AS (DELETE FROM parked WHERE id = $1 RETURNING *)"
        " SELECT min(p.id) FROM parked p JOIN gone"
        " USING (consumer_group, topic, partition, stream) WHERE p.id <> $1",
        parked_id,
    )
    if behind is None:
        return "done"
    try:
        async with connection.transaction():
            return await _retry(connection, behind, subscription)
    except (VersionConflict, *TRANSIENT):
        raise
    except Exception as error:
        log.warning("what waited behind stays parked", subject=parked_id, exc_info=error)
        return f"done, but what waited behind it cannot be handled: {error!r}"


async def _retry(connection: Connection, parked_id: int, subscription: "Subscription") -> str:
    """Handle all that is parked of the message's stream, in order, all or none."""
    rows = await connection.fetch(
        "DELETE FROM parked WHERE (consumer_group, topic, partition, stream) IN (SELECT"
        " consumer_group, topic, partition, stream FROM parked WHERE id = $1)"
        ' RETURNING topic, partition, "offset", headers, body',
        parked_id,
    )
    rows.sort(key=lambda row: row["offset"])
    messages = [_parked_message(row) for row in rows]
    known = subscription.handled | subscription.ignored
    if unknown := {message.type for message in messages} - known:
        sentence = f"still unknown here: {sorted(unknown)}"
        raise LookupError(sentence)
    wanted = [message for message in messages if message.type in subscription.handled]
    if wanted:
        await subscription.handle(connection, wanted)
    return "done"


def _parked_message(row: asyncpg.Record) -> Message:
    headers: dict[str, str] = json.loads(row["headers"])
    encoded: Sequence[tuple[str, bytes]] = [(k, v.encode()) for k, v in headers.items()]
    return read_message(row["topic"], row["partition"], row["offset"], encoded, row["body"])
