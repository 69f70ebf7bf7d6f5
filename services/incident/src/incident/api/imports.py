"""Imports over HTTP: a machine with the scope `import` tells the history that another tool kept."""

from typing import Annotated, Final, Literal, Self
from uuid import UUID, uuid5

import asyncpg
from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from deskstream.database import Pool
from deskstream.decider import Role
from deskstream.http.bodies import View
from deskstream.http.commanding import Desk
from deskstream.http.conditions import Asked, Reading, json_response
from deskstream.http.feed import Position
from deskstream.http.history import Entry, Shown
from deskstream.http.lists import Filter, Limit, Listing, ListQuery, Page, Sort, page_response
from deskstream.http.permissions import Needs
from deskstream.http.problems import Problem, not_found
from deskstream.http.routes import Route, held
from incident.api.steps import Batch, Outcomes
from incident.api.telling import Telling
from incident.imports.commands import AdvanceFrontier, BeginImport, EndImport, ImportCommand
from incident.imports.decider import Import
from incident.imports.events import ImportEvent
from incident.imports.terms import source_of
from incident.terms import Title

routes = APIRouter(tags=["imports"], route_class=Route)
IMPORTER = Needs(scope="import")
READER = Needs(Role.LEAD, Role.OWNER, Role.AUDITOR, scope="import")
BY_NAME: Final = UUID("0198f1a0-6d7c-7000-8000-1c0ffee00001")
"""Under it a name gives the id of an import: there is one of each name, and it is found again."""

Imports = Annotated[Desk[ImportCommand, Import | None, ImportEvent], held("imports")]
Told = Annotated[Telling, held("telling")]
Database = Annotated[Pool, held("pool")]


class ImportView(View):
    """An import, as far as it has come."""

    id: str
    source: str
    name: str
    because: str
    begun_at: AwareDatetime
    frontier: AwareDatetime | None
    done: int
    refused: int
    ended_at: AwareDatetime | None

    @classmethod
    def of(cls, shown: Shown[Import | None]) -> Self:
        """As its events leave it."""
        if shown.state is None:
            raise not_found()
        return cls(
            id=shown.identity,
            source=f"import:{shown.identity}",
            name=shown.state.name,
            because=shown.state.because,
            begun_at=shown.state.begun_at,
            frontier=shown.state.frontier,
            done=shown.state.done,
            refused=shown.state.refused,
            ended_at=shown.state.ended_at,
        )

    @classmethod
    def of_row(cls, row: asyncpg.Record) -> Self:
        """A row of `imports`."""
        source = source_of(row["stream"])
        told = {name: row[name] for name in cls.model_fields if name not in {"id", "source"}}
        return cls(id=source.partition(":")[2], source=source, **told)


class ImportQuery(ListQuery):
    """A page of imports."""

    name: Annotated[Title | None, Filter("r.name")] = None
    sort: Literal["begun", "-begun"] = "-begun"


class RefusalView(View):
    """A step that was refused, and why."""

    ticket: str
    sequence: int
    code: str
    detail: str

    @classmethod
    def of_row(cls, row: asyncpg.Record) -> Self:
        """A row of `refused_steps`."""
        return cls(**{name: row[name] for name in cls.model_fields})


IMPORTS: Final = Listing(
    table="imports",
    columns="r.name, r.because, r.begun_at, r.frontier, r.done, r.refused, r.ended_at",
    sorts={"begun": Sort("r.begun_at")},
    everyone=True,
)
REFUSED: Final = """
SELECT nth, ticket, sequence, code, detail FROM refused_steps
WHERE import = $1 AND nth > $2 ORDER BY nth LIMIT $3
"""


@routes.post("/imports", dependencies=[IMPORTER], status_code=201, response_model=ImportView)
async def begin_import(body: BeginImport, ask: Asked, look: Reading, imports: Imports) -> Response:
    """Begin to tell a history. Is there one of this name, it is answered as it is."""
    identity = uuid5(BY_NAME, body.name)
    try:
        return await imports.create(ask, identity, body, location="/imports/{}")
    except Problem as problem:
        if problem.code != "exists":
            raise
    return await imports.show(look, identity)


@routes.get("/imports", dependencies=[READER], response_model=Page[ImportView])
async def list_imports(
    query: Annotated[ImportQuery, Query()], look: Reading, pool: Database
) -> Response:
    """List imports, the newest first."""
    return await IMPORTS.page(pool, look, query, ImportView.of_row)


@routes.get("/imports/{id}", dependencies=[READER], response_model=ImportView)
async def one_import(id: UUID, look: Reading, imports: Imports) -> Response:
    """How far an import has come."""
    return await imports.show(look, id)


@routes.get("/imports/{id}/history", dependencies=[READER], response_model=Page[Entry])
async def history_of_import(
    id: UUID, look: Reading, imports: Imports, after: Position = 0, limit: Limit = 50
) -> Response:
    """What happened to it, in plain words."""
    return await imports.history(look, id, after, limit)


@routes.get("/imports/{id}/refusals", dependencies=[READER], response_model=Page[RefusalView])
async def refusals(
    id: UUID, look: Reading, imports: Imports, after: Position = 0, limit: Limit = 50
) -> Response:
    """The steps that were refused, in the order in which they were told."""
    await imports.read(look.by, id, "item")
    stream = imports.aggregate.stream(id)
    rows = await imports.pool.fetch(REFUSED, stream, after, limit + 1)
    items = [RefusalView.of_row(row) for row in rows[:limit]]
    following = str(rows[limit - 1]["nth"]) if len(rows) > limit else None
    return page_response(look, Page[RefusalView](items=items, next=following))


@routes.post("/imports/{id}/steps", dependencies=[IMPORTER], response_model=Outcomes)
async def tell_steps(id: UUID, body: Batch, ask: Asked, telling: Told) -> Response:
    """Tell what happened next, in its order; a step that was told before changes nothing."""
    outcomes = await telling.tell(ask, id, body.steps)
    return json_response(Outcomes(outcomes=outcomes).model_dump_json(exclude_none=True))


@routes.post("/imports/{id}/frontier", dependencies=[IMPORTER], response_model=ImportView)
async def advance(id: UUID, body: AdvanceFrontier, ask: Asked, imports: Imports) -> Response:
    """Say that everything up to a moment was told; nothing from before it is taken any more."""
    return await imports.change(ask, id, body)


@routes.post("/imports/{id}/end", dependencies=[IMPORTER], response_model=ImportView)
async def end(id: UUID, ask: Asked, imports: Imports) -> Response:
    """Say that the whole history was told: from now on its tickets live on like all others."""
    return await imports.change(ask, id, EndImport())
