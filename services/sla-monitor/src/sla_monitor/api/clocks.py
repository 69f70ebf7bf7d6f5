"""Clocks: lists of them, those of one ticket, and why they are due when they are."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from deskstream.aggregate import database_time
from deskstream.http.conditions import Reading, json_response
from deskstream.http.feed import Position, add_feed
from deskstream.http.history import Entry
from deskstream.http.lists import Counts, Limit, Page
from deskstream.http.problems import Problem
from deskstream.http.routes import Route
from deskstream.input import Moment
from sla_monitor.api.readers import (
    READER,
    STREAMER,
    Database,
    OnGround,
    Policies,
    Records,
    standing_on,
)
from sla_monitor.queries.explanation import ClocksView, Question, TicketClocks, explain
from sla_monitor.queries.listing import CLOCK_LISTING, ClockCounts, ClockQuery, ClockRow

routes = APIRouter(tags=["clocks"], route_class=Route)


@routes.get("/clocks", dependencies=[READER], response_model=Page[ClockRow])
async def list_clocks(
    query: Annotated[ClockQuery, Query()], look: Reading, pool: Database, ground: OnGround
) -> Response:
    """Clocks by next due; those that still run or stand, unless `phase` says otherwise."""
    stands_on = await ground.now(pool)
    return standing_on(stands_on, await CLOCK_LISTING.page(pool, look, query, ClockRow.of))


@routes.get("/clocks/counts", dependencies=[READER], response_model=Counts)
async def count_clocks(
    query: Annotated[ClockCounts, Query()], look: Reading, pool: Database, ground: OnGround
) -> Response:
    """How many clocks there are, by one of their members."""
    stands_on = await ground.now(pool)
    return standing_on(stands_on, await CLOCK_LISTING.count(pool, look, query))


@routes.get("/clocks/{id}", dependencies=[READER], response_model=ClocksView)
async def clocks_of_a_ticket(
    id: UUID,
    look: Reading,
    records: Records,
    pool: Database,
    ground: OnGround,
    as_of: Moment | None = None,
) -> Response:
    """The clocks of the ticket with this id; `as_of`: as they were known then."""
    stands_on = await ground.now(pool)
    return standing_on(stands_on, await records.show(look, id, as_of))


@routes.get("/clocks/{id}/explanation", dependencies=[READER], response_model=TicketClocks)
async def explain_clocks(
    id: UUID,
    look: Reading,
    records: Records,
    pool: Database,
    policies: Policies,
    ground: OnGround,
    as_of: Moment | None = None,
    at: Moment | None = None,
) -> Response:
    """Every segment of the clocks of a ticket, and why they are due when they are.

    `as_of`: as known then. `at`: as true then, by all that was ever told.
    """
    async with pool.acquire() as connection:
        stands_on = await ground.now(connection)
        book = await policies.get(connection)
        now = await database_time(connection)
    events = await records.read(look.by, id, "explanation")
    explained = explain(events, book, Question(now, at, as_of), stands_on)
    if explained is None:
        detail = "The ticket was not open, or nothing was known of it, at that moment."
        raise Problem(404, "not-yet", detail, field="as_of" if at is None else "at")
    return standing_on(stands_on, json_response(explained.model_dump_json()))


@routes.get("/clocks/{id}/history", dependencies=[READER], response_model=Page[Entry])
async def clock_history(
    id: UUID,
    look: Reading,
    records: Records,
    pool: Database,
    ground: OnGround,
    after: Position = 0,
    limit: Limit = 50,
) -> Response:
    """What happened to the clocks of a ticket, in plain words."""
    stands_on = await ground.now(pool)
    return standing_on(stands_on, await records.history(look, id, after, limit))


add_feed(routes, STREAMER)
