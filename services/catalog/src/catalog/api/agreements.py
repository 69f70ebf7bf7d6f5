"""Agreements over HTTP."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query, Response
from uuid_utils.compat import uuid7

from catalog.agreements.commands import Agree, AgreementCommand, Amend, Terminate
from catalog.agreements.decider import Agreement
from catalog.agreements.events import AgreementFact
from catalog.agreements.terms import AgreementDefinition, AgreementKind, TargetRow
from catalog.api.policies import (
    OWNER,
    STAFF,
    AfterVersion,
    Database,
    Identity,
    OneAtATime,
    PolicyQuery,
    PolicyView,
    latest_of,
    versions,
)
from catalog.queries import surroundings
from deskstream.aggregate import database_time
from deskstream.http.bodies import Body
from deskstream.http.commanding import Desk
from deskstream.http.conditions import Asked, Reading
from deskstream.http.history import Entry, Shown
from deskstream.http.lists import Filter, Limit, Op, Page
from deskstream.http.problems import not_found
from deskstream.http.routes import Route, held
from deskstream.input import Moment

routes = APIRouter(tags=["agreements"], route_class=Route)
Agreements = Annotated[Desk[AgreementCommand, Agreement | None, AgreementFact], held("agreements")]


class TargetRowBody(TargetRow, Body):
    """What is promised for tickets of one type and priority."""


class AgreementBody(AgreementDefinition, Body):
    """An agreement as it is to be."""

    valid_from: Moment
    valid_until: Moment | None = None
    targets: tuple[TargetRowBody, ...]

    def definition(self) -> AgreementDefinition:
        """The definition alone."""
        return AgreementDefinition.model_validate(self.model_dump())


class AmendmentBody(AgreementBody):
    """An agreement as it is to be from a moment on; at once if none is given."""

    effective_from: Moment | None = None


class AgreementView(AgreementDefinition, PolicyView):
    """An agreement; terminated, it covers no ticket from `terminated_from` on."""

    terminated_from: datetime | None = None

    @classmethod
    def of(cls, shown: Shown[Agreement | None]) -> Self:
        """The view of an agreement as it stands."""
        if shown.state is None:
            raise not_found()
        view = cls.at(shown.identity, shown.state.latest)
        return view.model_copy(update={"terminated_from": shown.state.terminated_from})

    @classmethod
    def of_row(cls, row: asyncpg.Record) -> Self:
        """The view of a row of a list."""
        view = super().of_row(row)
        return view.model_copy(update={"terminated_from": row["terminated_from"]})


class AgreementQuery(PolicyQuery):
    """Which agreements."""

    kind: Annotated[AgreementKind | None, Filter("(r.definition ->> 'kind')")] = None
    customer: Annotated[UUID | None, Filter("(r.definition ->> 'customer')::uuid")] = None
    service: Annotated[UUID | None, Filter("(r.definition ->> 'service')::uuid")] = None
    calendar: Annotated[UUID | None, Filter("(r.definition ->> 'calendar')::uuid")] = None
    begins_before: Annotated[
        Moment | None, Filter("(r.definition ->> 'valid_from')::timestamptz", Op.BEFORE)
    ] = None
    ends_from: Annotated[Moment | None, Filter("coalesce(r.ends_at, 'infinity')", Op.FROM)] = None


LISTING = latest_of("agreements", more=", r.terminated_from")


@routes.post("/agreements", dependencies=[OWNER], status_code=201, response_model=AgreementView)
async def agree(
    body: AgreementBody, asked: Asked, agreements: Agreements, turns: OneAtATime
) -> Response:
    """Promise targets."""
    identity, agreement = uuid7(), body.definition()
    async with turns.take() as connection:
        found = await surroundings(connection, identity, agreement, agreement.valid_from)
        return await agreements.create(
            asked,
            identity,
            Agree(definition=agreement, surroundings=found),
            location="/agreements/{}",
        )


@routes.post("/agreements/{id}/versions", dependencies=[OWNER], response_model=AgreementView)
async def amend(
    identity: Identity,
    body: AmendmentBody,
    asked: Asked,
    agreements: Agreements,
    turns: OneAtATime,
) -> Response:
    """Promise something else; clocks that have started keep their targets."""
    agreement = body.definition()
    async with turns.take() as connection:
        moment = body.effective_from or await database_time(connection)
        found = await surroundings(connection, identity, agreement, moment)
        command = Amend(
            definition=agreement, surroundings=found, effective_from=body.effective_from
        )
        return await agreements.change(asked, identity, command)


@routes.post("/agreements/{id}/termination", dependencies=[OWNER], response_model=AgreementView)
async def terminate(
    identity: Identity, body: Terminate, asked: Asked, agreements: Agreements
) -> Response:
    """End an agreement before its time, or one that has no end."""
    return await agreements.change(asked, identity, body)


@routes.get("/agreements", dependencies=[STAFF], response_model=Page[AgreementView])
async def list_agreements(
    query: Annotated[AgreementQuery, Query()], look: Reading, pool: Database
) -> Response:
    """List agreements, each in its latest version."""
    return await LISTING.page(pool, look, query, AgreementView.of_row)


@routes.get("/agreements/{id}", dependencies=[STAFF], response_model=AgreementView)
async def one_agreement(
    identity: Identity, look: Reading, agreements: Agreements, as_of: Moment | None = None
) -> Response:
    """Show an agreement's latest version, now or as it was known at a moment."""
    return await agreements.show(look, identity, as_of)


@routes.get("/agreements/{id}/versions", dependencies=[STAFF], response_model=Page[AgreementView])
async def versions_of_agreement(
    identity: Identity, look: Reading, agreements: Agreements
) -> Response:
    """Show all versions of an agreement."""
    return await versions(agreements, look, identity, AgreementView)


@routes.get("/agreements/{id}/history", dependencies=[STAFF], response_model=Page[Entry])
async def history_of_agreement(
    identity: Identity,
    look: Reading,
    agreements: Agreements,
    after: AfterVersion = 0,
    limit: Limit = 50,
) -> Response:
    """Tell in plain words what happened to an agreement."""
    return await agreements.history(look, identity, after, limit)
