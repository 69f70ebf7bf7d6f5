"""What the consumers have copied, as the domain wants it."""

import json

from deskstream.database import Connection, Pool
from deskstream_worktime.tzdata_version import tzdata_version
from sla_monitor.decider.agreements import PolicyBook
from sla_monitor.decider.book import PolicyVersion
from sla_monitor.foreign import TICKETS, Told

FACTS = """
SELECT ticket, version, type, occurred_at, source, data FROM ticket_facts
WHERE ticket = ANY($1) ORDER BY ticket, version
"""


async def read_policies(database: Connection | Pool) -> PolicyBook:
    """The policies as the consumer has copied them."""
    rows = await database.fetch(
        "SELECT kind, id, version, effective_from, definition, recorded_at FROM policies"
    )
    ended = await database.fetch("SELECT agreement, ends_at FROM terminations")
    versions = [
        PolicyVersion(
            row["kind"],
            row["id"],
            row["version"],
            row["effective_from"],
            json.loads(row["definition"]),
            row["recorded_at"],
        )
        for row in rows
    ]
    terminations = {row["agreement"]: row["ends_at"] for row in ended}
    return PolicyBook.of(versions, terminations, tzdata_version())


async def read_lives(connection: Connection, tickets: list[str]) -> dict[str, list[Told]]:
    """What was kept of the events of these tickets, in order."""
    lives: dict[str, list[Told]] = {}
    for row in await connection.fetch(FACTS, tickets):
        event = TICKETS.decode(row["type"], row["data"], row["occurred_at"])
        told = Told(f"{row['ticket']}@{row['version']}", event, row["source"])
        lives.setdefault(row["ticket"], []).append(told)
    return lives
