"""What a step of a history asks of the incidents that it tells of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from deskstream.decider import Refusal
from incident.api.steps import (
    Adopt,
    AnyStep,
    Assign,
    Bare,
    Classify,
    Escalate,
    Import,
    Log,
    Merge,
    Prioritise,
    Report,
    Standing,
    Told,
)
from incident.commands import IncidentCommand
from incident.commands.ending import CloseIncident
from incident.commands.family import (
    BecomeChild,
    LeaveParent,
    MakeDependent,
    MakeIndependent,
    TakeChild,
)
from incident.commands.holding import ResumeWork
from incident.commands.merging import MergeInto, TakeIn
from incident.commands.overriding import EndOverride
from incident.commands.triage import AssignIncident, LogIncident, PrioritiseIncident
from incident.commands.watching import UnwatchIncident, WatchIncident
from incident.commands.work import RecordWork, StartWork
from incident.decider.possible import NOT_LOGGED
from incident.decider.state import Incident, State
from incident.terms import PriorityTables, Restriction, Status
from incident.terms import Report as TheirReport
from incident.terms.parties import NOBODY_KNOWN
from incident.terms.related import Peer

BARE: Final[Mapping[str, IncidentCommand]] = {
    "start": StartWork(),
    "resume": ResumeWork(),
    "close": CloseIncident(),
    "leave": LeaveParent(),
    "independent": MakeIndependent(),
    "dependent": MakeDependent(),
    "end_override": EndOverride(),
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """An incident that a step tells of: its id, and how it stands."""

    identity: UUID
    state: State

    def as_peer(self) -> Peer | None:
        """As others see it, once it is logged."""
        if not isinstance(self.state, Incident):
            return None
        report = self.state.report
        return Peer(
            id=self.identity,
            number=report.number,
            caller=report.caller,
            organisation=report.organisation,
            restricted=self.state.restricted,
        )


def other_ticket(step: AnyStep) -> str | None:
    """The ticket that the step changes beside its own, if it does."""
    match step:
        case Adopt(fields=adoption):
            return adoption.parent
        case Merge(fields=merging):
            return merging.into
        case _:
            return None


def commands_for_both(
    step: AnyStep, own: Ticket, other: Ticket
) -> tuple[IncidentCommand, IncidentCommand] | Refusal:
    """What a step with another ticket asks of its own incident, and of the other."""
    one, another = own.as_peer(), other.as_peer()
    if one is None or not isinstance(own.state, Incident):
        return NOT_LOGGED
    if another is None:
        told = f"This import has not told of {other_ticket(step)}; tell first how that was opened."
        return Refusal("other-not-logged", told, field="fields")
    if isinstance(step, Adopt):
        adopted = BecomeChild(parent=another.ref, independent=step.fields.independent)
        return adopted, TakeChild(child=one.ref)
    moving = own.state.moving
    merged = MergeInto(survivor=another, belongings=moving)
    return merged, TakeIn(duplicate=one, belongings=moving)


def commands_of(  # noqa: PLR0911  one a kind
    step: AnyStep, number: str, tables: PriorityTables
) -> Sequence[IncidentCommand]:
    """What it asks of its own incident: first of all to be logged under this number."""
    match step:
        case Log(fields=report):
            return _log(report, number, step.ticket, tables)
        case Import(fields=standing):
            logged = _log(standing, number, step.ticket, tables, standing.opened_at)
            return [*logged, *_way_to(standing)]
        case Prioritise(fields=judged):
            return [PrioritiseIncident(**dict(judged), tables=tables)]
        case Classify(fields=about):
            return [about.command(tables, NOBODY_KNOWN)]
        case Assign(fields=further) | Escalate(fields=further):
            return [further.command(NOBODY_KNOWN)]
        case Bare(kind=kind):
            return [BARE[kind]]
        case Told(fields=RecordWork() | WatchIncident() | UnwatchIncident() as command):
            return [command.model_copy(update={"person": command.person or step.by})]
        case Told(fields=command):
            return [command]
        case _:
            return []


def _way_to(standing: Standing) -> Sequence[IncidentCommand]:
    """From new to the state in which it was first heard of."""
    if standing.state is Status.IN_PROGRESS:
        return [StartWork()]
    closed = [CloseIncident()] if standing.state is Status.CLOSED else []
    return [*standing.details, *closed]


def _log(
    told: Report,
    number: str,
    ticket: str,
    tables: PriorityTables,
    opened_at: datetime | None = None,
) -> Sequence[IncidentCommand]:
    said = {name: getattr(told, name) for name in TheirReport.model_fields}
    report = TheirReport.model_construct(**said | {"external_reference": ticket})
    # Who is responsible is one fact; only what is restricted has to name its group at once.
    at_once = told.person is None or told.restricted is not Restriction.NONE
    logged = LogIncident(
        number=number,
        report=report,
        tables=tables,
        group=told.group if at_once else None,
        opened_at=opened_at,
    )
    if told.person is None:
        return [logged]
    return [logged, AssignIncident(group=told.group, person=told.person)]
