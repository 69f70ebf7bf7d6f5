"""Organisations over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from uuid_utils.compat import uuid7

from catalog.api.policies import (
    OWNER,
    STAFF,
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
from catalog.organisations.commands import (
    OrganisationCommand,
    RedefineOrganisation,
    RegisterOrganisation,
)
from catalog.organisations.decider import Organisation
from catalog.organisations.events import OrganisationFact
from catalog.organisations.terms import OrganisationDefinition, OrganisationKind
from catalog.queries import line_above
from catalog.terms import Place
from deskstream.http.commanding import Desk
from deskstream.http.conditions import Asked, Reading
from deskstream.http.history import Entry
from deskstream.http.lists import Filter, Limit, Page
from deskstream.http.routes import Route, held
from deskstream.input import Moment

routes = APIRouter(tags=["organisations"], route_class=Route)
Organisations = Annotated[
    Desk[OrganisationCommand, Organisation | None, OrganisationFact], held("organisations")
]


class OrganisationBody(OrganisationDefinition, Effective):
    """An organisation as it is to be."""

    def definition(self) -> OrganisationDefinition:
        """Without when."""
        return OrganisationDefinition.model_validate(self.model_dump())


class OrganisationView(OrganisationDefinition, PolicyView):
    """An organisation."""


class OrganisationQuery(PolicyQuery):
    """Which organisations."""

    kind: Annotated[OrganisationKind | None, Filter("(r.definition ->> 'kind')")] = None
    parent: Annotated[UUID | None, Filter("(r.definition ->> 'parent')::uuid")] = None


LISTING = latest_of("organisations")


@routes.post(
    "/organisations", dependencies=[OWNER], status_code=201, response_model=OrganisationView
)
async def register_organisation(
    body: OrganisationBody, asked: Asked, organisations: Organisations, turns: OneAtATime
) -> Response:
    """Make an organisation known."""
    identity = uuid7()
    async with turns.take() as connection:
        place = Place(identity, await line_above(connection, "organisation", body.parent))
        command = RegisterOrganisation(
            definition=body.definition(), place=place, effective_from=body.effective_from
        )
        return await organisations.create(asked, identity, command, location="/organisations/{}")


@routes.post("/organisations/{id}/versions", dependencies=[OWNER], response_model=OrganisationView)
async def redefine_organisation(
    identity: Identity,
    body: OrganisationBody,
    asked: Asked,
    organisations: Organisations,
    turns: OneAtATime,
) -> Response:
    """Describe an organisation anew."""
    async with turns.take() as connection:
        place = Place(identity, await line_above(connection, "organisation", body.parent))
        command = RedefineOrganisation(
            definition=body.definition(), place=place, effective_from=body.effective_from
        )
        return await organisations.change(asked, identity, command)


@routes.get("/organisations", dependencies=[STAFF], response_model=Page[OrganisationView])
async def list_organisations(
    query: Annotated[OrganisationQuery, Query()], look: Reading, pool: Database
) -> Response:
    """List organisations, each in its latest version."""
    return await LISTING.page(pool, look, query, OrganisationView.of_row)


@routes.get("/organisations/{id}", dependencies=[STAFF], response_model=OrganisationView)
async def one_organisation(
    identity: Identity, look: Reading, organisations: Organisations, as_of: Moment | None = None
) -> Response:
    """Show an organisation's latest version, now or as it was known at a moment."""
    return await organisations.show(look, identity, as_of)


@routes.get(
    "/organisations/{id}/versions", dependencies=[STAFF], response_model=Page[OrganisationView]
)
async def versions_of_organisation(
    identity: Identity, look: Reading, organisations: Organisations
) -> Response:
    """Show all versions of an organisation."""
    return await versions(organisations, look, identity, OrganisationView)


@routes.get("/organisations/{id}/history", dependencies=[STAFF], response_model=Page[Entry])
async def history_of_organisation(
    identity: Identity,
    look: Reading,
    organisations: Organisations,
    after: AfterVersion = 0,
    limit: Limit = 50,
) -> Response:
    """Tell in plain words what happened to an organisation."""
    return await organisations.history(look, identity, after, limit)
