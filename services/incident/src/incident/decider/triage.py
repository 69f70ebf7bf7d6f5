"""Taking an incident up: what it is, how pressing, and whose."""

from dataclasses import replace
from typing import Any, Final, assert_never

from deskstream.decider import ASKERS, Actor, Occasion, Refusal
from incident.commands.triage import (
    AssignIncident,
    EscalateIncident,
    LogIncident,
    PrioritiseIncident,
    ReclassifyIncident,
    TakeIncident,
)
from incident.decider.ending import resolution
from incident.decider.people import IMPORTER, known_as
from incident.decider.priority import Standard
from incident.decider.responsibility import routed, unknown
from incident.decider.situation import Decision, Situation
from incident.decider.state import Incident, New, Unlogged
from incident.events import IncidentEvent
from incident.events.triage import (
    EscalationTold,
    IncidentAssigned,
    IncidentEscalated,
    IncidentImported,
    IncidentLogged,
    IncidentPrioritised,
    IncidentReclassified,
    Judged,
    TriageEvent,
)
from incident.terms import (
    Assigning,
    EscalationKind,
    PriorityTables,
    ProcessPolicy,
    Restriction,
)
from incident.terms.parties import NOBODY_KNOWN
from incident.terms.related import LinkKind

ALREADY_LOGGED: Final = Refusal("already-logged", "This incident was logged before.")

CLASSIFIED_BY: Final = {"service", "category", "organisation"}


def log(command: LogIncident, when: Occasion, policy: ProcessPolicy) -> Decision:
    """Who is responsible, and the solution, if there is one already, are facts of their own."""
    refusal = (
        _presumptuous(command, when.by)
        or _opened_elsewhere(command, when)
        or _unlikely(command, when)
    )
    if refusal is not None:
        return refusal
    report, at = command.report, when.moment
    # An import tells how urgent it was, and who had it.
    parties = NOBODY_KNOWN if IMPORTER in known_as(when.by, Unlogged()) else command.parties
    vip = parties.is_vip(report.on_behalf_of or report.caller, at)
    standard = Standard(command.tables, report.organisation, at, vip, policy)
    told = dict(report) | standard.judge(report.impact, report.urgency)
    facts: list[IncidentEvent] = [_logged(command, told | {"vip": vip})]
    if command.group is not None:
        facts.append(IncidentAssigned(group=command.group))
    elif found := routed(report.service, report.category, parties, at):
        facts.append(found)
    if command.solution is not None:
        facts.append(resolution(command.solution.code, command.solution.text, at, policy))
    return facts


def _logged(command: LogIncident, told: dict[str, Any]) -> IncidentLogged:
    if command.opened_at is None:
        return IncidentLogged(number=command.number, **told)
    return IncidentImported(number=command.number, opened_at=command.opened_at, **told)


