"""The HTTP side of the monitor."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from deskstream.aggregate import database_time
from deskstream.database import Pool
from deskstream.decider import Role
from deskstream.http.conditions import Reading, json_response
from deskstream.http.feed import Position, add_feed
from deskstream.http.history import Archive, Entry
from deskstream.http.lists import Counts, Limit, Page
from deskstream.http.permissions import Needs
from deskstream.http.routes import Route, held
from deskstream.input import Moment
from deskstream.localcopy import LocalCopy
from sla_monitor.commands import ClockCommand
from sla_monitor.decider import Clocks
from sla_monitor.decider.agreements import PolicyBook
from sla_monitor.events import ClockEvent
from sla_monitor.queries import (
    CLOCK_LISTING,
    ClockCounts,
    ClockQuery,
    ClockRow,
    ClocksView,
    TicketClocks,
    explain,
)

routes = APIRouter(tags=["clocks"], route_class=Route)
READER = Needs(
    Role.REQUESTER,
    Role.CUSTOMER,
    Role.AGENT,
    Role.LEAD,
    Role.OWNER,
    Role.AUDITOR,
    scope="read",
)
STREAMER = Needs(
    Role.REQUESTER,
    Role.CUSTOMER,
    Role.AGENT,
    Role.LEAD,
    Role.OWNER,
    Role.AUDITOR,
    scope="stream",
)

Records = Annotated[Archive[ClockCommand, Clocks, ClockEvent], held("archive")]
Database = Annotated[Pool, held("pool")]
Policies = Annotated[LocalCopy[PolicyBook], held("policies")]


@routes.get("/clocks", dependencies=[READER], response_model=Page[ClockRow])
async def list_clocks(
    query: Annotated[ClockQuery, Query()], look: Reading, pool: Database
) -> Response:
    """Clocks by next due; those that still run or stand, unless `phase` says otherwise."""
    return await CLOCK_LISTING.page(pool, look, query, ClockRow.of)


@routes.get("/clocks/counts", dependencies=[READER], response_model=Counts)
async def count_clocks(
    query: Annotated[ClockCounts, Query()], look: Reading, pool: Database
) -> Response:
    """How many clocks there are, by phase, target, priority or breach."""
    return await CLOCK_LISTING.count(pool, look, query)


@routes.get("/clocks/{id}", dependencies=[READER], response_model=ClocksView)
async def clocks_of_a_ticket(
    id: UUID,
    look: Reading,
    records: Records,
    as_of: Moment | None = None,
) -> Response:
    """The clocks of the ticket with this id."""
    return await records.show(look, id, as_of)


@routes.get("/clocks/{id}/explanation", dependencies=[READER], response_model=TicketClocks)
async def explain_clocks(
    id: UUID,
    look: Reading,
    records: Records,
    pool: Database,
    policies: Policies,
) -> Response:
    """Every segment of the clocks of a ticket, and why they are due when they are."""
    events = await records.read(look.by, id, "explanation")
    async with pool.acquire() as connection:
        book = await policies.get(connection)
        now = await database_time(connection)
    state = records.aggregate.fold(events)
    explained = explain(events, state, book, now)
    return json_response(explained.model_dump_json())


@routes.get("/clocks/{id}/history", dependencies=[READER], response_model=Page[Entry])
async def clock_history(
    id: UUID,
    look: Reading,
    records: Records,
    after: Position = 0,
    limit: Limit = 50,
) -> Response:
    """What happened to the clocks of a ticket, in plain words."""
    return await records.history(look, id, after, limit)


add_feed(routes, STREAMER)
