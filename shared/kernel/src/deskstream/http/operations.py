"""What operators see and do: parked events, how far the consumers are, and what was ordered."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime, Field

from deskstream.consuming.progress import order
from deskstream.database import Pool
from deskstream.decider import Role
from deskstream.http.bodies import Body, View
from deskstream.http.conditions import Ask, Asked, Reading, json_response
from deskstream.http.lists import Listing, ListQuery, Page, Sort
from deskstream.http.permissions import Needs
from deskstream.http.problems import Problem
from deskstream.http.routes import Route, held

routes = APIRouter(tags=["operations"], route_class=Route)
OPERATOR = Needs(Role.LEAD, scope="operate")
READER = Needs(Role.LEAD, Role.OWNER, Role.AUDITOR, scope="operate")

Database = Annotated[Pool, held("pool")]
Parked = Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)]
BY_ID = {"id": Sort("r.id", "bigint")}


class OnPartition(View):
    """Where a group reads."""

    consumer_group: str
    topic: str
    partition: int


class ParkedEvent(OnPartition):
    """An event that could not be handled, or that waits behind one."""

    id: int
    offset: int
    stream: str
    type: str
    error: str
    parked_at: AwareDatetime


class ConsumerProgress(OnPartition):
    """How far a group has come on a partition. `halted` says why it reads no further."""

    next_offset: int
    position: int
    incarnation: UUID
    halted: str | None


class Order(OnPartition):
    """What somebody ordered: of a parked event, or of a partition that is read again."""

    id: int
    kind: Literal["retry", "skip", "rewind"]
    subject: str
    ordered_by: str
    reason: str
    ordered_at: AwareDatetime
    done_at: AwareDatetime | None
    outcome: str | None


class FailedTimer(View):
    """A timer that failed, how, and when it is tried again."""

    stream: str
    name: str
    due_at: AwareDatetime
    failed: str
    again_at: AwareDatetime


class PageQuery(ListQuery):
    """A page, by number, or by the names of what has none."""

    sort: Literal["id", "-id"] = "id"


Asking = Annotated[PageQuery, Query()]


class Reason(Body):
    """Why an operator decides so, for the record."""

    reason: str = Field(min_length=1, max_length=1000)


class Ordered(View):
    """An order that the partition's owner will carry out."""

    order: int


def _columns(view: type[View]) -> str:
    return ", ".join(f'r."{name}"' for name in view.model_fields if name != "stream")


PARKED = Listing("parked", _columns(ParkedEvent), BY_ID, everyone=True)
ORDERS = Listing("(SELECT *, '' AS stream FROM orders)", _columns(Order), BY_ID, everyone=True)
PROGRESS = Listing(
    "(SELECT *, format('%s %s %s', consumer_group, topic, lpad(partition::text, 9, '0')) AS stream"
    " FROM progress)",
    _columns(ConsumerProgress),
    {"id": Sort("r.stream", "text")},
    everyone=True,
)
TIMERS = Listing(
    "(SELECT * FROM timers WHERE failed IS NOT NULL)",
    _columns(FailedTimer),
    {"id": Sort("r.stream || ' ' || r.name", "text")},
    everyone=True,
)


@routes.get("/parked", dependencies=[READER], response_model=Page[ParkedEvent])
async def parked_events(pool: Database, look: Reading, query: Asking) -> Response:
    """List what is parked, oldest first."""
    return await PARKED.page(pool, look, query, lambda row: ParkedEvent(**dict(row)))


@routes.get("/progress", dependencies=[READER], response_model=Page[ConsumerProgress])
async def progress(pool: Database, look: Reading, query: Asking) -> Response:
    """List how far the consumers are."""
    return await PROGRESS.page(pool, look, query, lambda row: ConsumerProgress(**dict(row)))


@routes.get("/timers/failed", dependencies=[READER], response_model=Page[FailedTimer])
async def failed_timers(pool: Database, look: Reading, query: Asking) -> Response:
    """List the timers that failed. Each is tried again, and holds up no other."""
    return await TIMERS.page(pool, look, query, lambda row: FailedTimer(**dict(row)))


@routes.get("/orders", dependencies=[READER], response_model=Page[Order])
async def orders(pool: Database, look: Reading, query: Asking) -> Response:
    """List who ordered what and why, and what came of it."""
    return await ORDERS.page(pool, look, query, lambda row: Order(**dict(row)))


@routes.post("/parked/{id}/retry", dependencies=[OPERATOR], status_code=202, response_model=Ordered)
async def retry_parked(parked: Parked, body: Reason, ask: Asked, pool: Database) -> Response:
    """Handle it again, and what waits behind it."""
    return await _order(pool, "retry", parked, ask, body.reason)


@routes.post("/parked/{id}/skip", dependencies=[OPERATOR], status_code=202, response_model=Ordered)
async def skip_parked(parked: Parked, body: Reason, ask: Asked, pool: Database) -> Response:
    """Leave it out for ever; what waits behind it goes on."""
    return await _order(pool, "skip", parked, ask, body.reason)


async def _order(pool: Pool, kind: str, parked: int, ask: Ask, reason: str) -> Response:
    ordered = await order(pool, kind, parked, (ask.by.name, reason), (ask.key, ask.fingerprint))
    if ordered is None:
        raise Problem(404, "not-parked", f"Nothing is parked under {parked}.")
    if ordered["fingerprint"] != ask.fingerprint:
        detail = "This Idempotency-Key was sent with another body. Use a new key."
        raise Problem(422, "idempotency-key-reused", detail, field="Idempotency-Key")
    headers = {} if ordered["new"] else {"Idempotency-Replayed": "true"}
    return json_response(Ordered(order=ordered["id"]).model_dump_json(), 202, headers)
