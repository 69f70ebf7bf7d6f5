"""How the facts of all subjects change an incident."""

from dataclasses import replace
from typing import Final, assert_never

from incident.decider import (
    conversation,
    conversion,
    ending,
    family,
    holding,
    links,
    major,
    merging,
    overriding,
    service_levels,
    triage,
    watching,
    work,
)
from incident.decider.state import Incident, State, Unlogged
from incident.events import IncidentEvent
from incident.events.conversation import ConversationEvent
from incident.events.conversion import ConversionEvent
from incident.events.ending import EndingEvent
from incident.events.family import FamilyEvent
from incident.events.holding import CallerReminded, HoldingEvent
from incident.events.links import LinkEvent
from incident.events.major import MajorEvent, MajorProposed, MajorUpdateOverdue, ManagementNotified
from incident.events.merging import (
    CommentMoved,
    IncidentTookIn,
    MergingEvent,
    NoteMoved,
    WorkMoved,
)
from incident.events.overriding import OverridingEvent, PriorityOverrideEnded
from incident.events.service_levels import ServiceLevelEvent
from incident.events.triage import (
    EscalationTold,
    IncidentEscalated,
    IncidentLogged,
    TriageEvent,
)
from incident.events.watching import WatchingEvent
from incident.events.work import WorkEvent, WorkRecorded

REMARKS: Final = (
    IncidentEscalated,
    EscalationTold,
    CallerReminded,
    PriorityOverrideEnded,
    MajorProposed,
    MajorUpdateOverdue,
    ManagementNotified,
    ServiceLevelEvent,
    WorkRecorded,
    WatchingEvent,
    LinkEvent,
    FamilyEvent,
    IncidentTookIn,
    CommentMoved,
    NoteMoved,
    WorkMoved,
)
"""What is said about the course of an incident, and is no part of it.

They do not stand in the way of telling afterwards what happened before them: it is the late
telling of a resolution that corrects a breach.
"""


def evolve(state: State, event: IncidentEvent) -> Incident:
    """The incident after this fact.

    Raises:
        ValueError: the facts do not begin with the logging, or it comes again.
    """
    if isinstance(state, Unlogged):
        if isinstance(event, IncidentLogged):
            return triage.begin(event)
        message = f"{type(event).__name__} happened to an incident that was never logged"
        raise ValueError(message)
    after = _after(state, event)
    return after if isinstance(event, REMARKS) else replace(after, told_until=event.time)


def _after(incident: Incident, event: IncidentEvent) -> Incident:  # noqa: C901, PLR0911, PLR0912  one a subject
    if isinstance(event, TriageEvent):
        return triage.evolve(incident, event)
    if isinstance(event, WorkEvent):
        return work.evolve(incident, event)
    if isinstance(event, HoldingEvent):
        return holding.evolve(incident, event)
    if isinstance(event, ConversationEvent):
        return conversation.evolve(incident, event)
    if isinstance(event, WatchingEvent):
        return watching.evolve(incident, event)
    if isinstance(event, LinkEvent):
        return links.evolve(incident, event)
    if isinstance(event, EndingEvent):
        return ending.evolve(incident, event)
    if isinstance(event, ConversionEvent):
        return conversion.evolve(incident, event)
    if isinstance(event, FamilyEvent):
        return family.evolve(incident, event)
    if isinstance(event, MergingEvent):
        return merging.evolve(incident, event)
    if isinstance(event, OverridingEvent):
        return overriding.evolve(incident, event)
    if isinstance(event, MajorEvent):
        return major.evolve(incident, event)
    if isinstance(event, ServiceLevelEvent):
        return service_levels.evolve(incident, event)
    assert_never(event)
