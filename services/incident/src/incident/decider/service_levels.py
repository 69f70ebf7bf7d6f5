"""What is reported about the incident's targets."""

from dataclasses import replace
from typing import assert_never

from incident.commands.service_levels import (
    NoteBreachCorrection,
    NoteServiceLevelBreach,
    NoteServiceLevelWarning,
)
from incident.decider.situation import Decision, Situation
from incident.decider.state import Incident
from incident.events.service_levels import (
    ServiceLevelBreachCorrected,
    ServiceLevelBreached,
    ServiceLevelEvent,
    ServiceLevelWarned,
)
from incident.events.triage import IncidentEscalated
from incident.events.words import plain
from incident.terms import EscalationKind


def note_warning(command: NoteServiceLevelWarning, _: Situation) -> Decision:
    """It becomes part of the history."""
    return [
        ServiceLevelWarned(target=command.target, fraction=command.fraction, due_at=command.due_at)
    ]


def note_breach(command: NoteServiceLevelBreach, situation: Situation) -> Decision:
    """Once for each target and cycle; while something can still be done, it is escalated."""
    if (command.target, command.cycle) in situation.incident.breached:
        return []
    breached = ServiceLevelBreached(**command.model_dump(exclude={"still_told"}))
    if command.still_told or not situation.incident.is_open:
        return [breached]
    escalated = IncidentEscalated(
        kind=EscalationKind.HIERARCHICAL,
        because=f"The target {plain(command.target)} was missed.",
    )
    return [breached, escalated]


def note_correction(command: NoteBreachCorrection, situation: Situation) -> Decision:
    """Only a breach that stands can be corrected."""
    if (command.target, command.cycle) not in situation.incident.breached:
        return []
    return [ServiceLevelBreachCorrected(target=command.target, cycle=command.cycle)]


def evolve(incident: Incident, event: ServiceLevelEvent) -> Incident:
    """The incident after this fact."""
    match event:
        case ServiceLevelWarned():
            return incident
        case ServiceLevelBreached(target=target, cycle=cycle):
            return replace(incident, breached=incident.breached | {(target, cycle)})
        case ServiceLevelBreachCorrected(target=target, cycle=cycle):
            return replace(incident, breached=incident.breached - {(target, cycle)})
        case _:
            assert_never(event)
