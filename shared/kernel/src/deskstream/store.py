"""The event store: append at an expected version, load a stream, read the settled feed."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic

import asyncpg

from deskstream.answers import Answer
from deskstream.codec import Codec
from deskstream.database import Connection, Pool
from deskstream.decider import E
from deskstream.envelope import Origin, Recorded
from deskstream.retry import Again


class VersionConflict(Again):
    """Somebody else appended to the stream first."""


class PolicyActedBefore(Exception):
    """This policy has acted on this cause and target already."""


class AnsweredBefore(Exception):
    """The Idempotency-Key was used already."""


BROKEN_RULES: dict[str, type[Exception]] = {
    "events_stream_version_key": VersionConflict,
    "events_policy_acts_once": PolicyActedBefore,
    "answers_pkey": AnsweredBefore,
}


@dataclass(frozen=True, slots=True)
class Appendix(Generic[E]):
    """Facts to append to one stream, and where they come from.

    Args:
        stream: its name.
        base: the version that the facts were decided on; 0 for a new stream.
        facts: in order.
        origin: of all of them.
    """

    stream: str
    base: int
    facts: Sequence[E]
    origin: Origin


APPEND = """
SELECT at_position, happened, stored FROM append_together(
    $1::text[], $2::int[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::timestamptz[], $10::bytea[], $11::bytea[], $12::smallint[], $13::text[], $14::text[])
"""
COLUMNS = "position, stream, version, type, data, origin, occurred_at, recorded_at"
LOAD = f"SELECT {COLUMNS} FROM events WHERE stream = ANY($1) ORDER BY stream, version"  # noqa: S608  COLUMNS is a constant
READ = f"""
SELECT {COLUMNS} FROM events WHERE position > $1 AND position <= $2 AND type = ANY($4)
ORDER BY position LIMIT $3
"""  # noqa: S608  COLUMNS is a constant


@dataclass(frozen=True, slots=True)
class EventStore(Generic[E]):
    """One service's events in its PostgreSQL database. Transactions are the caller's."""

    codec: Codec[E]

    async def append(
        self,
        connection: Connection,
        appendices: Sequence[Appendix[E]],
        answers: Sequence[Answer] = (),
    ) -> list[Recorded[E]]:
        """Append to any number of streams, in one round trip.

        Args:
            connection: in a transaction; its commit makes the events durable.
            appendices: those of one stream in their order.
            answers: to be kept with them.

        Raises:
            VersionConflict, PolicyActedBefore, AnsweredBefore: the transaction is void.
        """
        rows = self._rows(appendices)
        if not rows and not answers:
            return []
        columns = _columns([row[0] for row in rows], 9)
        kept = _columns([answer.row for answer in answers], 5)
        try:
            stamps = await connection.fetch(APPEND, *columns, *kept)
        except asyncpg.UniqueViolationError as violation:
            if broken := BROKEN_RULES.get(violation.constraint_name or ""):
                raise broken(str(violation)) from violation
            raise
        return [_recorded(row, stamp) for row, stamp in zip(rows, stamps, strict=True)]

    def _rows(self, appendices: Sequence[Appendix[E]]) -> list[tuple[tuple[Any, ...], E, Origin]]:
        """One for each fact.

        A stream's first base is what the store has of it. The first fact that a policy's cause
        adds to a stream stands for all that it does there.
        """
        rows: list[tuple[tuple[Any, ...], E, Origin]] = []
        bases: dict[str, int] = {}
        acted: set[tuple[str, str | None, str | None]] = set()
        for appendix in appendices:
            stream, origin = appendix.stream, appendix.origin
            told = json.dumps(origin.as_json())
            for version, fact in enumerate(appendix.facts, start=appendix.base + 1):
                name, data = self.codec.encode(fact)
                act = stream, origin.causation, origin.policy
                columns = (
                    stream,
                    bases.setdefault(stream, appendix.base),
                    version,
                    name,
                    data,
                    told,
                    origin.causation,
                    None if act in acted else origin.policy,
                    fact.at,
                )
                acted.add(act)
                rows.append((columns, fact, origin))
        return rows

    async def load(self, database: Connection | Pool, stream: str) -> list[Recorded[E]]:
        """A stream's events in order; none if there is no such stream."""
        return (await self.load_many(database, [stream]))[stream]

    async def load_many(
        self, database: Connection | Pool, streams: Sequence[str]
    ) -> dict[str, list[Recorded[E]]]:
        """Several streams' events in one round trip."""
        found: dict[str, list[Recorded[E]]] = {stream: [] for stream in streams}
        for row in await database.fetch(LOAD, list(found)):
            found[row["stream"]].append(self.read(row))
        return found

    async def feed(
        self, connection: Connection, after: int, up_to: int, *, batch: int = 1000
    ) -> AsyncIterator[list[Recorded[E]]]:
        """This codec's events above `after` up to a settled position, in batches, by position."""
        names = list(self.codec.stored_names)
        while rows := await connection.fetch(READ, after, up_to, batch, names):
            yield [self.read(row) for row in rows]
            after = rows[-1]["position"]

    def read(self, row: asyncpg.Record) -> Recorded[E]:
        """One row of `events`, decoded."""
        occurred_at: datetime = row["occurred_at"]
        return Recorded(
            position=row["position"],
            stream=row["stream"],
            version=row["version"],
            type=row["type"],
            fact=self.codec.decode(row["type"], row["data"], occurred_at),
            occurred_at=occurred_at,
            recorded_at=row["recorded_at"],
            origin=Origin(**json.loads(row["origin"])),
        )


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


def _recorded(row: tuple[tuple[Any, ...], E, Origin], stamp: asyncpg.Record) -> Recorded[E]:
    (stream, _, version, name, *_), fact, origin = row
    happened: datetime = stamp["happened"]
    return Recorded(
        position=stamp["at_position"],
        stream=stream,
        version=version,
        type=name,
        fact=fact.model_copy(update={"at": happened}),
        occurred_at=happened,
        recorded_at=stamp["stored"],
        origin=origin,
    )


LONGEST_POLL = 0.01
WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = 'events'::regclass
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND mode = 'RowExclusiveLock' AND granted
"""


async def settled_position(connection: Connection) -> int:
    """A position below which no event can appear any more.

    Positions are drawn under a lock on `events` that is released after the commit is visible. So
    once every transaction that held the lock when the sequence was read has let go, all that is
    at or below the value read is there. `connection` must not be in a transaction.
    """
    drawn: int = await connection.fetchval(
        "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM events_position_seq"
    )
    await present_writers_gone(connection)
    return drawn


async def present_writers_gone(connection: Connection, *, poll: float = 0.001) -> None:
    """The writers' barrier: wait until all who may be writing events now have ended.

    `connection` must not be in a transaction.
    """
    writers = {row[0] for row in await connection.fetch(WRITERS)}
    while writers:
        await asyncio.sleep(poll)
        poll = min(poll * 2, LONGEST_POLL)
        writers &= {row[0] for row in await connection.fetch(WRITERS)}
