"""A service small enough to read at a glance, with all that the HTTP side of the kernel offers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
import uuid_utils.compat
from fastapi import APIRouter, FastAPI, Query, Response
from pydantic import Field
from tickets import (
    AGGREGATE,
    CODEC,
    CommentMade,
    NoteTaken,
    OpenTicket,
    Remark,
    Resolve,
    Restrict,
    Say,
    Ticket,
    TicketCommand,
    TicketFact,
    TicketOpened,
    holding_of,
)

from deskstream import observe
from deskstream.access import Principal, sees_internal
from deskstream.database import Pool
from deskstream.decider import Role
from deskstream.gate import WriteGate
from deskstream.http import operations
from deskstream.http.bodies import Body, View
from deskstream.http.commanding import Desk
from deskstream.http.conditions import Asked, Reading
from deskstream.http.feed import Feed, Position, add_feed
from deskstream.http.health import health_routes
from deskstream.http.history import Entry, Shown
from deskstream.http.limits import AroundRequests, OpenStreams
from deskstream.http.lists import (
    CountQuery,
    Counts,
    Filter,
    Filters,
    Limit,
    Listing,
    ListQuery,
    Op,
    Page,
    Sort,
)
from deskstream.http.permissions import Needs
from deskstream.http.problems import answer_with_problems
from deskstream.http.routes import Route, held
from deskstream.http.tokens import TokenVerifier
from deskstream.http.transitions import transition_routes
from deskstream.input import Moment


class NewTicket(Body):
    title: str
    organisation: str | None = None
    group: str | None = None
    restricted: bool = False
    tags: tuple[dict[str, str], ...] = ()
    occurred_at: Moment | None = None

    def command(self, by: Principal) -> TicketCommand:
        asked = self.model_dump(include={"title", "organisation", "group", "restricted"})
        return OpenTicket(TicketOpened(at=self.occurred_at, caller=by.name, **asked))


class Words(Body):
    text: str

    def comment(self) -> TicketCommand:
        return Say(CommentMade(text=self.text))

    def note(self) -> TicketCommand:
        return Say(NoteTaken(text=self.text))


class TicketView(View):
    id: UUID
    title: str
    resolved: bool
    comments: tuple[str, ...]
    version: int
    opened_at: datetime | None
    changed_at: datetime | None

    @classmethod
    def of(cls, shown: Shown[Ticket]) -> "TicketView":
        state = shown.state
        assert state.opened is not None
        return cls(
            id=UUID(shown.identity),
            title=state.opened.title,
            resolved=state.resolved,
            comments=state.comments,
            version=shown.version,
            opened_at=state.opened_at,
            changed_at=state.changed_at,
        )


class TicketRow(View):
    id: UUID
    title: str
    state: str

    @classmethod
    def of(cls, row: asyncpg.Record) -> "TicketRow":
        return cls(id=row["id"], title=row["title"], state=row["state"])


class Said(Filter):
    def condition(self, by, place):
        return ("r.inner_words " if sees_internal(by) else "r.words ") + self.op.format(place)


class TicketFilters(Filters):
    state: Annotated[list[Literal["open", "resolved"]], Filter("r.state", Op.ANY_OF)] = Field(
        default=[]
    )
    title: Annotated[str | None, Filter("r.title")] = None
    caller: Annotated[str | None, Filter("r.people", Op.HAS)] = None
    opened_from: Annotated[Moment | None, Filter("r.opened_at", Op.FROM)] = None
    opened_before: Annotated[Moment | None, Filter("r.opened_at", Op.BEFORE)] = None
    words: Annotated[str | None, Said("r.words", Op.MATCHES)] = None


class TicketQuery(TicketFilters, ListQuery):
    sort: Literal["opened", "-opened", "title", "-title", "due", "-due"] = "-opened"


class TicketCounts(TicketFilters, CountQuery):
    by: Literal["state", "organisation"] = "state"

    def most(self):
        return 13


TICKETS = Listing(
    table="tickets",
    columns="r.id, r.title, r.state",
    sorts={
        "opened": Sort("r.opened_at", "timestamptz"),
        "title": Sort("r.title", "text"),
        "due": Sort("coalesce(r.due_at, 'infinity')", "timestamptz"),
    },
    counts={"state": "r.state", "organisation": "r.organisation"},
    latest="r.opened_at",
)

ANYONE = Needs(*Role, scope="read")
STAFF = Needs(Role.AGENT, Role.LEAD)
REPORTER = Needs(Role.REQUESTER, Role.CUSTOMER, Role.AGENT, Role.LEAD, scope="import")

TicketDesk = Annotated[Desk[TicketCommand, Ticket, TicketFact], held("desk")]
Database = Annotated[Pool, held("pool")]
routes = APIRouter(tags=["tickets"], route_class=Route)


@routes.post("/tickets", dependencies=[REPORTER], status_code=201, response_model=TicketView)
async def open_ticket(body: NewTicket, asked: Asked, desk: TicketDesk) -> Response:
    return await desk.create(
        asked,
        uuid_utils.compat.uuid7(),
        body.command(asked.by),
        location="/tickets/{}",
    )


@routes.put("/tickets/{id}", dependencies=[REPORTER], status_code=201, response_model=TicketView)
async def open_named(id: UUID, body: NewTicket, asked: Asked, desk: TicketDesk) -> Response:
    return await desk.create(asked, id, body.command(asked.by), location="/tickets/{}")


@routes.post("/tickets/{id}/comments", dependencies=[REPORTER], response_model=TicketView)
async def comment(id: UUID, body: Words, asked: Asked, desk: TicketDesk) -> Response:
    return await desk.change(asked, id, body.comment())


@routes.post("/tickets/{id}/notes", dependencies=[STAFF], response_model=TicketView)
async def note(id: UUID, body: Words, asked: Asked, desk: TicketDesk) -> Response:
    return await desk.change(asked, id, body.note())


@routes.post("/tickets/{id}/resolution", dependencies=[STAFF], response_model=TicketView)
async def resolve(id: UUID, asked: Asked, desk: TicketDesk) -> Response:
    return await desk.change(asked, id, Resolve())


@routes.post("/tickets/{id}/merger/{other}", dependencies=[STAFF], response_model=TicketView)
async def merge(id: UUID, other: UUID, body: Words, asked: Asked, desk: TicketDesk) -> Response:
    end = Resolve() if body.text == "end the other" else body.comment()
    return await desk.change_many(asked, {id: body.comment(), other: end})


transition_routes(
    routes,
    "/tickets/{id}",
    {"restriction": Restrict, "remarks": Remark},
    desk="desk",
    view=TicketView,
    needs=lambda _: STAFF,
)


@routes.get("/tickets", dependencies=[ANYONE], response_model=Page[TicketRow])
async def list_tickets(
    query: Annotated[TicketQuery, Query()], look: Reading, pool: Database
) -> Response:
    return await TICKETS.page(pool, look, query, TicketRow.of)


@routes.get("/tickets/counts", dependencies=[ANYONE], response_model=Counts)
async def count_tickets(
    query: Annotated[TicketCounts, Query()], look: Reading, pool: Database
) -> Response:
    return await TICKETS.count(pool, look, query)


@routes.get("/tickets/{id}", dependencies=[ANYONE], response_model=TicketView)
async def one_ticket(
    id: UUID,
    look: Reading,
    desk: TicketDesk,
    as_of: Moment | None = None,
) -> Response:
    return await desk.show(look, id, as_of)


@routes.get("/tickets/{id}/history", dependencies=[ANYONE], response_model=Page[Entry])
async def history(
    id: UUID,
    look: Reading,
    desk: TicketDesk,
    after: Position = 0,
    limit: Limit = 50,
) -> Response:
    return await desk.history(look, id, after, limit)


add_feed(routes, ANYONE)


@routes.get("/broken", dependencies=[ANYONE])
async def broken() -> None:
    message = "the password is hunter2"
    raise RuntimeError(message)


@dataclass
class Kitchen:
    """What a test looks at behind the application."""

    app: FastAPI
    pool: Pool
    gate: WriteGate
    streams: OpenStreams
    woken: list[None] = field(default_factory=list)


def application(pool: Pool, verifier: TokenVerifier, tail: object, missing: list[str]) -> Kitchen:
    app = FastAPI(
        title="Tickets",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=observe.TELEMETRY,
    )
    answer_with_problems(app)
    app.add_middleware(AroundRequests)
    app.include_router(health_routes(lambda: missing))
    app.include_router(operations.routes)
    app.include_router(routes)
    kitchen = Kitchen(app, pool, WriteGate(), OpenStreams(limit=3))
    state = {
        "verifier": verifier,
        "pool": pool,
        "desk": Desk(
            pool,
            AGGREGATE,
            holding_of,
            TicketView.of,
            lambda: kitchen.woken.append(None),
            kitchen.gate,
        ),
        "feed": Feed(pool, "tickets", (CODEC,), "tickets", tail, kitchen.streams),
    }
    for name, value in state.items():
        setattr(app.state, name, value)
    return kitchen
