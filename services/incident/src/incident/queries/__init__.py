"""What can be read of an incident, and what is known of the catalogue."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, Self

from pydantic import AwareDatetime, ConfigDict

from deskstream.access import Holding, sees_internal
from deskstream.database import Connection, Pool
from deskstream.http.bodies import View
from deskstream.http.history import Shown
from incident.decider.state import Child, Incident, Merged, OnHold, Parent, State, Unlogged
from incident.terms import HoldReason, Priority, PriorityMatrix, PriorityTables, Report, Status
from incident.terms.major import Stage
from incident.terms.related import LinkKind, Peer


class HoldView(View):
    """What the work waits for."""

    reason: HoldReason
    until: AwareDatetime | None
    reminded: int

    @classmethod
    def of(cls, hold: OnHold) -> Self:
        """As the incident stands."""
        return cls(reason=hold.reason, until=hold.until, reminded=hold.reminded)


class LinkView(View):
    """What it is connected with."""

    kind: LinkKind
    to: str


class RelatedView(View):
    """What it has to do with others. Watchers, children and work are for staff."""

    parent: str | None
    independent: bool
    merged_into: str | None
    links: list[LinkView]
    children: int
    watchers: list[str]
    minutes_worked: int

    @classmethod
    def of(cls, incident: Incident, *, inside: bool) -> Self:
        """As the incident stands; `inside`, for staff."""
        family, phase, own = incident.family, incident.phase, incident.belongings
        return cls(
            parent=family.parent.number if isinstance(family, Child) else None,
            independent=isinstance(family, Child) and family.independent,
            merged_into=phase.into.number if isinstance(phase, Merged) else None,
            links=[LinkView(kind=kind, to=to) for kind, to in sorted(incident.links)],
            children=family.children if inside and isinstance(family, Parent) else 0,
            watchers=sorted(own.watchers) if inside else [],
            minutes_worked=sum(one.minutes for one in own.efforts) if inside else 0,
        )


class OverrideView(View):
    """The priority that a lead has set, until when and why, and what counts afterwards."""

    priority: Priority
    until: AwareDatetime
    because: str
    looked_up: Priority

    @classmethod
    def of(cls, incident: Incident) -> Self | None:
        """As the incident stands."""
        if incident.override is None:
            return None
        return cls(looked_up=incident.looked_up, **asdict(incident.override))


class MajorView(View):
    """Where it stands as a major incident; what is promised while it is one."""

    stage: Stage
    commander: str | None
    update_every: int | None
    next_update_by: AwareDatetime | None

    @classmethod
    def of(cls, incident: Incident) -> Self | None:
        """As the incident stands."""
        if incident.major is None:
            return None
        promised = asdict(incident.declared) if incident.declared else {}
        told = {name: promised.get(name) for name in cls.model_fields.keys() - {"stage"}}
        return cls(stage=incident.major, **told)


class IncidentView(Report, View):
    """An incident, whole."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    id: str
    version: int
    number: str
    status: Status
    priority: Priority
    group: str | None
    person: str | None
    hold: HoldView | None
    opened_at: AwareDatetime
    resolved_at: AwareDatetime | None
    breached: list[str]
    related: RelatedView
    override: OverrideView | None
    major: MajorView | None

    @classmethod
    def of(cls, shown: Shown[State]) -> Self:
        """The incident as its events leave it."""
        incident = logged(shown.state)
        report, phase, resolution = incident.report, incident.phase, incident.resolution
        hold = HoldView.of(phase) if isinstance(phase, OnHold) else None
        judged_since = {"impact", "urgency", "configuration_items"}
        told = report.model_dump(include=set(Report.model_fields) - judged_since)
        return cls(
            id=shown.identity,
            version=shown.version,
            number=report.number,
            status=incident.status,
            priority=incident.priority,
            impact=incident.impact,
            urgency=incident.urgency,
            configuration_items=tuple(incident.configuration_items),
            group=incident.group,
            person=incident.person,
            hold=hold,
            opened_at=report.since,
            resolved_at=resolution and resolution.at,
            breached=sorted({target for target, _ in incident.breached}),
            related=RelatedView.of(incident, inside=sees_internal(shown.by)),
            override=OverrideView.of(incident),
            major=MajorView.of(incident),
            **told,
        )


def logged(state: State) -> Incident:
    """An incident that exists, as every one that is shown does."""
    if isinstance(state, Unlogged):
        message = "an incident that was never logged cannot be shown"
        raise TypeError(message)
    return state


def holding_of(state: State) -> Holding:
    """What the rule of access looks at."""
    if isinstance(state, Unlogged):
        return Holding(None, frozenset(), None, restricted=True)
    people = state.people | state.belongings.watchers
    return Holding(state.report.organisation, people, state.group, state.restricted)


PEER: Final = """
SELECT substr(stream, length('incident-') + 1) AS id, number, caller, organisation, restricted
FROM incidents WHERE stream = $1 OR number = $1
"""


async def peer_of(database: Connection | Pool, known_by: str) -> Peer | None:
    """The incident with this stream or number, as others see it."""
    row = await database.fetchrow(PEER, known_by)
    return None if row is None else Peer(**row)


@dataclass(frozen=True, slots=True)
class Directory:
    """What is known of the catalogue: its services and organisations, and the priority tables.

    Args:
        names: by kind and id.
    """

    names: Mapping[tuple[str, str], str]
    tables: PriorityTables


async def read_directory(database: Connection | Pool) -> Directory:
    """The directory as the consumer has copied it."""
    parties = await database.fetch(
        "SELECT kind, id, effective_from, name, parent FROM known_versions"
        " ORDER BY kind, id, version"
    )
    tables = await database.fetch(
        "SELECT customer, version, effective_from, ends_at, priorities FROM priority_matrices"
        " ORDER BY customer, version"
    )
    matrices: dict[str, tuple[tuple[datetime, PriorityMatrix | None], ...]] = {}
    for row in tables:
        priorities = json.loads(row["priorities"])
        matrix = PriorityMatrix(version=row["version"], priorities=priorities)
        held = matrices.get(row["customer"], ())
        ended = () if row["ends_at"] is None else ((row["ends_at"], None),)
        matrices[row["customer"]] = (*held, (row["effective_from"], matrix), *ended)
    names = {(row["kind"], row["id"]): row["name"] for row in parties}
    parents: dict[str, tuple[tuple[datetime, str | None], ...]] = {}
    for row in parties:
        if row["kind"] == "organisation":
            held_by = parents.get(row["id"], ())
            parents[row["id"]] = (*held_by, (row["effective_from"], row["parent"]))
    return Directory(names, PriorityTables(parents, matrices))
