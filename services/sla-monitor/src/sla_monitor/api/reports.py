"""Reports: what was kept of what was promised, for what nothing was, and who had to act."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from deskstream.http.conditions import Reading, json_response
from deskstream.http.lists import Counts, Page
from deskstream.http.routes import Route
from sla_monitor.api.readers import READER, Database, OnGround, standing_on
from sla_monitor.queries.listing import (
    UNCOVERED_LISTING,
    UncoveredCounts,
    UncoveredQuery,
    UncoveredRow,
)
from sla_monitor.queries.reports import (
    Attainment,
    AttainmentQuery,
    HeldQuery,
    TimesHeld,
    attainment,
    times_held,
)

routes = APIRouter(tags=["reports"], route_class=Route)


@routes.get("/attainment", dependencies=[READER], response_model=Attainment)
async def report_attainment(
    query: Annotated[AttainmentQuery, Query()], look: Reading, pool: Database, ground: OnGround
) -> Response:
    """What was met and breached in each period, with the counts; never rounded up."""
    stands_on = await ground.now(pool)
    report = await attainment(pool, look.by, query, stands_on)
    return standing_on(stands_on, json_response(report.model_dump_json()))


@routes.get("/time-held", dependencies=[READER], response_model=TimesHeld)
async def report_time_held(
    query: Annotated[HeldQuery, Query()], look: Reading, pool: Database, ground: OnGround
) -> Response:
    """For how long groups, callers and suppliers had to act."""
    stands_on = await ground.now(pool)
    report = await times_held(pool, look.by, query, stands_on)
    return standing_on(stands_on, json_response(report.model_dump_json()))


@routes.get("/uncovered", dependencies=[READER], response_model=Page[UncoveredRow])
async def list_uncovered(
    query: Annotated[UncoveredQuery, Query()], look: Reading, pool: Database, ground: OnGround
) -> Response:
    """Tickets for which nothing is promised; those under way, unless `standing` says otherwise."""
    stands_on = await ground.now(pool)
    page = await UNCOVERED_LISTING.page(pool, look, query, UncoveredRow.of)
    return standing_on(stands_on, page)


@routes.get("/uncovered/counts", dependencies=[READER], response_model=Counts)
async def count_uncovered(
    query: Annotated[UncoveredCounts, Query()], look: Reading, pool: Database, ground: OnGround
) -> Response:
    """How many tickets nothing is promised for, by reason or by one of their members."""
    stands_on = await ground.now(pool)
    return standing_on(stands_on, await UNCOVERED_LISTING.count(pool, look, query))
