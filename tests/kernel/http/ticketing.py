"""A service small enough to read at a glance, with all that the HTTP side of the kernel offers."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

import asyncpg
import uuid_utils.compat
from fastapi import APIRouter, FastAPI, Query, Response
from pydantic import Field

from deskstream import observe
from deskstream.access import Holding, Principal
from deskstream.aggregate import Aggregate
from deskstream.codec import Codec
from deskstream.database import Connection, Pool
from deskstream.decider import Command, Decider, Fact, Occasion, Refusal, Role
from deskstream.envelope import Recorded
from deskstream.gate import WriteGate
from deskstream.http import operations
from deskstream.http.bodies import Body, View
from deskstream.http.commanding import Desk
from deskstream.http.conditions import Asked, Reading
from deskstream.http.feed import Feed, Position, add_feed
from deskstream.http.health import health_routes
from deskstream.http.history import Entry, Shown
from deskstream.http.limits import Edge, OpenStreams
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
from deskstream.http.problems import install
from deskstream.http.routes import Route, held
from deskstream.http.tokens import TokenVerifier
from deskstream.http.transitions import transition_routes
from deskstream.input import Moment

TABLE = """
CREATE TABLE tickets (
    stream text PRIMARY KEY, organisation text, people text[] NOT NULL, held_by text,
    restricted boolean NOT NULL, id uuid NOT NULL, title text NOT NULL, state text NOT NULL,
    opened_at timestamptz NOT NULL, due_at timestamptz, words tsvector NOT NULL,
    inner_words tsvector NOT NULL
)
"""


class Spoken(Fact):
    def in_words(self) -> str:
        return type(self).__name__


class TicketOpened(Spoken, stored="ticket.opened.v1"):
    title: str
    caller: str
    organisation: str | None = None
    group: str | None = None
    restricted: bool = False


class CommentMade(Spoken, stored="ticket.commented.v1"):
    text: str


class NoteTaken(Spoken, stored="ticket.noted.v1"):
    internal: ClassVar[bool] = True
    text: str


class TicketRestricted(Spoken, stored="ticket.restricted.v1"):
    pass


class TicketResolved(Spoken, stored="ticket.resolved.v1"):
    pass


TicketFact = TicketOpened | CommentMade | NoteTaken | TicketRestricted | TicketResolved


@dataclass(frozen=True)
class OpenTicket:
    fact: TicketOpened


@dataclass(frozen=True)
class Say:
    fact: CommentMade | NoteTaken


class Resolve(Command):
    """Say that it is resolved."""


class Restrict(Command):
    """Show it to fewer people."""


class Remark(Command):
    """Say something to those who work on it."""

    text: str

    @property
    def fact(self) -> NoteTaken:
        return NoteTaken(text=self.text)


TicketCommand = OpenTicket | Say | Resolve | Restrict | Remark


@dataclass(frozen=True)
class Ticket:
    opened: TicketOpened | None = None
    resolved: bool = False
    restricted: bool = False
    comments: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    opened_at: datetime | None = None
    changed_at: datetime | None = None


def decide(command: TicketCommand, _: Occasion, state: Ticket) -> Sequence[TicketFact] | Refusal:
    match command:
        case OpenTicket(fact) if fact.title == "unlucky":
            return Refusal("unlucky-title", "Choose another title.", field="title")
        case OpenTicket(fact) if fact.title == "early":
            return Refusal("not-yet", "The caller is not known here yet.", retry_after=7)
        case OpenTicket(fact) | Say(fact) | Remark(fact=fact):
            return [fact]
        case Resolve() if state.resolved:
            return Refusal("already-resolved", "It is resolved already.")
        case Resolve():
            return [TicketResolved()]
        case Restrict():
            return [] if state.restricted else [TicketRestricted()]


def evolve(state: Ticket, fact: TicketFact) -> Ticket:
    state = replace(state, changed_at=fact.at)
    match fact:
        case TicketOpened():
            return replace(state, opened=fact, restricted=fact.restricted, opened_at=fact.at)
        case CommentMade(text=text):
            return replace(state, comments=(*state.comments, text))
        case NoteTaken(text=text):
            return replace(state, notes=(*state.notes, text))
        case TicketRestricted():
            return replace(state, restricted=True)
        case TicketResolved():
            return replace(state, resolved=True)


CODEC: Codec[TicketFact] = Codec.of(TicketFact)


class Tickets:
    name = "tickets"
    tables = ("tickets",)

    async def apply(self, connection: Connection, events: Sequence[Recorded[TicketFact]]) -> None:
        for event in events:
            match event.fact:
                case TicketOpened() as fact:
                    await connection.execute(
                        "INSERT INTO tickets VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8,"
                        " NULL, to_tsvector('simple', $7), to_tsvector('simple', $7))",
                        *(event.stream, fact.organisation, [fact.caller], fact.group),
                        *(fact.restricted, event.stream.removeprefix("ticket-"), fact.title),
                        event.occurred_at,
                    )
                case NoteTaken(text=text):
                    await connection.execute(
                        "UPDATE tickets SET inner_words = inner_words || to_tsvector('simple', $2)"
                        " WHERE stream = $1",
                        *(event.stream, text),
                    )
                case TicketRestricted():
                    await connection.execute(
                        "UPDATE tickets SET restricted = true WHERE stream = $1", event.stream
                    )
                case TicketResolved():
                    await connection.execute(
                        "UPDATE tickets SET state = 'resolved' WHERE stream = $1", event.stream
                    )


AGGREGATE: Aggregate[TicketCommand, Ticket, TicketFact] = Aggregate(
    Decider("ticket", Ticket(), decide, evolve), CODEC, [Tickets()]
)


def holding_of(state: Ticket) -> Holding:
    opened = state.opened
    assert opened is not None
    people = frozenset({opened.caller})
    return Holding(opened.organisation, people, opened.group, state.restricted)


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


class TicketFilters(Filters):
    state: Annotated[list[Literal["open", "resolved"]], Filter("r.state", Op.ANY_OF)] = Field(
        default=[]
    )
    title: Annotated[str | None, Filter("r.title")] = None
    caller: Annotated[str | None, Filter("r.people", Op.HAS)] = None
    opened_from: Annotated[Moment | None, Filter("r.opened_at", Op.FROM)] = None
    opened_before: Annotated[Moment | None, Filter("r.opened_at", Op.BEFORE)] = None
    words: Annotated[str | None, Filter("r.words", Op.MATCHES, staff="r.inner_words")] = None


class TicketQuery(TicketFilters, ListQuery):
    sort: Literal["opened", "-opened", "title", "-title", "due", "-due"] = "-opened"


class TicketCounts(TicketFilters, CountQuery):
    by: Literal["state", "organisation"] = "state"


TICKETS = Listing(
    table="tickets",
    columns="r.id, r.title, r.state",
    sorts={
        "opened": Sort("r.opened_at", "timestamptz"),
        "title": Sort("r.title", "text"),
        "due": Sort("coalesce(r.due_at, 'infinity')", "timestamptz"),
    },
    counts={"state": "r.state", "organisation": "r.organisation"},
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
    install(app)
    app.add_middleware(Edge)
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
