"""What other services told, as far as it is needed here."""

import json
from collections.abc import Sequence

from deskstream.cloudevent import Message
from deskstream.database import Connection
from sla_monitor.foreign import POLICIES, TICKETS, AgreementTerminated, Defined

KEEP = """
INSERT INTO ticket_facts (ticket, version, type, occurred_at, source, data)
SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::timestamptz[], $5::text[], $6::json[])
ON CONFLICT DO NOTHING
"""


async def copy_ticket_facts(connection: Connection, messages: Sequence[Message]) -> None:
    """Keep what the events of tickets said. Told again, it stays as it is."""
    rows = []
    for message in messages:
        fact = TICKETS.decode(message.type, message.body, message.occurred_at)
        said = fact.model_dump_json(exclude_none=True)
        source, at = message.provenance, message.occurred_at
        rows.append((message.stream, message.version, message.type, at, source, said))
    await connection.execute(KEEP, *(list(column) for column in zip(*rows, strict=True)))


async def copy_policies(connection: Connection, messages: Sequence[Message]) -> None:
    """Keep what the catalogue set, version by version. Told again, it stays as it is."""
    for message in messages:
        kind, _, identity = message.stream.partition("-")
        fact = POLICIES.decode(message.type, message.body, message.occurred_at)
        match fact:
            case Defined(version=version, effective_from=since, definition=definition):
                await connection.execute(
                    "INSERT INTO policies"
                    " (kind, id, version, effective_from, definition, recorded_at)"
                    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                    kind,
                    identity,
                    version,
                    since,
                    json.dumps(dict(definition)),
                    message.recorded_at,
                )
            case AgreementTerminated(ends_at=ends_at):
                await connection.execute(
                    "INSERT INTO terminations (agreement, ends_at, recorded_at)"
                    " VALUES ($1, $2, $3)"
                    " ON CONFLICT (agreement) DO UPDATE SET ends_at = excluded.ends_at",
                    identity,
                    ends_at,
                    message.recorded_at,
                )
