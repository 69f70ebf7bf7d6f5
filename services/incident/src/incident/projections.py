"""The rows that are made of the events of incidents, and local copies of the catalogue."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deskstream.cloudevent import Message
from deskstream.database import Connection
from deskstream.envelope import Recorded
from incident.events import (
    CommentAdded,
    IncidentAssigned,
    IncidentCancelled,
    IncidentClosed,
    IncidentEscalated,
    IncidentEvent,
    IncidentLogged,
    IncidentPrioritised,
    IncidentPutOnHold,
    IncidentReopened,
    IncidentResolved,
    IncidentResumed,
    NoteAdded,
    ServiceLevelBreachCorrected,
    ServiceLevelBreached,
    ServiceLevelWarned,
    WorkStarted,
)
from incident.foreign import CATALOG, MatrixSet
from incident.terms import Restriction, Status

LOG = """
INSERT INTO incidents (stream, number, title, caller, service, category, channel, impact, urgency,
    priority, status, opened_at, updated_at, external, organisation, people, restricted)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'new', $11, $11, $12, $13, $14, $15)
ON CONFLICT (stream) DO NOTHING
"""


@dataclass(frozen=True)
class IncidentRows:
    """One row an incident."""

    name: str = "incidents"
    tables: tuple[str, ...] = ("incidents",)

    async def apply(
        self, connection: Connection, events: Sequence[Recorded[IncidentEvent]]
    ) -> None:
        """Take the events in, one by one: few statements concern the same row."""
        for event in events:
            match event.fact:
                case IncidentLogged() as fact:
                    await connection.execute(LOG, event.stream, *_logged(fact))
                case fact:
                    await _change(connection, event, _changes(fact))


def _logged(fact: IncidentLogged) -> tuple[Any, ...]:
    people = (fact.caller, fact.on_behalf_of)
    return (
        fact.number,
        fact.title,
        fact.caller,
        fact.service,
        fact.category,
        fact.channel,
        fact.impact,
        fact.urgency,
        fact.priority,
        fact.time,
        fact.external_reference,
        fact.organisation,
        list(dict.fromkeys(person for person in people if person)),
        fact.restricted is not Restriction.NONE,
    )


async def _change(
    connection: Connection, event: Recorded[IncidentEvent], changes: dict[str, Any]
) -> None:
    columns = {"updated_at": event.occurred_at, **changes}
    places = ", ".join(f"{name} = ${nth}" for nth, name in enumerate(columns, start=2))
    await connection.execute(
        f"UPDATE incidents SET {places} WHERE stream = $1",  # noqa: S608  names from the code below
        event.stream,
        *columns.values(),
    )


def _changes(fact: IncidentEvent) -> dict[str, Any]:  # noqa: C901, PLR0911  a line for each fact
    match fact:
        case IncidentPrioritised(impact=impact, urgency=urgency, priority=priority):
            return {"impact": impact, "urgency": urgency, "priority": priority}
        case IncidentAssigned(group=group, person=person):
            return {"held_by": group, "person": person}
        case WorkStarted() | IncidentResumed():
            return {"status": Status.IN_PROGRESS, "hold_reason": None}
        case IncidentPutOnHold(reason=reason):
            return {"status": Status.ON_HOLD, "hold_reason": reason}
        case IncidentResolved():
            return {"status": Status.RESOLVED, "hold_reason": None, "resolved_at": fact.time}
        case IncidentReopened():
            return {"status": Status.IN_PROGRESS, "resolved_at": None}
        case IncidentClosed():
            return {"status": Status.CLOSED}
        case IncidentCancelled():
            return {"status": Status.CANCELLED, "hold_reason": None}
        case ServiceLevelWarned():
            return {"warned": True}
        case ServiceLevelBreached():
            return {"breached": True}
        case ServiceLevelBreachCorrected():
            return {"breached": False}
        case CommentAdded() | NoteAdded() | IncidentEscalated() | IncidentLogged():
            return {}


async def copy_catalog(connection: Connection, messages: Sequence[Message]) -> None:
    """Keep the matrices, and the names of services and organisations."""
    for message in messages:
        kind, _, identity = message.stream.partition("-")
        fact = CATALOG.decode(message.type, message.body, message.occurred_at)
        if isinstance(fact, MatrixSet):
            await connection.execute(
                "INSERT INTO priority_matrices (customer, version, effective_from, priorities)"
                " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                fact.definition.customer or "",
                fact.version,
                fact.effective_from,
                json.dumps(fact.definition.priorities),
            )
        else:
            await connection.execute(
                "INSERT INTO known (kind, id, name, parent) VALUES ($1, $2, $3, $4)"
                " ON CONFLICT (kind, id) DO UPDATE SET name = excluded.name,"
                " parent = excluded.parent",
                kind,
                identity,
                fact.definition.name,
                fact.definition.parent,
            )
