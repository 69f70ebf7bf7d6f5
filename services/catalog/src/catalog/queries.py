"""What is looked up before a command is decided, so that deciding needs no database."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import asyncpg

from catalog.agreements.terms import (
    AgreementDefinition,
    AgreementInForce,
    CalendarInForce,
    Surroundings,
)
from catalog.calendars.terms import CalendarDefinition
from deskstream.database import Connection

LINE = """
WITH RECURSIVE latest AS (
    SELECT DISTINCT ON (stream) stream, definition ->> 'parent' AS parent
    FROM {kind}s ORDER BY stream, version DESC
), line AS (
    SELECT stream, parent FROM latest WHERE stream = '{kind}-' || $1::text
    UNION
    SELECT latest.stream, latest.parent
    FROM latest JOIN line ON latest.stream = '{kind}-' || line.parent
)
SELECT stream FROM line
"""
LINES = {kind: LINE.format(kind=kind) for kind in ("organisation", "service")}


async def line_above(connection: Connection, kind: str, parent: UUID | None) -> list[UUID]:
    """The parent and its ancestors, if there is such a parent."""
    if parent is None:
        return []
    return [id_of(row["stream"]) for row in await connection.fetch(LINES[kind], str(parent))]


async def known(connection: Connection, kind: str, identity: UUID | None) -> frozenset[UUID]:
    """The one of this id, if there is one."""
    return frozenset(await line_above(connection, kind, identity)) & {identity}


async def surroundings(
    connection: Connection, own: UUID, agreement: AgreementDefinition, moment: datetime
) -> Surroundings:
    """What there is beside an agreement that is to be in force from a moment on."""
    wanted = {agreement.calendar_of(row) for row in agreement.targets}
    return Surroundings(
        calendars=await _calendars(connection, wanted | {agreement.calendar}, moment),
        organisations=await known(connection, "organisation", agreement.customer),
        services=await known(connection, "service", agreement.service),
        others=await other_agreements(connection, {own}),
    )


async def _calendars(
    connection: Connection, wanted: Iterable[UUID], moment: datetime
) -> dict[UUID, CalendarInForce]:
    """The version of each that holds at the moment, or else the first."""
    rows = await connection.fetch(
        "SELECT stream, effective_from, definition FROM calendars WHERE stream = ANY($1)"
        " ORDER BY stream, version",
        [f"calendar-{identity}" for identity in wanted],
    )
    found: dict[UUID, CalendarInForce] = {}
    for row in rows:
        identity = id_of(row["stream"])
        earlier = found.get(identity)
        if earlier is None or row["effective_from"] <= moment:
            calendar = CalendarDefinition.model_validate_json(row["definition"])
            since = earlier.since if earlier else row["effective_from"]
            found[identity] = CalendarInForce(calendar.name, calendar.working_time, since)
    return found


async def other_agreements(connection: Connection, own: Iterable[UUID]) -> list[AgreementInForce]:
    """All agreements but one's own, each in its latest version."""
    rows = await connection.fetch(
        "SELECT DISTINCT ON (stream) stream, definition, ends_at FROM agreements"
        " WHERE stream <> ALL($1) ORDER BY stream, version DESC",
        [f"agreement-{identity}" for identity in own],
    )
    return [_in_force(row) for row in rows]


def _in_force(row: asyncpg.Record) -> AgreementInForce:
    definition = AgreementDefinition.model_validate_json(row["definition"])
    return AgreementInForce(
        id=id_of(row["stream"]),
        name=definition.name,
        kind=definition.kind,
        customer=definition.customer,
        service=definition.service,
        valid_from=definition.valid_from,
        valid_until=row["ends_at"],
    )


def id_of(stream: str) -> UUID:
    """The id in a stream's name."""
    return UUID(stream.partition("-")[2])
