"""The rows that are made of the events of incidents, and local copies of the catalogue."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from deskstream.cloudevent import Message
from deskstream.database import Connection
from deskstream.envelope import Recorded
from incident.events import IncidentEvent
from incident.events.conversation import ConversationEvent
from incident.events.conversion import ConversionEvent
from incident.events.ending import (
    EndingEvent,
    IncidentCancelled,
    IncidentClosed,
    IncidentReopened,
    IncidentResolved,
)
from incident.events.family import BecameChild, FamilyEvent, LeftParent
from incident.events.holding import CallerReminded, HoldingEvent, IncidentPutOnHold, IncidentResumed
from incident.events.links import LinkEvent
from incident.events.major import (
    MajorDeclared,
    MajorDeclined,
    MajorEvent,
    MajorProposed,
    MajorReviewed,
    MajorStoodDown,
    MajorUpdateGiven,
    MajorUpdateOverdue,
    ManagementNotified,
)
from incident.events.merging import IncidentMerged, MergingEvent
from incident.events.overriding import OverridingEvent
from incident.events.service_levels import (
    ServiceLevelBreachCorrected,
    ServiceLevelBreached,
    ServiceLevelEvent,
    ServiceLevelWarned,
)
from incident.events.triage import (
    EscalationTold,
    IncidentAssigned,
    IncidentEscalated,
    IncidentLogged,
    IncidentPrioritised,
    IncidentReclassified,
    Judged,
    TriageEvent,
)
from incident.events.watching import IncidentWatched, WatchingEvent
from incident.events.work import WorkEvent, WorkStarted
from incident.foreign import CATALOG, MatrixRetired, MatrixSet
from incident.imports.events import (
    ImportAdvanced,
    ImportBegun,
    ImportEnded,
    ImportEvent,
    StepsTold,
)
from incident.imports.terms import RefusedStep, source_of
from incident.projections.clocks import FROM_CLOCKS, ONE_FROM_CLOCKS
from incident.terms import Restriction, Status
from incident.terms.major import Stage

Row = Mapping[str, object]


@dataclass(frozen=True)
class Added:
    """An element that comes into an array."""

    element: str


@dataclass(frozen=True)
class Removed:
    """An element that goes out of an array."""

    element: str


@dataclass(frozen=True)
class IncidentRows:
    """One row an incident."""

    name: str = "incidents"
    tables: tuple[str, ...] = ("incidents",)

    async def apply(
        self, connection: Connection, events: Sequence[Recorded[IncidentEvent]]
    ) -> None:
        """Take the events in: those of a stream in order, and like ones of many together."""
        seen = Counter[str]()
        rounds: dict[tuple[int, str], list[Sequence[object]]] = {}
        for event in events:
            seen[event.stream] += 1
            statement, values = _statement(event)
            rounds.setdefault((seen[event.stream], statement), []).append(values)
        for (_, statement), rows in sorted(rounds.items(), key=_round):
            await connection.executemany(statement, rows)


def _round(one: tuple[tuple[int, str], object]) -> int:
    return one[0][0]


def _statement(event: Recorded[IncidentEvent]) -> tuple[str, Sequence[object]]:
    columns = {"stream": event.stream, "updated_at": event.recorded_at}
    if isinstance(event.fact, IncidentLogged):
        return _insert(columns | beginning(event.fact))
    return _update(columns | changes(event.fact))


def beginning(fact: IncidentLogged) -> dict[str, object]:
    """The columns of a row that begins."""
    same = {
        "number",
        "title",
        "caller",
        "service",
        "category",
        "channel",
        "impact",
        "urgency",
        "priority",
        "organisation",
    }
    people = (fact.caller, fact.on_behalf_of)
    return {
        **fact.model_dump(include=same),
        "status": Status.NEW,
        "opened_at": fact.since,
        "external": fact.external_reference,
        "people": list(dict.fromkeys(person for person in people if person)),
        "restricted": fact.restricted is not Restriction.NONE,
    }


def changes(  # noqa: C901, PLR0911  one a subject
    fact: IncidentEvent,
) -> dict[str, object]:
    """The columns that a fact changes, with what they become."""
    if isinstance(fact, TriageEvent):
        return _triage(fact)
    if isinstance(fact, WorkEvent):
        return {"status": Status.IN_PROGRESS} if isinstance(fact, WorkStarted) else {}
    if isinstance(fact, HoldingEvent):
        return _holding(fact)
    if isinstance(fact, EndingEvent):
        return _ending(fact)
    if isinstance(fact, ServiceLevelEvent):
        return _service_levels(fact)
    if isinstance(fact, MajorEvent):
        return _major(fact)
    if isinstance(fact, OverridingEvent):
        return {"priority": fact.priority}
    if isinstance(fact, ConversionEvent):
        return {"status": Status.CONVERTED, "hold_reason": None}
    if isinstance(fact, WatchingEvent):
        watched = isinstance(fact, IncidentWatched)
        return {"people": Added(fact.person) if watched else Removed(fact.person)}
    if isinstance(fact, FamilyEvent):
        return _family(fact)
    if isinstance(fact, MergingEvent):
        merged = isinstance(fact, IncidentMerged)
        return {"status": Status.MERGED, "hold_reason": None} if merged else {}
    if isinstance(fact, ConversationEvent | LinkEvent):
        return {}
    assert_never(fact)


def _family(fact: FamilyEvent) -> dict[str, object]:
    match fact:
        case BecameChild(parent=parent):
            return {"parent": parent.number}
        case LeftParent():
            return {"parent": None}
        case _:
            return {}


def _triage(fact: TriageEvent) -> dict[str, object]:
    match fact:
        case IncidentPrioritised():
            return _judgement(fact)
        case IncidentReclassified():
            about = fact.model_dump(include={"service", "category", "organisation"})
            return {**about, **_judgement(fact)}
        case IncidentAssigned(group=group, person=person):
            held: dict[str, object] = {"held_by": group, "person": person}
            return held if group is None else {**held, "been_with": Added(group)}
        case IncidentEscalated() | EscalationTold() | IncidentLogged():
            return {}


def _judgement(fact: Judged) -> dict[str, object]:
    return {"impact": fact.impact, "urgency": fact.urgency, "priority": fact.counts}


def _holding(fact: HoldingEvent) -> dict[str, object]:
    match fact:
        case IncidentPutOnHold(reason=reason):
            return {"status": Status.ON_HOLD, "hold_reason": reason}
        case CallerReminded():
            return {}
        case IncidentResumed():
            return {"status": Status.IN_PROGRESS, "hold_reason": None}


def _ending(fact: EndingEvent) -> dict[str, object]:
    match fact:
        case IncidentResolved():
            return {"status": Status.RESOLVED, "hold_reason": None, "resolved_at": fact.time}
        case IncidentReopened():
            return {"status": Status.IN_PROGRESS, "resolved_at": None}
        case IncidentClosed():
            return {"status": Status.CLOSED}
        case IncidentCancelled():
            return {"status": Status.CANCELLED, "hold_reason": None}


def _major(fact: MajorEvent) -> dict[str, object]:
    match fact:
        case MajorProposed():
            return {"major": Stage.PROPOSED}
        case MajorDeclined():
            return {"major": None, "major_declined": True}
        case MajorDeclared():
            return {"major": Stage.DECLARED}
        case MajorStoodDown():
            return {"major": Stage.STOOD_DOWN}
        case MajorReviewed():
            return {"major": Stage.REVIEWED}
        case ManagementNotified() | MajorUpdateGiven() | MajorUpdateOverdue():
            return {}


def _service_levels(fact: ServiceLevelEvent) -> dict[str, object]:
    match fact:
        case ServiceLevelWarned():
            return {"warned": True}
        case ServiceLevelBreached(target=target, cycle=cycle):
            return {"breaches": Added(f"{target}:{cycle}")}
        case ServiceLevelBreachCorrected(target=target, cycle=cycle):
            return {"breaches": Removed(f"{target}:{cycle}")}


def _insert(row: Row) -> tuple[str, Sequence[object]]:
    names = ", ".join((*row, *FROM_CLOCKS))
    told = (ONE_FROM_CLOCKS.format(one) for one in FROM_CLOCKS.values())
    places = ", ".join((*(f"${nth}" for nth in range(1, len(row) + 1)), *told))
    statement = (
        f"INSERT INTO incidents ({names}) VALUES ({places})"  # noqa: S608  names from the code above
        " ON CONFLICT (stream) DO NOTHING"
    )
    return statement, list(row.values())


def _update(row: Row) -> tuple[str, Sequence[object]]:
    places = ", ".join(_place(*column, nth) for nth, column in enumerate(row.items(), start=1))
    values = [one.element if isinstance(one, Added | Removed) else one for one in row.values()]
    return f"UPDATE incidents SET {places} WHERE stream = $1", values  # noqa: S608  names from the code above


def _place(column: str, value: object, nth: int) -> str:
    match value:
        case Added():
            return f"{column} = array_append(array_remove({column}, ${nth}), ${nth})"
        case Removed():
            return f"{column} = array_remove({column}, ${nth})"
        case _:
            return f"{column} = ${nth}"


BEGIN_IMPORT = "INSERT INTO imports (stream, name, because, begun_at) VALUES ($1, $2, $3, $4)"
COUNT_STEPS = """
UPDATE imports SET done = done + $2, refused = refused + $3 WHERE stream = $1
RETURNING refused - $3
"""
REFUSE_STEP = """
INSERT INTO refused_steps (stream, import, nth, ticket, sequence, code, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
ADVANCE_IMPORT = "UPDATE imports SET frontier = $2 WHERE stream = $1"
END_IMPORT = "UPDATE imports SET ended_at = $2 WHERE stream = $1"
SAY = "SELECT source_told($1, $2, $3, $4)"


@dataclass(frozen=True)
class ImportRows:
    """One row an import and one a refused step; and how far each source of events has come."""

    name: str = "imports"
    tables: tuple[str, ...] = ("imports", "refused_steps", "sources", "frontiers")

    async def apply(self, connection: Connection, events: Sequence[Recorded[ImportEvent]]) -> None:
        """Take the events in, one by one: each stands for a whole batch of steps."""
        for event in events:
            match event.fact:
                case ImportBegun(name=name, because=because):
                    begun = (event.stream, name, because, event.occurred_at)
                    await connection.execute(BEGIN_IMPORT, *begun)
                    await self._say(connection, event)
                case StepsTold(done=done, refused=refused):
                    before = await connection.fetchval(
                        COUNT_STEPS, event.stream, done, len(refused)
                    )
                    rows = enumerate(refused, start=before + 1)
                    told = [_refused_row(event.stream, nth, step) for nth, step in rows]
                    await connection.executemany(REFUSE_STEP, told)
                case ImportAdvanced(frontier=frontier):
                    await connection.execute(ADVANCE_IMPORT, event.stream, frontier)
                    await self._say(connection, event, frontier)
                case ImportEnded():
                    await connection.execute(END_IMPORT, event.stream, event.occurred_at)
                    await self._say(connection, event)

    async def _say(
        self,
        connection: Connection,
        event: Recorded[ImportEvent],
        frontier: datetime | None = None,
    ) -> None:
        source, ended = source_of(event.stream), isinstance(event.fact, ImportEnded)
        await connection.execute(SAY, source, frontier, event.recorded_at, ended)


def _refused_row(stream: str, nth: int, step: RefusedStep) -> tuple[Any, ...]:
    key = f"{stream}/{step.ticket}#{step.sequence}"
    return key, stream, nth, step.ticket, step.sequence, step.code, step.detail


EVERYONES = UUID(int=0)
# A version that brings it back comes after, and has no end, though this be told again.
MATRIX_RETIRED = """
UPDATE priority_matrices SET ends_at = $2
WHERE customer = $1 AND ends_at IS NULL AND told_in < $3
"""


async def copy_catalog(connection: Connection, messages: Sequence[Message]) -> None:
    """Keep the matrices, and the names of services and organisations."""
    for message in messages:
        kind, _, identity = message.stream.partition("-")
        fact = CATALOG.decode(message.type, message.body, message.occurred_at)
        if isinstance(fact, MatrixRetired):
            ended = _customer(identity), fact.ends_at, message.version
            await connection.execute(MATRIX_RETIRED, *ended)
        elif isinstance(fact, MatrixSet):
            await connection.execute(
                "INSERT INTO priority_matrices"
                " (customer, version, effective_from, told_in, priorities)"
                " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                fact.definition.customer or "",
                fact.version,
                fact.effective_from,
                message.version,
                json.dumps(fact.definition.priorities),
            )
        else:
            await connection.execute(
                "INSERT INTO known_versions (kind, id, version, effective_from, name, parent)"
                " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                kind,
                identity,
                fact.version,
                fact.effective_from,
                fact.definition.name,
                fact.definition.parent,
            )


def _customer(matrix: str) -> str:
    """Whose the matrix of this id is: its own customer's, or everyone's."""
    return "" if UUID(matrix) == EVERYONES else matrix
