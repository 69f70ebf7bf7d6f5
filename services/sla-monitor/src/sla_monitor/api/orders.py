"""Orders by which policies are applied to open tickets: proposed, looked at, and given."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from uuid_utils.compat import uuid7

from deskstream.decider import Role
from deskstream.http.commanding import Desk
from deskstream.http.conditions import Asked, Reading
from deskstream.http.feed import Position
from deskstream.http.history import Entry
from deskstream.http.lists import Counts, Limit, Page
from deskstream.http.permissions import Needs
from deskstream.http.routes import Route, held
from sla_monitor.api.readers import Database, OnGround, standing_on
from sla_monitor.orders.commands import Give, OrderCommand, Propose, Withdraw
from sla_monitor.orders.decider import PolicyOrder
from sla_monitor.orders.events import OrderEvent
from sla_monitor.queries.orders import (
    ORDER_LISTING,
    Change,
    ChangeCounts,
    ChangeQuery,
    OrderQuery,
    OrderRow,
    OrderView,
    changes_of,
)

routes = APIRouter(tags=["policy orders"], route_class=Route)
OWNER = Needs(Role.OWNER)
STAFF = Needs(Role.AGENT, Role.LEAD, Role.OWNER, Role.AUDITOR, scope="read")
Orders = Annotated[Desk[OrderCommand, PolicyOrder, OrderEvent], held("orders")]


@routes.post("/policy-orders", dependencies=[OWNER], response_model=OrderView, status_code=201)
async def propose(body: Propose, ask: Asked, orders: Orders) -> Response:
    """Apply an agreement or calendar as it is now to open tickets: first see what it would do."""
    return await orders.create(ask, uuid7(), body, location="/policy-orders/{}")


@routes.get("/policy-orders", dependencies=[STAFF], response_model=Page[OrderRow])
async def list_orders(
    query: Annotated[OrderQuery, Query()], look: Reading, pool: Database, ground: OnGround
) -> Response:
    """Orders, the newest first."""
    stands_on = await ground.now(pool)
    return standing_on(stands_on, await ORDER_LISTING.page(pool, look, query, OrderRow.of))


@routes.get("/policy-orders/{id}", dependencies=[STAFF], response_model=OrderView)
async def show_order(
    id: UUID, look: Reading, orders: Orders, pool: Database, ground: OnGround
) -> Response:
    """An order, with how many clocks it would change, or has changed."""
    stands_on = await ground.now(pool)
    return standing_on(stands_on, await orders.show(look, id))


@routes.get("/policy-orders/{id}/clocks", dependencies=[STAFF], response_model=Page[Change])
async def preview(
    id: UUID,
    query: Annotated[ChangeQuery, Query()],
    look: Reading,
    orders: Orders,
    pool: Database,
    ground: OnGround,
) -> Response:
    """The clocks that it would change, as they were found when it was previewed."""
    await orders.read(look.by, id, "preview")
    stands_on = await ground.now(pool)
    changes = changes_of(orders.aggregate.stream(id))
    return standing_on(stands_on, await changes.page(pool, look, query, Change.of))


@routes.get("/policy-orders/{id}/clocks/counts", dependencies=[STAFF], response_model=Counts)
async def count_preview(
    id: UUID,
    query: Annotated[ChangeCounts, Query()],
    look: Reading,
    orders: Orders,
    pool: Database,
    ground: OnGround,
) -> Response:
    """How many clocks it would change, by what becomes of them."""
    await orders.read(look.by, id, "preview")
    stands_on = await ground.now(pool)
    changes = changes_of(orders.aggregate.stream(id))
    return standing_on(stands_on, await changes.count(pool, look, query))


@routes.post("/policy-orders/{id}/run", dependencies=[OWNER], response_model=OrderView)
async def give(id: UUID, ask: Asked, orders: Orders) -> Response:
    """Do it, as the preview says."""
    return await orders.change(ask, id, Give())


@routes.post("/policy-orders/{id}/withdrawal", dependencies=[OWNER], response_model=OrderView)
async def withdraw(id: UUID, body: Withdraw, ask: Asked, orders: Orders) -> Response:
    """Do not do it."""
    return await orders.change(ask, id, body)


@routes.get("/policy-orders/{id}/history", dependencies=[STAFF], response_model=Page[Entry])
async def order_history(
    id: UUID,
    look: Reading,
    orders: Orders,
    pool: Database,
    ground: OnGround,
    after: Position = 0,
    limit: Limit = 50,
) -> Response:
    """What happened to an order, in plain words."""
    stands_on = await ground.now(pool)
    return standing_on(stands_on, await orders.history(look, id, after, limit))
