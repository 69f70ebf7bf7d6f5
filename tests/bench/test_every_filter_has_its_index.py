"""Whatever can be asked for is found by an index, in every order: the pages of lists, counts,
searches, what is done to many, and a handover look at few rows to find few.

The planner is told not to read tables through: there are too few rows here for it to mind. What a
filter has no index for it then looks for in all rows of some index.
"""

import json
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import get_args

import asyncpg
import pytest
from many_incidents import fill
from what_is_asked import AGENT, CUSTOMER, EARLY, LATELY, RARE, REQUESTER, SORTS

from deskstream.database import migrate
from deskstream.http.lists import Filter
from incident.main import SERVICE
from incident.queries.handover import HandoverQuery, read_handover
from incident.queries.listing import (
    INCIDENT_LISTING,
    Counted,
    IncidentCounts,
    IncidentFilters,
    IncidentQuery,
    OwnCounts,
    OwnQuery,
    streams_of,
)

MANY = 20_000
FEW = MANY // 10


class Explaining:
    """A pool that explains instead of answering, and tells how many rows were looked at."""

    def __init__(self, connection):
        self.connection, self.looked_at = connection, 0
        self.execute, self.transaction = connection.execute, connection.transaction

    @asynccontextmanager
    async def acquire(self):
        yield self

    async def fetch(self, sql, *arguments):
        sql = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}"
        (plan,) = json.loads(await self.connection.fetchval(sql, *arguments))
        self.looked_at = sum(map(rows_of, nodes(plan["Plan"])))
        return []


def nodes(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def rows_of(node):
    if "Relation Name" not in node:
        return 0
    removed = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    return (node["Actual Rows"] + sum(node.get(one, 0) for one in removed)) * node["Actual Loops"]


@pytest.fixture(scope="module")
async def incidents(postgres):
    dsn = await postgres.ensure_database("many_incidents")
    await migrate(dsn, [SERVICE.migrations])
    connection = await asyncpg.connect(dsn)
    await fill(connection, MANY)
    await connection.execute("SET enable_seqscan = off; SET jit = off")
    yield connection
    await connection.close()


async def page(pool, by, query):
    asked = OwnQuery.of(by, IncidentQuery(**query))
    await INCIDENT_LISTING.page(pool, SimpleNamespace(by=by), asked, dict)


async def count(pool, by, query):
    asked = OwnCounts.of(by, IncidentCounts(**query))
    await INCIDENT_LISTING.count(pool, SimpleNamespace(by=by), asked)


@pytest.mark.parametrize("by", [AGENT, REQUESTER, CUSTOMER], ids=lambda by: by.role)
@pytest.mark.parametrize("name", IncidentFilters.model_fields)
async def test_a_filter_has_its_index_in_every_order(incidents, name, by):
    pool, asked = Explaining(incidents), {name: RARE[name]}
    for sort in SORTS:
        await page(pool, by, asked | {"sort": sort})
        assert pool.looked_at <= FEW, (sort, pool.looked_at)
    await count(pool, by, asked)
    assert pool.looked_at <= FEW
    await streams_of(pool, by, IncidentFilters(**asked), 50)
    assert pool.looked_at <= FEW


@pytest.mark.parametrize("sort", SORTS)
async def test_every_order_has_its_index(incidents, sort):
    pool = Explaining(incidents)
    await page(pool, AGENT, {"sort": sort})
    assert pool.looked_at <= FEW


@pytest.mark.parametrize("by", get_args(Counted))
async def test_what_is_open_is_counted_by_its_index(incidents, by):
    pool = Explaining(incidents)
    await count(pool, AGENT, {"open": True, "by": by})
    assert pool.looked_at <= FEW


@pytest.mark.parametrize("since", [LATELY, EARLY])
async def test_a_handover_has_its_index(incidents, since):
    pool = Explaining(incidents)
    await read_handover(pool, NoEvents(), AGENT, HandoverQuery(since=since))
    assert pool.looked_at <= FEW


class NoEvents:
    async def load_many(self, _connection, _streams):
        return {}


async def test_what_has_no_index_is_seen(incidents, monkeypatch):
    mark = Filter("r.impact || r.urgency || r.title")
    monkeypatch.setattr(IncidentFilters.model_fields["service"], "metadata", [mark])
    monkeypatch.setattr(OwnQuery.model_fields["service"], "metadata", [mark])
    pool = Explaining(incidents)
    await page(pool, AGENT, {"service": "nothing"})
    assert pool.looked_at == MANY
