"""What can be asked of an incident."""

from dataclasses import dataclass
from datetime import datetime

from deskstream.decider import Occasion
from incident.terms import (
    Channel,
    EscalationKind,
    HoldReason,
    Impact,
    Number,
    PersonName,
    PriorityMatrix,
    Reference,
    ResolutionCode,
    Restriction,
    Text,
    Title,
    Urgency,
)


@dataclass(frozen=True, slots=True)
class LogIncident:
    """Take up a report under a number that was drawn for it."""

    when: Occasion
    number: Number
    title: Title
    caller: PersonName
    channel: Channel
    impact: Impact
    urgency: Urgency
    matrix: PriorityMatrix
    description: Text | None = None
    on_behalf_of: PersonName | None = None
    organisation: Reference | None = None
    service: Reference | None = None
    configuration_items: tuple[Reference, ...] = ()
    category: Reference | None = None
    restricted: Restriction = Restriction.NONE
    group: Reference | None = None
    external_reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class PrioritiseIncident:
    """Judge impact and urgency anew."""

    when: Occasion
    impact: Impact
    urgency: Urgency
    matrix: PriorityMatrix


@dataclass(frozen=True, slots=True)
class AssignIncident:
    """Make a group responsible, and perhaps one person in it."""

    when: Occasion
    group: Reference
    person: PersonName | None = None


@dataclass(frozen=True, slots=True)
class EscalateIncident:
    """Take it further; a functional escalation hands it to the group `to`."""

    when: Occasion
    kind: EscalationKind
    because: Text
    to: Reference | None = None


@dataclass(frozen=True, slots=True)
class StartWork:
    """Begin to work on it."""

    when: Occasion


@dataclass(frozen=True, slots=True)
class PutOnHold:
    """Let work wait, perhaps until a promised date."""

    when: Occasion
    reason: HoldReason
    until: datetime | None = None
    supplier: Reference | None = None
    reference: Reference | None = None
    text: Text | None = None


@dataclass(frozen=True, slots=True)
class ResumeWork:
    """Go on although the reason of the hold may remain."""

    when: Occasion


@dataclass(frozen=True, slots=True)
class ReturnToQueue:
    """Go on because the promised date of the hold has passed."""

    when: Occasion


@dataclass(frozen=True, slots=True)
class AddComment:
    """Say something that the caller can read."""

    when: Occasion
    text: Text


@dataclass(frozen=True, slots=True)
class AddNote:
    """Write something down for those who work on it."""

    when: Occasion
    text: Text


@dataclass(frozen=True, slots=True)
class ResolveIncident:
    """Say that it is resolved, and how."""

    when: Occasion
    code: ResolutionCode
    text: Text


@dataclass(frozen=True, slots=True)
class ReopenIncident:
    """Say that the resolution did not hold."""

    when: Occasion
    reason: Text


@dataclass(frozen=True, slots=True)
class ConfirmResolution:
    """Close it as the one who is affected and content."""

    when: Occasion


@dataclass(frozen=True, slots=True)
class CloseIncident:
    """Close it without waiting for the caller."""

    when: Occasion


@dataclass(frozen=True, slots=True)
class CloseByItself:
    """Close it because nobody has objected for long enough."""

    when: Occasion


@dataclass(frozen=True, slots=True)
class CancelIncident:
    """End it because there is nothing to resolve."""

    when: Occasion
    reason: Text


@dataclass(frozen=True, slots=True)
class NoteServiceLevelWarning:
    """Take a warning into the history."""

    when: Occasion
    target: Reference
    fraction: float
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoteServiceLevelBreach:
    """Take a breach into the history, and escalate it."""

    when: Occasion
    target: Reference
    cycle: int
    due_at: datetime
    detected_at: datetime
    late_by_seconds: float


@dataclass(frozen=True, slots=True)
class NoteBreachCorrection:
    """Take into the history that a breach turned out to be none."""

    when: Occasion
    target: Reference
    cycle: int


IncidentCommand = (
    LogIncident
    | PrioritiseIncident
    | AssignIncident
    | EscalateIncident
    | StartWork
    | PutOnHold
    | ResumeWork
    | ReturnToQueue
    | AddComment
    | AddNote
    | ResolveIncident
    | ReopenIncident
    | ConfirmResolution
    | CloseIncident
    | CloseByItself
    | CancelIncident
    | NoteServiceLevelWarning
    | NoteServiceLevelBreach
    | NoteBreachCorrection
)
