"""The routes that every kind of definition has."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from catalog.api.definitions import OWNER, DefinitionView, Identity, Kind, Retirement
from catalog.api.turns import Turns
from catalog.definitions.commands import Define, Redefine, Retire
from catalog.definitions.facts import DefiningFact, Latest
from catalog.definitions.terms import Definition
from catalog.queries import surroundings, surroundings_of_end
from deskstream.aggregate import database_time
from deskstream.database import Pool
from deskstream.http.commanding import Desk
from deskstream.http.conditions import Asked, Look, Reading
from deskstream.http.history import Archive, Entry
from deskstream.http.lists import Limit, Page, page_response
from deskstream.http.routes import Route, held
from deskstream.input import Moment

AfterVersion = Annotated[int, Query(ge=0, le=2**31 - 1)]
Database = Annotated[Pool, held("pool")]
OneAtATime = Annotated[Turns, held("turns")]
AnyDesk = Desk[Any, Any, Any]


def desk_of(category: str) -> str:
    """The name under which the composition root puts the desk of a kind."""
    return f"{category}_desk"


def defining_routes(kind: Kind[Any]) -> APIRouter:
    """Make one, give it a new version, and end it."""
    routes = _router(kind)
    _add_define(routes, kind)
    _add_redefine(routes, kind)
    _add_retire(routes, kind)
    return routes


def reading_routes(kind: Kind[Any]) -> APIRouter:
    """List them, and show one: as it is, as it was, and how it came to be so."""
    routes = _router(kind)
    _add_list(routes, kind)
    _add_show(routes, kind)
    _add_versions(routes, kind)
    _add_history(routes, kind)
    return routes


def _router(kind: Kind[Any]) -> APIRouter:
    return APIRouter(tags=[kind.plural], route_class=Route)


def _add_define(routes: APIRouter, kind: Kind[Any]) -> None:
    @routes.post(
        f"/{kind.path}",
        summary=f"Add to {kind.plural}",
        dependencies=[OWNER],
        status_code=201,
        response_model=kind.view,
    )
    async def define(
        body: kind.body,  # type: ignore[name-defined]  # each kind has its own
        asked: Asked,
        desk: Annotated[AnyDesk, held(desk_of(kind.category))],
        turns: OneAtATime,
    ) -> Response:
        """Say for the first time what it is, in force from a moment on; else at once."""
        definition = kind.told_in(body)
        identity = kind.identify(definition)
        async with turns.take() as connection:
            found = await surroundings(connection, kind.category, identity, definition)
            command = Define[Definition](
                definition=definition, surroundings=found, effective_from=body.effective_from
            )
            return await desk.create(asked, identity, command, location=f"/{kind.path}/{{}}")


def _add_redefine(routes: APIRouter, kind: Kind[Any]) -> None:
    @routes.post(
        f"/{kind.path}/{{id}}/versions",
        summary=f"Change one of {kind.plural}",
        dependencies=[OWNER],
        response_model=kind.view,
    )
    async def redefine(
        identity: Identity,
        body: kind.body,  # type: ignore[name-defined]  # each kind has its own
        asked: Asked,
        desk: Annotated[AnyDesk, held(desk_of(kind.category))],
        turns: OneAtATime,
    ) -> Response:
        """Say what it is from a moment on, whole; what began before goes by what held then."""
        definition = kind.told_in(body)
        async with turns.take() as connection:
            found = await surroundings(connection, kind.category, identity, definition)
            command = Redefine[Definition](
                definition=definition, surroundings=found, effective_from=body.effective_from
            )
            return await desk.change(asked, identity, command)


def _add_retire(routes: APIRouter, kind: Kind[Any]) -> None:
    @routes.post(
        f"/{kind.path}/{{id}}/retirement",
        summary=f"Retire one of {kind.plural}",
        dependencies=[OWNER],
        response_model=kind.view,
    )
    async def retire(
        identity: Identity,
        body: Retirement,
        asked: Asked,
        desk: Annotated[AnyDesk, held(desk_of(kind.category))],
        turns: OneAtATime,
    ) -> Response:
        """End it; what still relies on it has to be changed before."""
        async with turns.take() as connection:
            moment = body.ends_at or await database_time(connection)
            found = await surroundings_of_end(connection, kind.category, identity, moment)
            command = Retire(reason=body.reason, surroundings=found, ends_at=body.ends_at)
            return await desk.change(asked, identity, command)


def _add_list(routes: APIRouter, kind: Kind[Any]) -> None:
    view, listing = kind.view, kind.listing

    @routes.get(
        f"/{kind.path}",
        summary=f"List {kind.plural}",
        dependencies=[kind.readers],
        response_model=Page[view],  # type: ignore[valid-type]  # each kind has its own
    )
    async def list_latest(
        query: Annotated[kind.query, Query()],  # type: ignore[name-defined]  # each kind has its own
        look: Reading,
        pool: Database,
    ) -> Response:
        """Each in its latest version."""
        return await listing.page(pool, look, query, view.of_row)


def _add_show(routes: APIRouter, kind: Kind[Any]) -> None:
    @routes.get(
        f"/{kind.path}/{{id}}",
        summary=f"Show one of {kind.plural}",
        dependencies=[kind.readers],
        response_model=kind.view,
    )
    async def show(
        identity: Identity,
        look: Reading,
        desk: Annotated[AnyDesk, held(desk_of(kind.category))],
        as_of: Moment | None = None,
    ) -> Response:
        """In its latest version, now or as it was known at a moment."""
        return await desk.show(look, identity, as_of)


def _add_versions(routes: APIRouter, kind: Kind[Any]) -> None:
    view = kind.view

    @routes.get(
        f"/{kind.path}/{{id}}/versions",
        summary=f"Show all versions of one of {kind.plural}",
        dependencies=[kind.readers],
        response_model=Page[view],  # type: ignore[valid-type]  # each kind has its own
    )
    async def show_versions(
        identity: Identity, look: Reading, desk: Annotated[AnyDesk, held(desk_of(kind.category))]
    ) -> Response:
        """All that it ever said, in order."""
        return await _versions(desk, look, identity, view)


def _add_history(routes: APIRouter, kind: Kind[Any]) -> None:
    @routes.get(
        f"/{kind.path}/{{id}}/history",
        summary=f"Tell the history of one of {kind.plural}",
        dependencies=[kind.readers],
        response_model=Page[Entry],
    )
    async def tell_history(
        identity: Identity,
        look: Reading,
        desk: Annotated[AnyDesk, held(desk_of(kind.category))],
        after: AfterVersion = 0,
        limit: Limit = 50,
    ) -> Response:
        """What happened to it, in plain words."""
        return await desk.history(look, identity, after, limit)


async def _versions(
    archive: Archive[Any, Any, Any], look: Look, identity: object, view: type[DefinitionView]
) -> Response:
    events = await archive.read(look.by, identity, "versions")
    facts = (event.fact for event in events)
    items = [view.at(str(identity), Latest.by(f)) for f in facts if isinstance(f, DefiningFact)]
    return page_response(look, Page[Any](items=items))
