"""What a fact makes of the columns of an incident's row."""

from dataclasses import dataclass
from typing import assert_never

from incident.events import IncidentEvent
from incident.events.conversation import ConversationEvent
from incident.events.conversion import ConversionEvent
from incident.events.ending import (
    EndingEvent,
    IncidentCancelled,
    IncidentClosed,
    IncidentReopened,
    IncidentResolved,
)
from incident.events.family import BecameChild, FamilyEvent, LeftParent
from incident.events.holding import CallerReminded, HoldingEvent, IncidentPutOnHold, IncidentResumed
from incident.events.links import LinkEvent
from incident.events.major import (
    MajorDeclared,
    MajorDeclined,
    MajorEvent,
    MajorProposed,
    MajorReviewed,
    MajorStoodDown,
    MajorUpdateGiven,
    MajorUpdateOverdue,
    ManagementNotified,
)
from incident.events.merging import IncidentMerged, MergingEvent
from incident.events.overriding import OverridingEvent
from incident.events.service_levels import (
    ServiceLevelBreachCorrected,
    ServiceLevelBreached,
    ServiceLevelEvent,
    ServiceLevelSuspected,
    ServiceLevelSuspicionCleared,
    ServiceLevelWarned,
)
from incident.events.triage import (
    EscalationTold,
    IncidentAssigned,
    IncidentEscalated,
    IncidentLogged,
    IncidentPrioritised,
    IncidentReclassified,
    Judged,
    TriageEvent,
)
from incident.events.watching import IncidentWatched, WatchingEvent
from incident.events.work import WorkEvent, WorkStarted
from incident.terms import Restriction, Status
from incident.terms.major import Stage


@dataclass(frozen=True)
class Added:
    """An element that comes into an array."""

    element: str


@dataclass(frozen=True)
class Removed:
    """An element that goes out of an array."""

    element: str


def beginning(fact: IncidentLogged) -> dict[str, object]:
    """The columns of a row that begins."""
    same = {
        "number",
        "title",
        "caller",
        "service",
        "category",
        "channel",
        "impact",
        "urgency",
        "priority",
        "organisation",
    }
    people = (fact.caller, fact.on_behalf_of)
    return {
        **fact.model_dump(include=same),
        "status": Status.NEW,
        "opened_at": fact.since,
        "external": fact.external_reference,
        "people": list(dict.fromkeys(person for person in people if person)),
        "restricted": fact.restricted is not Restriction.NONE,
    }


def changes(  # noqa: C901, PLR0911  one a subject
    fact: IncidentEvent,
) -> dict[str, object]:
    """The columns that a fact changes, with what they become."""
    if isinstance(fact, TriageEvent):
        return _triage(fact)
    if isinstance(fact, WorkEvent):
        return {"status": Status.IN_PROGRESS} if isinstance(fact, WorkStarted) else {}
    if isinstance(fact, HoldingEvent):
        return _holding(fact)
    if isinstance(fact, EndingEvent):
        return _ending(fact)
    if isinstance(fact, ServiceLevelEvent):
        return _service_levels(fact)
    if isinstance(fact, MajorEvent):
        return _major(fact)
    if isinstance(fact, OverridingEvent):
        return {"priority": fact.priority}
    if isinstance(fact, ConversionEvent):
        return {"status": Status.CONVERTED, "hold_reason": None}
    if isinstance(fact, WatchingEvent):
        watched = isinstance(fact, IncidentWatched)
        return {"people": Added(fact.person) if watched else Removed(fact.person)}
    if isinstance(fact, FamilyEvent):
        return _family(fact)
    if isinstance(fact, MergingEvent):
        merged = isinstance(fact, IncidentMerged)
        return {"status": Status.MERGED, "hold_reason": None} if merged else {}
    if isinstance(fact, ConversationEvent | LinkEvent):
        return {}
    assert_never(fact)


def _family(fact: FamilyEvent) -> dict[str, object]:
    match fact:
        case BecameChild(parent=parent):
            return {"parent": parent.number}
        case LeftParent():
            return {"parent": None}
        case _:
            return {}


def _triage(fact: TriageEvent) -> dict[str, object]:
    match fact:
        case IncidentPrioritised():
            return _judgement(fact)
        case IncidentReclassified():
            about = fact.model_dump(include={"service", "category", "organisation"})
            return {**about, **_judgement(fact)}
        case IncidentAssigned(group=group, person=person):
            held: dict[str, object] = {"held_by": group, "person": person}
            return held if group is None else {**held, "been_with": Added(group)}
        case IncidentEscalated() | EscalationTold() | IncidentLogged():
            return {}


def _judgement(fact: Judged) -> dict[str, object]:
    return {"impact": fact.impact, "urgency": fact.urgency, "priority": fact.counts}


def _holding(fact: HoldingEvent) -> dict[str, object]:
    match fact:
        case IncidentPutOnHold(reason=reason):
            return {"status": Status.ON_HOLD, "hold_reason": reason}
        case CallerReminded():
            return {}
        case IncidentResumed():
            return {"status": Status.IN_PROGRESS, "hold_reason": None}


def _ending(fact: EndingEvent) -> dict[str, object]:
    match fact:
        case IncidentResolved():
            return {"status": Status.RESOLVED, "hold_reason": None, "resolved_at": fact.time}
        case IncidentReopened():
            return {"status": Status.IN_PROGRESS, "resolved_at": None}
        case IncidentClosed():
            return {"status": Status.CLOSED}
        case IncidentCancelled():
            return {"status": Status.CANCELLED, "hold_reason": None}


def _major(fact: MajorEvent) -> dict[str, object]:
    match fact:
        case MajorProposed():
            return {"major": Stage.PROPOSED}
        case MajorDeclined():
            return {"major": None, "major_declined": True}
        case MajorDeclared():
            return {"major": Stage.DECLARED}
        case MajorStoodDown():
            return {"major": Stage.STOOD_DOWN}
        case MajorReviewed():
            return {"major": Stage.REVIEWED}
        case ManagementNotified() | MajorUpdateGiven() | MajorUpdateOverdue():
            return {}


def _service_levels(fact: ServiceLevelEvent) -> dict[str, object]:
    match fact:
        case ServiceLevelWarned():
            return {"warned": True}
        case ServiceLevelSuspected() | ServiceLevelSuspicionCleared():
            return {}
        case ServiceLevelBreached(target=target, cycle=cycle):
            return {"breaches": Added(f"{target}:{cycle}")}
        case ServiceLevelBreachCorrected(target=target, cycle=cycle):
            return {"breaches": Removed(f"{target}:{cycle}")}
