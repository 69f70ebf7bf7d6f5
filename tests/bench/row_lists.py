"""How long the database works for a page, or counts, of two hundred thousand incidents."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any, Final, get_args

import asyncpg
from many_incidents import MANY, NOW, fill
from measure import Row, percentile
from servers import Servers
from starlette.requests import Request
from what_is_asked import (
    AGENT,
    BIG_CUSTOMER,
    BUSY_AGENT,
    BUSY_REQUESTER,
    CUSTOMER,
    EARLY,
    FREQUENT,
    LATELY,
    NOBODYS,
    RARE,
    REQUESTER,
    SORTS,
)

from deskstream.access import Principal
from deskstream.database import Pool, connect_pool, migrate
from deskstream.http.conditions import Look
from incident.main import AGGREGATE, SERVICE
from incident.queries.handover import HandoverQuery, read_handover
from incident.queries.listing import (
    INCIDENT_LISTING,
    Counted,
    IncidentCounts,
    IncidentQuery,
    IncidentRow,
    OwnCounts,
    OwnQuery,
)

GOAL: Final = 50.0
TIMES: Final = 3
READERS: Final = (AGENT, BUSY_AGENT, REQUESTER, BUSY_REQUESTER, CUSTOMER, BIG_CUSTOMER)
ADDRESS: Final = {"type": "http", "path": "/incidents", "query_string": b"", "headers": []}
REQUEST: Final = Request({**ADDRESS, "scheme": "http", "server": ("desk", 80)})

Reading = Callable[[Pool], Awaitable[object]]


@dataclass(frozen=True)
class Asked:
    """One thing that somebody asks for, in words and as it is read."""

    words: str
    read: Reading


@dataclass(frozen=True)
class Database:
    """A pool of one connection, and the process at its other end."""

    pool: Pool
    process: int

    async def milliseconds(self, asked: Asked) -> float:
        """What it works to answer; not what it waits for others on a busy machine."""
        before = self._worked()
        await asked.read(self.pool)
        return (self._worked() - before) / 1e6

    def _worked(self) -> int:
        worked, _, _ = Path(f"/proc/{self.process}/schedstat").read_text(encoding="ascii").split()
        return int(worked)


@asynccontextmanager
async def reading(dsn: str) -> AsyncIterator[Database]:
    """A database, until its connection has answered so much that a pool would change it."""
    async with await connect_pool(dsn, size=1) as pool:
        yield Database(pool, await pool.fetchval("SELECT pg_backend_pid()"))


@dataclass(frozen=True)
class Taken:
    """How many milliseconds it took."""

    words: str
    milliseconds: float


async def rows(servers: Servers) -> Sequence[Row]:
    """Pages by every filter in every order for every kind of reader, and counts by every filter."""
    dsn = await servers.postgres.ensure_database("many_incidents")
    await migrate(dsn, [SERVICE.migrations])
    await _fill(dsn)
    pages, counts = [], []
    for by in READERS:
        async with reading(dsn) as database:
            pages += [await _taken(database, one) for one in [*_pages(by), *_handovers(by)]]
            counts += [await _taken(database, one) for one in _counts(by)]
    return [
        _row("a page of a list, by any filter, in any order, for any reader", pages),
        _row("counts, by any member, with any filter, for any reader", counts),
    ]


async def _fill(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await fill(connection)
    finally:
        await connection.close()


def _row(what: str, taken: Sequence[Taken]) -> Row:
    slowest = max(taken, key=lambda one: one.milliseconds)
    most, usual = slowest.milliseconds, percentile([one.milliseconds for one in taken], 0.95)
    return Row(
        f"{MANY:,} incidents: {what}",
        f"p95 {usual:.1f} ms, worst of {len(taken):,} {most:.1f} ms",
        f"worst ≤ {GOAL:g} ms",
        most <= GOAL,
        f"the worst: {slowest.words}",
    )


async def _taken(database: Database, asked: Asked) -> Taken:
    """The median, when what it reads has been read before."""
    await asked.read(database.pool)
    return Taken(asked.words, median([await database.milliseconds(asked) for _ in range(TIMES)]))


def _filters() -> Iterator[dict[str, Any]]:
    yield {}
    for values in (RARE, FREQUENT, NOBODYS):
        for name, value in values.items():
            yield {name: value}


def _pages(by: Principal) -> Iterator[Asked]:
    for filters in _filters():
        for sort in SORTS:
            query = OwnQuery.of(by, IncidentQuery(**filters, sort=sort))
            yield Asked(f"{by.role} {by.name}, {filters}, sorted by {sort}", _page(by, query))


def _page(by: Principal, query: OwnQuery) -> Reading:
    look = Look(by, REQUEST)
    return lambda pool: INCIDENT_LISTING.page(pool, look, query, IncidentRow.of)


def _counts(by: Principal) -> Iterator[Asked]:
    for filters in _filters():
        yield _count(by, filters, "status")
    for member in get_args(Counted):
        yield _count(by, {}, member)


def _count(by: Principal, filters: dict[str, Any], member: str) -> Asked:
    query = OwnCounts.of(by, IncidentCounts(**filters, by=member))
    look = Look(by, REQUEST)
    words = f"{by.role} {by.name}, {filters}, by {member}"
    return Asked(words, lambda pool: INCIDENT_LISTING.count(pool, look, query))


def _handovers(by: Principal) -> Iterator[Asked]:
    for since in (NOW, LATELY, EARLY):
        words = f"{by.role} {by.name}, handover since {since:%Y-%m-%d}"
        yield Asked(words, _handover(by, since))


def _handover(by: Principal, since: datetime) -> Reading:
    query = HandoverQuery(since=since)
    return lambda pool: read_handover(pool, AGGREGATE.store, by, query)
