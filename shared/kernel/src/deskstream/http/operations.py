"""What operators see and do: parked events, and how far the consumers are."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, Field

from deskstream import parking
from deskstream.database import Pool
from deskstream.decider import Role
from deskstream.http.bodies import Body, View
from deskstream.http.permissions import Needs
from deskstream.http.problems import Problem
from deskstream.http.routes import Caller, Route, held

routes = APIRouter(tags=["operations"], route_class=Route)
OPERATOR = Needs(Role.LEAD, scope="operate")
READER = Needs(Role.LEAD, Role.OWNER, Role.AUDITOR, scope="operate")


Database = Annotated[Pool, held("pool")]
Parked = Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)]


class ParkedEvent(View):
    """An event that could not be handled, or that waits behind one."""

    id: int
    consumer_group: str
    topic: str
    partition: int
    offset: int
    stream: str
    type: str
    error: str
    parked_at: AwareDatetime


class ParkedEvents(View):
    """All that is parked, oldest first."""

    items: list[ParkedEvent]


class Reason(Body):
    """Why an operator decides so, for the record."""

    reason: str = Field(min_length=1, max_length=1000)


class Ordered(View):
    """An order that the partition's owner will carry out."""

    order: int


class ConsumerProgress(View):
    """How far a group has come on a partition."""

    consumer_group: str
    topic: str
    partition: int
    next_offset: int
    position: int
    incarnation: UUID


class Progresses(View):
    """All groups of this service."""

    items: list[ConsumerProgress]


@routes.get("/parked", dependencies=[READER])
async def parked_events(pool: Database) -> ParkedEvents:
    """List what is parked."""
    async with pool.acquire() as connection:
        rows = await parking.list_parked(connection)
    return ParkedEvents(items=[ParkedEvent(**dict(row)) for row in rows])


@routes.get("/progress", dependencies=[READER])
async def progress(pool: Database) -> Progresses:
    """List how far the consumers are."""
    rows = await pool.fetch(
        "SELECT consumer_group, topic, partition, next_offset, position, incarnation"
        " FROM progress ORDER BY consumer_group, topic, partition"
    )
    return Progresses(items=[ConsumerProgress(**dict(row)) for row in rows])


@routes.post("/parked/{id}/retry", dependencies=[OPERATOR], status_code=202)
async def retry_parked(parked: Parked, body: Reason, by: Caller, pool: Database) -> Ordered:
    """Handle it again, and what waits behind it."""
    return await _order(pool, "retry", parked, by.name, body.reason)


@routes.post("/parked/{id}/skip", dependencies=[OPERATOR], status_code=202)
async def skip_parked(parked: Parked, body: Reason, by: Caller, pool: Database) -> Ordered:
    """Leave it out for ever; what waits behind it stays parked until it is retried."""
    return await _order(pool, "skip", parked, by.name, body.reason)


async def _order(pool: Pool, kind: str, parked_id: int, by: str, reason: str) -> Ordered:
    async with pool.acquire() as connection:
        ordered = await parking.order(connection, kind, parked_id, by, reason)
    if ordered is None:
        raise Problem(404, "not-parked", f"Nothing is parked under {parked_id}.")
    return Ordered(order=ordered)
