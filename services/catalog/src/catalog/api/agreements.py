"""Agreements over HTTP: what they have besides the routes of every definition."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from catalog.agreements.commands import Agree, Amend, Terminate
from catalog.agreements.terms import AgreementDefinition, AgreementKind, TargetRow
from catalog.api.definitions import (
    OWNER,
    STAFF,
    DefinitionQuery,
    DefinitionView,
    Effective,
    Identity,
    Kind,
)
from catalog.api.routes import OneAtATime, desk_of
from catalog.queries import surroundings_of_agreement
from deskstream.aggregate import database_time
from deskstream.http.bodies import Body
from deskstream.http.commanding import Desk
from deskstream.http.conditions import Asked
from deskstream.http.lists import Filter, Op
from deskstream.http.routes import Route, held
from deskstream.input import Moment

routes = APIRouter(tags=["agreements"], route_class=Route)
Agreements = Annotated[Desk[Any, Any, Any], held(desk_of("agreement"))]


class TargetRowBody(TargetRow, Body):
    """What is promised for tickets of one type and priority, or for major incidents."""


class AgreementBody(AgreementDefinition, Body):
    """An agreement as it is to be."""

    valid_from: Moment
    valid_until: Moment | None = None
    targets: tuple[TargetRowBody, ...]


class AmendmentBody(AgreementBody, Effective):
    """An agreement as it is to be from a moment on; at once if none is given."""


class AgreementView(AgreementDefinition, DefinitionView):
    """An agreement; terminated, it covers no ticket from `terminated_from` on."""

    end = "terminated_from"

    terminated_from: datetime | None = None


class AgreementQuery(DefinitionQuery):
    """Which agreements."""

    kind: Annotated[AgreementKind | None, Filter("(r.definition ->> 'kind')")] = None
    customer: Annotated[UUID | None, Filter("(r.definition ->> 'customer')::uuid")] = None
    service: Annotated[UUID | None, Filter("(r.definition ->> 'service')::uuid")] = None
    group: Annotated[UUID | None, Filter("(r.definition ->> 'group')::uuid")] = None
    supplier: Annotated[UUID | None, Filter("(r.definition ->> 'supplier')::uuid")] = None
    calendar: Annotated[UUID | None, Filter("(r.definition ->> 'calendar')::uuid")] = None
    begins_before: Annotated[
        Moment | None, Filter("(r.definition ->> 'valid_from')::timestamptz", Op.BEFORE)
    ] = None
    ends_from: Annotated[Moment | None, Filter("coalesce(r.ends_at, 'infinity')", Op.FROM)] = None


KIND = Kind(
    "agreement",
    "agreements",
    AgreementView,
    AgreementQuery,
    STAFF,
    AgreementDefinition,
    AmendmentBody,
)


@routes.post("/agreements", dependencies=[OWNER], status_code=201, response_model=AgreementView)
async def agree(
    body: AgreementBody, asked: Asked, agreements: Agreements, turns: OneAtATime
) -> Response:
    """Promise targets."""
    identity = uuid7()
    agreement = AgreementDefinition.model_validate(body.model_dump())
    async with turns.take() as connection:
        found = await surroundings_of_agreement(
            connection, identity, agreement, agreement.valid_from
        )
        command = Agree(definition=agreement, surroundings=found)
        return await agreements.create(asked, identity, command, location="/agreements/{}")


@routes.post("/agreements/{id}/versions", dependencies=[OWNER], response_model=AgreementView)
async def amend(
    identity: Identity,
    body: AmendmentBody,
    asked: Asked,
    agreements: Agreements,
    turns: OneAtATime,
) -> Response:
    """Promise something else; clocks that have started keep their targets."""
    agreement = KIND.told_in(body)
    async with turns.take() as connection:
        moment = body.effective_from or await database_time(connection)
        found = await surroundings_of_agreement(connection, identity, agreement, moment)
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
