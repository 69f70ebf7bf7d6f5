"""What other services told, as far as it is needed here."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from deskstream.cloudevent import Message
from deskstream.database import Connection
from deskstream.envelope import LIVE
from sla_monitor.foreign import (
    IMPORTS,
    POLICIES,
    TICKETS,
    AgreementTerminated,
    Defined,
    ImportAdvanced,
    ImportEnded,
)

KEEP = """
INSERT INTO ticket_facts (ticket, version, type, occurred_at, source, told_afterwards, data)
SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::timestamptz[], $5::text[], $6::bool[],
                     $7::json[])
ON CONFLICT DO NOTHING
"""
AFTERWARDS: Final = timedelta(minutes=1)
"""How long after it happened something is recorded that somebody has dated back."""


async def copy_tickets(connection: Connection, messages: Sequence[Message]) -> None:
    """Keep what the events of tickets said, and how far histories have been told.

    Told again, it stays as it is.
    """
    await _copy_sources(connection, [one for one in messages if one.type in IMPORTS.stored_names])
    await _copy_facts(connection, [one for one in messages if one.type in TICKETS.stored_names])


async def _copy_facts(connection: Connection, messages: Sequence[Message]) -> None:
    rows = []
    for message in messages:
        fact = TICKETS.decode(message.type, message.body, message.occurred_at)
        said = fact.model_dump_json(exclude_none=True)
        source, at = message.provenance, message.occurred_at
        afterwards = source == LIVE and message.recorded_at - at > AFTERWARDS
        rows.append((message.stream, message.version, message.type, at, source, afterwards, said))
    if rows:
        await connection.execute(KEEP, *(list(column) for column in zip(*rows, strict=True)))


async def _copy_sources(connection: Connection, messages: Sequence[Message]) -> None:
    for message in messages:
        fact = IMPORTS.decode(message.type, message.body, message.occurred_at)
        source, ended = message.stream.replace("-", ":", 1), isinstance(fact, ImportEnded)
        frontier = fact.frontier if isinstance(fact, ImportAdvanced) else None
        told = (source, frontier, message.recorded_at, ended)
        await connection.execute("SELECT source_told($1, $2, $3, $4)", *told)


async def copy_policies(connection: Connection, messages: Sequence[Message]) -> None:
    """Keep what the catalogue set, version by version. Told again, it stays as it is."""
    for message in messages:
        await _keep(connection, message)


async def learn_policies(connection: Connection, messages: Sequence[Message]) -> None:
    """Keep them; what is new may have held already when something was chosen for a ticket."""
    for message in messages:
        if news := await _keep(connection, message):
            await _look_back(connection, message, *news)


async def _keep(connection: Connection, message: Message) -> tuple[datetime, str] | None:
    """Since when what was not known yet holds, in a sentence too."""
    kind, _, identity = message.stream.partition("-")
    fact = POLICIES.decode(message.type, message.body, message.occurred_at)
    match fact:
        case Defined(effective_from=since):
            if await _keep_version(connection, kind, identity, fact, message.recorded_at):
                return since, f"version {fact.version} of {kind} {_name(fact)} holds since {since}"
        case AgreementTerminated(ends_at=ends_at):
            if await _keep_end(connection, identity, ends_at, message.recorded_at):
                return ends_at, f"agreement {identity} ended {ends_at}"
    return None


async def _keep_version(
    connection: Connection, kind: str, identity: str, fact: Defined, recorded_at: datetime
) -> bool:
    """Whether it was not known yet."""
    kept = await connection.fetchval(
        "INSERT INTO policies (kind, id, version, effective_from, definition, recorded_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING true",
        kind,
        identity,
        fact.version,
        fact.effective_from,
        json.dumps(dict(fact.definition)),
        recorded_at,
    )
    return bool(kept)


async def _keep_end(
    connection: Connection, agreement: str, ends_at: datetime, recorded_at: datetime
) -> bool:
    kept = await connection.fetchval(
        "INSERT INTO terminations (agreement, ends_at, recorded_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (agreement) DO UPDATE SET ends_at = excluded.ends_at"
        " WHERE terminations.ends_at <> excluded.ends_at RETURNING true",
        agreement,
        ends_at,
        recorded_at,
    )
    return bool(kept)


async def _look_back(
    connection: Connection, message: Message, since: datetime, because: str
) -> None:
    await connection.execute(
        "INSERT INTO refolds (cause, because, correlation, chosen_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING",
        message.id,
        because,
        message.correlation,
        since,
    )


def _name(fact: Defined) -> str:
    return str(fact.definition.get("name", ""))
