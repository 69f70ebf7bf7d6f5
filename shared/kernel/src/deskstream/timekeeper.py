"""Timers: what is due is done in due order, once, by the one owner of the time it waits for."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol

import asyncpg
import structlog

from deskstream.aggregate import Aggregate, UnitOfWork, database_time
from deskstream.cloudevent import partition_of
from deskstream.database import Connection, Pool, connected
from deskstream.decider import Actor, C, E, Occasion, Refusal, Role, S
from deskstream.envelope import LIVE, Origin, Recorded
from deskstream.faults import fault_of, for_the_log
from deskstream.lease import take_lease
from deskstream.observe import TIMER_LATENESS
from deskstream.retry import PASSING, Backoff, keep_trying
from deskstream.timer import Basis, ClearTimer, Due, SetTimer, TimerChange

log = structlog.get_logger()
BATCH = 200
LONGEST_SLEEP = 1.0
BREATH = 0.05
KEEPER = Actor("deskstream", Role.SERVICE)
HASHES = 2**31  # of streams; what remains of one by a number of partitions is its partition

SET = """
INSERT INTO timers (stream, name, basis, partition, due_at, depends, correlation, source)
SELECT stream, name, basis, partition, due_at, string_to_array(depends, ' '), correlation, source
FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::timestamptz[], $6::text[],
            $7::text[], $8::text[])
    AS n (stream, name, basis, partition, due_at, depends, correlation, source)
ON CONFLICT (stream, name) DO UPDATE SET basis = excluded.basis, partition = excluded.partition,
    due_at = excluded.due_at, depends = excluded.depends, correlation = excluded.correlation,
    source = excluded.source, failed = NULL, again_at = NULL
"""
CLEAR = """
DELETE FROM timers WHERE (stream, name) IN (SELECT * FROM unnest($1::text[], $2::text[]))
"""
# It may have been set anew since it was found due.
CLEAR_DUE = """
DELETE FROM timers
WHERE (stream, name, due_at) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[]))
"""
# The application knows of no event that is parked, so what rests on one has to wait for it.
DUE = """
SELECT stream, name, due_at, correlation, source
FROM timers JOIN source_times($1, $4) USING (source)
WHERE basis = $1 AND partition % $2 = $3 AND due_at <= due_until
  AND coalesce(again_at <= clock_timestamp(), true)
  AND NOT EXISTS (SELECT FROM parked WHERE parked.stream = ANY (depends))
ORDER BY due_at, stream LIMIT $5
"""
NEXT = """
SELECT due_at FROM timers
WHERE basis = $1 AND source = 'live' AND partition % $2 = $3 AND due_at > $4 ORDER BY due_at LIMIT 1
"""
SET_ASIDE = """
UPDATE timers SET failed = $4, again_at = clock_timestamp() + interval '1 minute'
WHERE (stream, name, due_at) = ($1, $2, $3)
"""


@dataclass(frozen=True)
class Timers(Generic[E]):
    """The projection that keeps the due index.

    Args:
        changes: what an event sets and clears.
    """

    changes: Callable[[Recorded[E]], Iterable[TimerChange]]
    name: str = "timers"
    tables: tuple[str, ...] = ("timers",)

    async def apply(self, connection: Connection, events: Sequence[Recorded[E]]) -> None:
        """Set and clear timers; of several changes to one timer the last counts."""
        last: dict[tuple[str, str], tuple[TimerChange, Origin]] = {}
        for event in events:
            for change in self.changes(event):
                last[event.stream, change.name] = change, event.origin
        cleared = [key for key, (change, _) in last.items() if isinstance(change, ClearTimer)]
        if cleared:
            await connection.execute(CLEAR, *_columns(cleared))
        new = [
            _row(stream, change, origin)
            for (stream, _), (change, origin) in last.items()
            if isinstance(change, SetTimer)
        ]
        if new:
            await connection.execute(SET, *_columns(new))


def _row(stream: str, change: SetTimer, origin: Origin) -> tuple[Any, ...]:
    partition = partition_of(change.depends[0], HASHES) if change.basis is Basis.FRONTIER else 0
    when = change.basis.value, partition, change.due_at, " ".join(change.depends)
    return stream, change.name, *when, origin.correlation, origin.source


def _columns(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


@dataclass(frozen=True, slots=True)
class Share:
    """Timers that this process may run now.

    Args:
        basis: whose time they wait for.
        partition: of the topic whose partitions own these timers.
        partitions: how many it has.
        until: what is due up to here is due.
        fence: holds the ownership until the transaction ends, or raises Fenced or LeaseLost.
    """

    basis: Basis
    partition: int
    partitions: int
    until: datetime
    fence: Callable[[Connection], Awaitable[None]]


class Ownership(Protocol):
    """What gives this process a share of the timers, and a time to run them by."""

    async def shares(self, connection: Connection) -> Sequence[Share]:
        """The shares that are owned now. `connection` is the timekeeper's own."""


