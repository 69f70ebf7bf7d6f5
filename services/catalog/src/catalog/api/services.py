"""Services over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from uuid_utils.compat import uuid7

from catalog.api.policies import (
    EVERYBODY,
    OWNER,
    AfterVersion,
    Database,
    Effective,
    Identity,
    OneAtATime,
    PolicyQuery,
    PolicyView,
    latest_of,
    versions,
)
from catalog.queries import line_above
from catalog.services.commands import RedefineService, RegisterService, ServiceCommand
from catalog.services.decider import Service
from catalog.services.events import ServiceFact
from catalog.services.terms import Criticality, ServiceDefinition
from catalog.terms import Place
from deskstream.http.commanding import Desk
from deskstream.http.conditions import Asked, Reading
from deskstream.http.history import Entry
from deskstream.http.lists import Filter, Limit, Page
from deskstream.http.routes import Route, held
from deskstream.input import Moment

routes = APIRouter(tags=["services"], route_class=Route)
Services = Annotated[Desk[ServiceCommand, Service | None, ServiceFact], held("services")]


class ServiceBody(ServiceDefinition, Effective):
    """A service as it is to be."""

    def definition(self) -> ServiceDefinition:
        """Without when."""
        return ServiceDefinition.model_validate(self.model_dump())


class ServiceView(ServiceDefinition, PolicyView):
    """A service."""


class ServiceQuery(PolicyQuery):
    """Which services."""

    criticality: Annotated[Criticality | None, Filter("(r.definition ->> 'criticality')")] = None
    parent: Annotated[UUID | None, Filter("(r.definition ->> 'parent')::uuid")] = None


LISTING = latest_of("services")


@routes.post("/services", dependencies=[OWNER], status_code=201, response_model=ServiceView)
async def register_service(
    body: ServiceBody, asked: Asked, services: Services, turns: OneAtATime
) -> Response:
    """Make a service known."""
    identity = uuid7()
    async with turns.take() as connection:
        place = Place(identity, await line_above(connection, "service", body.parent))
        command = RegisterService(
            definition=body.definition(), place=place, effective_from=body.effective_from
        )
        return await services.create(asked, identity, command, location="/services/{}")


@routes.post("/services/{id}/versions", dependencies=[OWNER], response_model=ServiceView)
async def redefine_service(
    identity: Identity,
    body: ServiceBody,
    asked: Asked,
    services: Services,
    turns: OneAtATime,
) -> Response:
    """Describe a service anew."""
    async with turns.take() as connection:
        place = Place(identity, await line_above(connection, "service", body.parent))
        command = RedefineService(
            definition=body.definition(), place=place, effective_from=body.effective_from
        )
        return await services.change(asked, identity, command)


@routes.get("/services", dependencies=[EVERYBODY], response_model=Page[ServiceView])
async def list_services(
    query: Annotated[ServiceQuery, Query()], look: Reading, pool: Database
) -> Response:
    """List services, each in its latest version."""
    return await LISTING.page(pool, look, query, ServiceView.of_row)


@routes.get("/services/{id}", dependencies=[EVERYBODY], response_model=ServiceView)
async def one_service(
    identity: Identity, look: Reading, services: Services, as_of: Moment | None = None
) -> Response:
    """Show a service's latest version, now or as it was known at a moment."""
    return await services.show(look, identity, as_of)


@routes.get("/services/{id}/versions", dependencies=[EVERYBODY], response_model=Page[ServiceView])
async def versions_of_service(identity: Identity, look: Reading, services: Services) -> Response:
    """Show all versions of a service."""
    return await versions(services, look, identity, ServiceView)


@routes.get("/services/{id}/history", dependencies=[EVERYBODY], response_model=Page[Entry])
async def history_of_service(
    identity: Identity,
    look: Reading,
    services: Services,
    after: AfterVersion = 0,
    limit: Limit = 50,
) -> Response:
    """Tell in plain words what happened to a service."""
    return await services.history(look, identity, after, limit)
