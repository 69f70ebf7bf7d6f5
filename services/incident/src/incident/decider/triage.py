"""Taking an incident up: what it is, how pressing, and whose."""

from dataclasses import replace
from typing import Final, assert_never

from deskstream.decider import ASKERS, Actor, Occasion, Refusal
from incident.commands.triage import (
    AssignIncident,
    EscalateIncident,
    LogIncident,
    PrioritiseIncident,
)
from incident.decider.people import IMPORTER, known_as
from incident.decider.priority import table_for
from incident.decider.situation import Decision, Situation
from incident.decider.state import Incident, New, Unlogged
from incident.events.triage import (
    IncidentAssigned,
    IncidentEscalated,
    IncidentImported,
    IncidentLogged,
    IncidentPrioritised,
    TriageEvent,
)
from incident.terms import EscalationKind, Restriction

ALREADY_LOGGED: Final = Refusal("already-logged", "This incident was logged before.")


def log(command: LogIncident, when: Occasion) -> Decision:
    """Its group, if it is known already, becomes responsible in a fact of its own."""
    if refusal := _presumptuous(command, when.by) or _opened_elsewhere(command, when):
        return refusal
    report = command.report
    if report.restricted is not Restriction.NONE and command.group is None:
        return Refusal(
            "restricted-needs-group",
            "Only its group will see a restricted incident, so name the group that handles it.",
            field="group",
        )
    matrix = table_for(command.tables, report.organisation, when.moment)
    told = {
        "number": command.number,
        "priority": matrix.priority_of(report.impact, report.urgency),
        "matrix_version": matrix.version,
        **dict(report),
    }
    opened = command.opened_at
    logged = IncidentImported(**told, opened_at=opened) if opened else IncidentLogged(**told)
    return [logged, IncidentAssigned(group=command.group)] if command.group else [logged]


def _opened_elsewhere(command: LogIncident, when: Occasion) -> Refusal | None:
    """Only an importer knows when something was opened in another tool."""
    opened = command.opened_at
    if opened is None or (opened <= when.moment and IMPORTER in known_as(when.by, Unlogged())):
        return None
    return Refusal(
        "not-opened-before",
        "Only an importer can take over what was opened in another tool, and before that moment.",
        field="opened_at",
    )


def log_again(_: LogIncident, __: Situation) -> Decision:
    """An incident is logged once."""
    return ALREADY_LOGGED


def _presumptuous(command: LogIncident, asker: Actor) -> Refusal | None:
    """Who asks for help speaks for nobody else, and leaves it to the desk who helps."""
    if asker.role not in ASKERS:
        return None
    if command.report.caller != asker.name:
        return Refusal(
            "caller-is-you",
            "You report under your own name; name whom it concerns in `on_behalf_of`.",
            field="caller",
        )
    if command.report.organisation != asker.organisation:
        return Refusal(
            "organisation-is-yours",
            "You report for your own organisation; leave it out.",
            field="organisation",
        )
    if command.group is not None and command.report.restricted is Restriction.NONE:
        return Refusal(
            "desk-chooses-group",
            "The service desk chooses who handles it; only what is restricted names its group.",
            field="group",
        )
    return None


def prioritise(command: PrioritiseIncident, situation: Situation) -> Decision:
    """Nothing happens if the judgement stays as it was."""
    incident = situation.incident
    matrix = table_for(command.tables, incident.report.organisation, situation.moment)
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


def assign(command: AssignIncident, situation: Situation) -> Decision:
    """Nothing happens if the same people are responsible already."""
    incident = situation.incident
    if (incident.group, incident.person) == (command.group, command.person):
        return []
    if refusal := _out_of_sight(command.group, "group", situation):
        return refusal
    return [IncidentAssigned(group=command.group, person=command.person)]


def escalate(command: EscalateIncident, situation: Situation) -> Decision:
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
    if command.to == situation.incident.group:
        return Refusal(
            "same-group", f"{command.to} is responsible already; name another group.", field="to"
        )
    if refusal := _out_of_sight(command.to, "to", situation):
        return refusal
    return [escalated, IncidentAssigned(group=command.to)]


def _out_of_sight(group: str, field: str, situation: Situation) -> Refusal | None:
    """A restricted incident that goes to a misspelt group would be seen by nobody any more."""
    incident = situation.incident
    seen_by = situation.by.groups | incident.held_by
    if not incident.restricted or group in seen_by or IMPORTER in situation.who:
        return None
    return Refusal(
        "restricted-stays-in-sight",
        "It is restricted, so it can go only to a group that you are in, or that has held it"
        f" before: {', '.join(sorted(seen_by))}.",
        field=field,
    )


def begin(event: IncidentLogged) -> Incident:
    """The incident that was logged."""
    return Incident(
        report=event,
        phase=New(),
        impact=event.impact,
        urgency=event.urgency,
        priority=event.priority,
        told_until=event.time,
    )


def evolve(incident: Incident, event: TriageEvent) -> Incident:
    """The incident after this fact.

    Raises:
        ValueError: it was logged again.
    """
    match event:
        case IncidentLogged():
            message = f"{incident.report.number} was logged a second time, as {event.number}"
            raise ValueError(message)
        case IncidentPrioritised(impact=impact, urgency=urgency, priority=priority):
            return replace(incident, impact=impact, urgency=urgency, priority=priority)
        case IncidentAssigned(group=group, person=person):
            held_by = incident.held_by | {group}
            return replace(incident, group=group, person=person, held_by=held_by)
        case IncidentEscalated():
            return incident
        case _:
            assert_never(event)
