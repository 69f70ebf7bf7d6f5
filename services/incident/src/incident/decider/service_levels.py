"""What is reported about the incident's targets."""

from collections.abc import Sequence

from incident.commands import (
    NoteBreachCorrection,
    NoteServiceLevelBreach,
    NoteServiceLevelWarning,
)
from incident.decider.state import Incident
from incident.events import (
    IncidentEscalated,
    IncidentEvent,
    ServiceLevelBreachCorrected,
    ServiceLevelBreached,
    ServiceLevelWarned,
)
from incident.terms import EscalationKind


def note_warning(command: NoteServiceLevelWarning) -> Sequence[IncidentEvent]:
    """It becomes part of the history."""
    return [
        ServiceLevelWarned(target=command.target, fraction=command.fraction, due_at=command.due_at)
    ]


def note_breach(command: NoteServiceLevelBreach, incident: Incident) -> Sequence[IncidentEvent]:
    """Once for each target and cycle; while something can still be done, it is escalated."""
    if (command.target, command.cycle) in incident.breached:
        return []
    breached = ServiceLevelBreached(
        target=command.target,
        cycle=command.cycle,
        due_at=command.due_at,
        detected_at=command.detected_at,
        late_by_seconds=command.late_by_seconds,
    )
    if not incident.is_open:
        return [breached]
    escalated = IncidentEscalated(
        kind=EscalationKind.HIERARCHICAL,
        because=f"The target {command.target.replace('_', ' ')} was missed.",
    )
    return [breached, escalated]


def note_correction(command: NoteBreachCorrection, incident: Incident) -> Sequence[IncidentEvent]:
    """Only a breach that stands can be corrected."""
    if (command.target, command.cycle) not in incident.breached:
        return []
    return [ServiceLevelBreachCorrected(target=command.target, cycle=command.cycle)]