def _unlikely(command: LogIncident, when: Occasion) -> Refusal | None:
    """Why it cannot begin with this group, if so."""
    if command.report.restricted is not Restriction.NONE and command.group is None:
        return Refusal(
            "restricted-needs-group",
            "Only its group will see a restricted incident, so name the group that handles it.",
            field="group",
        )
    who = known_as(when.by, Unlogged())
    return unknown(command.group, None, command.parties, who, when.moment, "group")


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
    if command.solution is not None:
        return Refusal(
            "desk-solves",
            "The service desk says how it was solved; leave the solution out.",
            field="solution",
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
    standard = _standard(command.tables, incident.report.organisation, situation)
    judged = standard.judge(command.impact, command.urgency)
    before = (incident.impact, incident.urgency, incident.looked_up)
    if before == (judged["impact"], judged["urgency"], judged["priority"]):
        return []
    return [IncidentPrioritised(**judged, overridden=incident.overridden)]


def reclassify(command: ReclassifyIncident, situation: Situation) -> Decision:
    """The priority is looked up for what it is about now, and the group that is found then."""
    incident, moment = situation.incident, situation.moment
    before = incident.report.model_dump(include=CLASSIFIED_BY)
    about = before | command.model_dump(include=CLASSIFIED_BY, exclude_unset=True)
    if about == before:
        return []
    standard = _standard(command.tables, about["organisation"], situation)
    judged = standard.judge(incident.impact, incident.told_urgency)
    reclassified = IncidentReclassified(**about, **judged, overridden=incident.overridden)
    found = routed(about["service"], about["category"], command.parties, moment)
    # A restricted one stays with those who may see it; an import tells who had it.
    stays = incident.restricted or IMPORTER in situation.who
    if found is None or found.group == incident.group or stays:
        return [reclassified]
    return [reclassified, found]


def _standard(tables: PriorityTables, organisation: str | None, situation: Situation) -> Standard:
    vip = situation.incident.report.vip
    return Standard(tables, organisation, situation.moment, vip, situation.policy)


def assign(command: AssignIncident, situation: Situation) -> Decision:
    """Nothing happens if the same people are responsible already."""
    incident = situation.incident
    if (incident.group, incident.person) == (command.group, command.person):
        return []
    refusal = _out_of_sight(command.group, "group", situation) or unknown(
        command.group, command.person, command.parties, situation.who, situation.moment, "group"
    )
    return refusal or [IncidentAssigned(group=command.group, person=command.person)]


def take(command: TakeIncident, situation: Situation) -> Decision:
    """In the group that is responsible, if one is in it; else in one's only group."""
    incident, own = situation.incident, situation.by.groups
    group = command.group or (incident.group if incident.group in own else None)
    if group is None and len(own) == 1:
        (group,) = own
    if group is None or group not in own:
        offered = ", ".join(sorted(own))
        return Refusal(
            "not-your-group",
            f"Name the group of yours in which you take it: {offered}."
            if own
            else "You are in no group, so somebody has to assign it.",
            field="group",
        )
    if (incident.group, incident.person) == (group, situation.by.name):
        return []
    return [IncidentAssigned(group=group, person=situation.by.name, how=Assigning.TAKEN)]


def escalate(command: EscalateIncident, situation: Situation) -> Decision:
    """A functional escalation makes another group responsible, a hierarchical one does not."""
    escalated = IncidentEscalated(kind=command.kind, because=command.because, to=command.to)
    if command.kind is EscalationKind.HIERARCHICAL:
        return [escalated, *_told(command, situation)]
    if refusal := _not_to(command.to, command, situation):
        return refusal
    assigned = IncidentAssigned(group=command.to, how=Assigning.ESCALATED)
    return [escalated, assigned, *_told(command, situation)]


def _not_to(group: str | None, command: EscalateIncident, situation: Situation) -> Refusal | None:
    """Why it cannot be escalated to this group, if so."""
    if group is None:
        return Refusal(
            "group-missing",
            "A functional escalation hands the incident to another group; name it.",
            field="to",
        )
    if group == situation.incident.group:
        return Refusal(
            "same-group", f"{group} is responsible already; name another group.", field="to"
        )
    return _out_of_sight(group, "to", situation) or unknown(
        group, None, command.parties, situation.who, situation.moment, "to"
    )


def _told(command: EscalateIncident, situation: Situation) -> list[IncidentEvent]:
    """Whoever is named, or leads the group; those who know more are asked by whoever is on call."""
    if command.kind is EscalationKind.HIERARCHICAL:
        group = command.parties.group(situation.incident.group, situation.moment)
        whom = command.to or (group and group.lead)
    else:
        group = command.parties.group(command.to, situation.moment)
        whom = group and (group.on_call or group.lead)
    return [EscalationTold(kind=command.kind, whom=whom)] if whom else []


def _out_of_sight(group: str | None, field: str, situation: Situation) -> Refusal | None:
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
        told_urgency=event.raised_from or event.urgency,
        looked_up=event.priority,
        told_until=event.time,
        links=frozenset((LinkKind.CONFIGURATION_ITEM, one) for one in event.configuration_items),
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
        case IncidentPrioritised():
            return _judged(incident, event)
        case IncidentReclassified():
            told = event.model_dump(include=CLASSIFIED_BY)
            report = incident.report.model_copy(update=told)
            return _judged(replace(incident, report=report), event)
        case IncidentAssigned(group=group, person=person):
            held_by = incident.held_by | ({group} if group else frozenset())
            return replace(incident, group=group, person=person, held_by=held_by)
        case IncidentEscalated() | EscalationTold():
            return incident
        case _:
            assert_never(event)


def _judged(incident: Incident, event: Judged) -> Incident:
    return replace(
        incident,
        impact=event.impact,
        urgency=event.urgency,
        told_urgency=event.raised_from or event.urgency,
        looked_up=event.priority,
    )
