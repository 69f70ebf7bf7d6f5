"""Taking an incident up: what it is, how pressing, and whose."""

from collections.abc import Sequence

from deskstream.decider import Actor, Occasion, Refusal
from incident.commands import (
    AssignIncident,
    EscalateIncident,
    LogIncident,
    PrioritiseIncident,
)
from incident.decider.people import asks
from incident.decider.priority import table_for
from incident.decider.state import Incident
from incident.events import (
    IncidentAssigned,
    IncidentEscalated,
    IncidentEvent,
    IncidentLogged,
    IncidentPrioritised,
)
from incident.terms import EscalationKind, Restriction


def log(command: LogIncident, when: Occasion) -> Sequence[IncidentEvent] | Refusal:
    """Its group, if it is known already, becomes responsible in a fact of its own."""
    if refusal := _presumptuous(command, when.by):
        return refusal
    if command.restricted is not Restriction.NONE and command.group is None:
        return Refusal(
            "restricted-needs-group",
            "Only its group will see a restricted incident, so name the group that handles it.",
            field="group",
        )
    matrix = table_for(command.tables, command.organisation, when.moment)
    logged = IncidentLogged(
        number=command.number,
        title=command.title,
        description=command.description,
        caller=command.caller,
        on_behalf_of=command.on_behalf_of,
        organisation=command.organisation,
        service=command.service,
        configuration_items=command.configuration_items,
        category=command.category,
        channel=command.channel,
        impact=command.impact,
        urgency=command.urgency,
        priority=matrix.priority_of(command.impact, command.urgency),
        matrix_version=matrix.version,
        restricted=command.restricted,
        external_reference=command.external_reference,
    )
    return [logged, IncidentAssigned(group=command.group)] if command.group else [logged]


def _presumptuous(command: LogIncident, asker: Actor) -> Refusal | None:
    """Who asks for help speaks for nobody else, and leaves it to the desk who helps."""
    if not asks(asker):
        return None
    if command.caller != asker.name:
        return Refusal(
            "caller-is-you",
            "You report under your own name; name whom it concerns in `on_behalf_of`.",
            field="caller",
        )
    if command.organisation != asker.organisation:
        return Refusal(
            "organisation-is-yours",
            "You report for your own organisation; leave it out.",
            field="organisation",
        )
    if command.group is not None and command.restricted is Restriction.NONE:
        return Refusal(
            "desk-chooses-group",
            "The service desk chooses who handles it; only what is restricted names its group.",
            field="group",
        )
    return None


def prioritise(
    command: PrioritiseIncident, when: Occasion, incident: Incident
) -> Sequence[IncidentEvent]:
    """Nothing happens if the judgement stays as it was."""
    matrix = table_for(command.tables, incident.report.organisation, when.moment)
    priority = matrix.priority_of(command.impact, command.urgency)
    before = (incident.impact, incident.urgency, incident.priority)
    if before == (command.impact, command.urgency, priority):
        return []
    return [
        IncidentPrioritised(
            impact=command.impact,
            urgency=command.urgency,
            priority=priority,
            matrix_version=matrix.version,
        )
    ]


def assign(command: AssignIncident, incident: Incident) -> Sequence[IncidentEvent]:
    """Nothing happens if the same people are responsible already."""
    if (incident.group, incident.person) == (command.group, command.person):
        return []
    return [IncidentAssigned(group=command.group, person=command.person)]


def escalate(command: EscalateIncident, incident: Incident) -> Sequence[IncidentEvent] | Refusal:
    """A functional escalation makes another group responsible, a hierarchical one does not."""
    escalated = IncidentEscalated(kind=command.kind, because=command.because, to=command.to)
    if command.kind is EscalationKind.HIERARCHICAL:
        return [escalated]
    if command.to is None:
        return Refusal(
            "group-missing",
            "A functional escalation hands the incident to another group; name it.",
            field="to",
        )
    if command.to == incident.group:
        return Refusal(
            "same-group", f"{command.to} is responsible already; name another group.", field="to"
        )
    return [escalated, IncidentAssigned(group=command.to)]
