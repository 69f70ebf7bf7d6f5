"""What is looked up before a command is decided, so that deciding needs no database."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import asyncpg

from catalog.agreements.terms import (
    AgreementDefinition,
    AgreementInForce,
    CalendarInForce,
)
from catalog.agreements.terms import Surroundings as SurroundingsOfAgreement
from catalog.calendars.terms import CalendarDefinition
from catalog.definitions.directory import Directory, Entry
from catalog.definitions.terms import Definition, Promised, Reference, Surroundings
from deskstream.database import Connection

STANDING = "SELECT stream FROM definitions WHERE stream = ANY($1) AND retired_from IS NULL"
SUPPLIERS = """
SELECT stream FROM definitions
WHERE stream = ANY($1) AND definition ->> 'kind' = 'supplier'
"""
LINE = """
WITH RECURSIVE line (id) AS (
    SELECT $2::uuid
    UNION
    SELECT one.above FROM line JOIN definitions one ON one.stream = $1 || '-' || line.id
    WHERE one.above IS NOT NULL
)
SELECT id FROM line
"""
NAMESAKE = "SELECT name FROM definitions WHERE kind = $1 AND handle = $2 AND stream <> $3"
# Those that are called so, what they name themselves, and all that any of these stands below.
# Where calendars have one name, the one that is there comes last, and so is found.
PARTIES = """
WITH RECURSIVE called AS (
    SELECT * FROM definitions
    WHERE kind IN ('organisation', 'person', 'group') AND handle = ANY($1)
       OR kind = 'calendar' AND name = ANY($1)
), line AS (
    SELECT stream, kind, above FROM called
    UNION
    SELECT one.stream, one.kind, one.above
    FROM called, unnest(called.mentions) AS id,
        unnest(ARRAY['organisation', 'person', 'calendar']) AS of_kind, definitions one
    WHERE one.stream = of_kind || '-' || id
    UNION
    SELECT one.stream, one.kind, one.above
    FROM line JOIN definitions one ON one.stream = line.kind || '-' || line.above
)
SELECT stream, one.kind, one.above, one.retired_from IS NULL AS standing,
    CASE one.kind WHEN 'calendar' THEN one.name ELSE one.handle END AS called
FROM line JOIN definitions one USING (stream)
ORDER BY standing, stream
"""
# A customer's matrix has the customer's id, by which others name the customer.
NAMED_BY_NOBODY = frozenset({"priority_matrix", "routing"})
# A customer's matrix goes with it.
RELYING = """
SELECT name FROM definitions
WHERE mentions @> ARRAY[$1::text] AND right(stream, 36) <> $1
  AND (ends_at IS NULL OR ends_at > $2)
ORDER BY name LIMIT 5
"""


PROMISING = """
SELECT definition FROM definitions
WHERE kind = 'agreement' AND mentions @> ARRAY[$1::text]
  AND (ends_at IS NULL OR ends_at > clock_timestamp())
ORDER BY name
"""


async def surroundings(
    connection: Connection, kind: str, own: UUID, definition: Definition
) -> Surroundings:
    """What there is beside a definition that is to be made or changed."""
    handle = definition.handle
    return Surroundings(
        own=own,
        standing=await _standing(connection, definition.references()),
        line=await _line(connection, kind, definition.above),
        namesake=handle
        and await connection.fetchval(NAMESAKE, kind, handle.value, f"{kind}-{own}"),
        promised=await _promised(connection, own) if kind == "calendar" else (),
    )


async def _promised(connection: Connection, calendar: UUID) -> list[Promised]:
    found = []
    for row in await connection.fetch(PROMISING, str(calendar)):
        agreement = AgreementDefinition.model_validate_json(row["definition"])
        seconds = [
            most
            for target in agreement.targets
            if agreement.calendar_of(target) == calendar
            for most in target.seconds.values()
        ]
        if seconds:
            found.append(Promised(agreement.name, max(seconds)))
    return found


async def surroundings_of_end(
    connection: Connection, kind: str, own: UUID, moment: datetime
) -> Surroundings:
    """What there is beside a definition that is to end at a moment."""
    if kind in NAMED_BY_NOBODY:
        return Surroundings(own=own)
    relying = await connection.fetch(RELYING, str(own), moment)
    return Surroundings(own=own, relying=[row["name"] for row in relying])


async def _standing(connection: Connection, named: Iterable[Reference]) -> frozenset[UUID]:
    streams = list({f"{one.kind}-{one.id}" for one in named})
    if not streams:
        return frozenset()
    return frozenset(id_of(row["stream"]) for row in await connection.fetch(STANDING, streams))


async def _suppliers(connection: Connection, named: Iterable[Reference]) -> frozenset[UUID]:
    streams = [f"organisation-{one.id}" for one in named if one.field == "supplier"]
    if not streams:
        return frozenset()
    return frozenset(id_of(row["stream"]) for row in await connection.fetch(SUPPLIERS, streams))


async def _line(connection: Connection, kind: str, above: UUID | None) -> list[UUID]:
    if above is None:
        return []
    return [row["id"] for row in await connection.fetch(LINE, kind, above)]


async def directory_of_parties(connection: Connection, called: Iterable[str]) -> Directory:
    """Those parties and calendars that are called so, and what they belong to."""
    directory = Directory()
    for row in await connection.fetch(PARTIES, list(called)):
        entry = Entry(id_of(row["stream"]), row["above"], row["standing"])
        directory.note(row["kind"], row["called"], entry)
    return directory


async def surroundings_of_agreement(
    connection: Connection, own: UUID, agreement: AgreementDefinition, moment: datetime
) -> SurroundingsOfAgreement:
    """What there is beside an agreement that is to be in force from a moment on."""
    named = agreement.references()
    standing = await _standing(connection, named)
    calendars = {one.id for one in named if one.kind == "calendar"} & standing
    return SurroundingsOfAgreement(
        calendars=await _calendars(connection, calendars, moment),
        standing=standing,
        suppliers=await _suppliers(connection, named),
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
        "SELECT stream, definition, ends_at FROM definitions"
        " WHERE kind = 'agreement' AND stream <> ALL($1)",
        [f"agreement-{identity}" for identity in own],
    )
    return [_in_force(row) for row in rows]


def _in_force(row: asyncpg.Record) -> AgreementInForce:
    definition = AgreementDefinition.model_validate_json(row["definition"])
    return AgreementInForce(
        id=id_of(row["stream"]),
        name=definition.name,
        scope=definition.scope,
        valid_from=definition.valid_from,
        valid_until=row["ends_at"],
    )


def id_of(stream: str) -> UUID:
    """The id in a stream's name."""
    return UUID(stream.partition("-")[2])