class DatabaseClock:
    """Timers by the clock of the service's own database: one process of the service runs them."""

    def __init__(self) -> None:
        self._taken_on: Connection | None = None
        self._beaten = 0.0

    async def shares(self, connection: Connection) -> Sequence[Share]:
        """Waits until the lease is this process's, for as long as this connection."""
        if self._taken_on is not connection:
            self._lease = await take_lease(connection, "timers")
            self._taken_on = connection
        if time.monotonic() - self._beaten > 1.0:
            await self._lease.beat(connection)
            self._beaten = time.monotonic()
        now = await database_time(connection)
        return [Share(Basis.DATABASE, 0, 1, now, self._lease.beat)]


@dataclass
class Timekeeper(Generic[C, S, E]):
    """Runs timers of one aggregate. `run` ends when it is cancelled.

    Args:
        dsn: the service's database.
        pool: to the same.
        aggregate: whose streams the timers are of.
        ownership: which of them this process runs.
        command: what to do when one is due; None if nothing is left to do.
        committed: told when something was appended.
    """

    dsn: str
    pool: Pool
    aggregate: Aggregate[C, S, E]
    ownership: Ownership
    command: Callable[[Due], C | None]
    committed: Callable[[], None]
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Look again: something may be due earlier than what was waited for."""
        self._wake.set()

    async def run(self) -> None:
        """Keep time for ever."""
        await keep_trying("timers", self._keep)

    async def _keep(self, backoff: Backoff) -> None:
        async with connected(self.dsn) as connection:
            while True:
                self._wake.clear()
                shares = await self.ownership.shares(connection)
                ran = [await self._run_share(share) for share in shares]
                backoff.reset()
                if not any(ran):
                    await self._sleep(connection, shares)

    async def _run_share(self, share: Share) -> bool:
        """Run one batch of what is due; tell if anything was."""
        rows = await self.pool.fetch(
            DUE, share.basis, share.partitions, share.partition, share.until, BATCH
        )
        if rows:
            await self._fire(share, rows)
            self.committed()
        return bool(rows)

    async def _fire(self, share: Share, rows: Sequence[asyncpg.Record]) -> None:
        """Run these together; if that fails one by one, and set aside what fails then too."""
        try:
            await self._fire_together(share, rows)
        except PASSING:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, it stops only whose it is
            if len(rows) == 1:
                await self._set_aside(share, rows[0], error)
                return
            for row in rows:
                await self._fire(share, [row])

    async def _set_aside(self, share: Share, row: asyncpg.Record, error: Exception) -> None:
        log.error("timer failed, and is tried again later", timer=row[:2], **for_the_log(error))
        async with self._owning(share) as connection:
            await connection.execute(SET_ASIDE, *row[:3], fault_of(error))

    @asynccontextmanager
    async def _owning(self, share: Share) -> AsyncIterator[Connection]:
        async with self.pool.acquire() as connection, connection.transaction():
            await share.fence(connection)
            yield connection

    async def _fire_together(self, share: Share, rows: Sequence[asyncpg.Record]) -> None:
        """Do what is due. A timer is gone then, unless what it led to sets it anew."""
        async with self._owning(share) as connection:
            unit = UnitOfWork(self.aggregate, connection)
            await unit.load(sorted({row["stream"] for row in rows}))
            now = max(await database_time(connection), share.until)
            for row in rows:
                origin = Origin(KEEPER.name, KEEPER.role, row["correlation"], source=row["source"])
                due = Due(row["stream"], row["name"], row["due_at"], now)
                self._decide(unit, due, origin)
            await connection.execute(CLEAR_DUE, *_columns(row[:3] for row in rows))
            await unit.save()
        for row in rows:
            if row["source"] == LIVE:  # what is due in a history was so years ago
                TIMER_LATENESS.observe((now - row["due_at"]).total_seconds())

    def _decide(self, unit: UnitOfWork[C, S, E], due: Due, origin: Origin) -> None:
        command = self.command(due)
        if command is None:
            return
        decided = unit.decide(due.stream, command, Occasion(KEEPER, due.detected_at), origin)
        if isinstance(decided, Refusal):
            log.info("timer refused", stream=due.stream, timer=due.name, code=decided.code)

    async def _sleep(self, connection: Connection, shares: Sequence[Share]) -> None:
        """Until the next timer is due, or an earlier one may have been set."""
        pause = LONGEST_SLEEP
        for share in shares:
            due: datetime | None = await connection.fetchval(
                NEXT, share.basis, share.partitions, share.partition, share.until
            )
            if due is not None:
                pause = min(pause, max(0.02, (due - share.until).total_seconds()))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):  # wait_for drops a cancellation before Python 3.12
                await self._wake.wait()
                await asyncio.sleep(BREATH)  # one look for all that was committed meanwhile
