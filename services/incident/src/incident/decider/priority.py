"""How pressing an incident is: which table says so, and for whom it is raised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypedDict, TypeVar

from incident.terms import (
    STARTER_MATRIX,
    Impact,
    Priority,
    PriorityMatrix,
    PriorityTables,
    ProcessPolicy,
    Urgency,
)

T = TypeVar("T")
RAISED: Final = {Urgency.LOW: Urgency.MEDIUM, Urgency.MEDIUM: Urgency.HIGH}


class Judgement(TypedDict):
    """What a fact says of the priority that was looked up."""

    impact: Impact
    urgency: Urgency
    priority: Priority
    matrix_version: int
    raised_from: Urgency | None


@dataclass(frozen=True, slots=True)
class Standard:
    """By what an incident is judged: the tables, whose it is, and when; and if it is a VIP's."""

    tables: PriorityTables
    organisation: str | None
    at: datetime
    vip: bool
    policy: ProcessPolicy

    def judge(self, impact: Impact, urgency: Urgency) -> Judgement:
        """The priority that the table gives it; a VIP can wait less long."""
        raised = urgency
        if self.vip and self.policy.vip_raises_urgency:
            raised = RAISED.get(urgency, urgency)
        matrix = table_for(self.tables, self.organisation, self.at)
        return Judgement(
            impact=impact,
            urgency=raised,
            priority=matrix.priority_of(impact, raised),
            matrix_version=matrix.version,
            raised_from=None if raised is urgency else urgency,
        )


def table_for(tables: PriorityTables, organisation: str | None, at: datetime) -> PriorityMatrix:
    """The table for this organisation: its own, its nearest ancestor's then, or everyone's."""
    seen: set[str] = set()
    while organisation is not None and organisation not in seen:
        if (own := _in_force(tables.matrices.get(organisation, ()), at)) is not None:
            return own
        seen.add(organisation)
        organisation = _in_force(tables.parents.get(organisation, ()), at)
    return _in_force(tables.matrices.get("", ()), at) or STARTER_MATRIX


def _in_force(versions: Sequence[tuple[datetime, T]], at: datetime) -> T | None:
    """The highest version whose time has come."""
    return next((one for since, one in reversed(versions) if since <= at), None)
