"""What is reported about the incident's targets."""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from incident.commands.service_levels import (
    Escalating,
    NoteBreachCorrection,
    NoteServiceLevelBreach,
    NoteServiceLevelWarning,
    NoteSuspicion,
    NoteSuspicionCleared,
)
from incident.decider.responsibility import holders
from incident.decider.situation import Decision, Situation
from incident.decider.state import Incident
from incident.events import IncidentEvent
from incident.events.service_levels import (
    ServiceLevelBreachCorrected,
    ServiceLevelBreached,
    ServiceLevelEvent,
    ServiceLevelSuspected,
    ServiceLevelSuspicionCleared,
    ServiceLevelWarned,
)
from incident.events.triage import EscalationTold, IncidentEscalated
from incident.events.words import plain
from incident.terms import EscalationKind, Post


def note_warning(command: NoteServiceLevelWarning, situation: Situation) -> Decision:
    """While something can still be done, it is escalated."""
    told = command.model_dump(include=set(ServiceLevelWarned.model_fields))
    because = f"{command.fraction:.0%} of the time for {plain(command.target)} is used."
    posts = situation.policy.told_of_warnings
    return [ServiceLevelWarned(**told), *_escalated(command, situation, because, posts)]


def note_suspicion(command: NoteSuspicion, _: Situation) -> Decision:
    """People may look; nothing is done about what is not certain."""
    return [ServiceLevelSuspected(**dict(command))]


def note_cleared(command: NoteSuspicionCleared, _: Situation) -> Decision:
    """So that nobody goes on to look."""
    return [ServiceLevelSuspicionCleared(**dict(command))]


def note_breach(command: NoteServiceLevelBreach, situation: Situation) -> Decision:
    """Once for each target and cycle; escalated as a warning is, if to others."""
    if (command.target, command.cycle) in situation.incident.breached:
        return []
    told = command.model_dump(include=set(ServiceLevelBreached.model_fields))
    because = f"The target {plain(command.target)} was missed."
    posts = situation.policy.told_of_breaches
    return [ServiceLevelBreached(**told), *_escalated(command, situation, because, posts)]


def _escalated(
    command: Escalating, situation: Situation, because: str, posts: Sequence[Post]
) -> list[IncidentEvent]:
    incident, kind = situation.incident, EscalationKind.HIERARCHICAL
    if command.still_told or not incident.is_open:
        return []
    told = holders(posts, incident, command.parties, situation.moment)
    return [
        IncidentEscalated(kind=kind, because=because),
        *(EscalationTold(kind=kind, whom=whom) for whom in told),
    ]


def note_correction(command: NoteBreachCorrection, situation: Situation) -> Decision:
    """Only a breach that stands can be corrected."""
    if (command.target, command.cycle) not in situation.incident.breached:
        return []
    return [ServiceLevelBreachCorrected(target=command.target, cycle=command.cycle)]


def evolve(incident: Incident, event: ServiceLevelEvent) -> Incident:
    """The incident after this fact."""
    match event:
        case ServiceLevelWarned() | ServiceLevelSuspected() | ServiceLevelSuspicionCleared():
            return incident
        case ServiceLevelBreached(target=target, cycle=cycle):
            return replace(incident, breached=incident.breached | {(target, cycle)})
        case ServiceLevelBreachCorrected(target=target, cycle=cycle):
            return replace(incident, breached=incident.breached - {(target, cycle)})
        case _:
            assert_never(event)
