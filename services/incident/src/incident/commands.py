"""What can be asked of an incident."""

from pydantic import Field

from deskstream.decider import Command
from deskstream.input import Moment
from incident.terms import (
    Channel,
    EscalationKind,
    HoldReason,
    Impact,
    Number,
    PersonName,
    PriorityTables,
    Reference,
    ResolutionCode,
    Restriction,
    Text,
    Title,
    Urgency,
)


class LogIncident(Command):
    """Take up a report under a number that was drawn for it."""

    number: Number
    title: Title
    caller: PersonName
    channel: Channel
    impact: Impact
    urgency: Urgency
    tables: PriorityTables
    description: Text | None = None
    on_behalf_of: PersonName | None = None
    organisation: Reference | None = None
    service: Reference | None = None
    configuration_items: tuple[Reference, ...] = Field(default=(), max_length=100)
    category: Reference | None = None
    restricted: Restriction = Restriction.NONE
    group: Reference | None = None
    external_reference: Reference | None = None


class PrioritiseIncident(Command):
    """Judge impact and urgency anew."""

    impact: Impact
    urgency: Urgency
    tables: PriorityTables


class AssignIncident(Command):
    """Make a group responsible, and perhaps one person in it."""

    group: Reference
    person: PersonName | None = None


class EscalateIncident(Command):
    """Take it further; a functional escalation hands it to the group `to`."""

    kind: EscalationKind
    because: Text
    to: Reference | None = None


class StartWork(Command):
    """Begin to work on it."""


class PutOnHold(Command):
    """Let work wait, perhaps until a promised date."""

    reason: HoldReason
    until: Moment | None = None
    supplier: Reference | None = None
    reference: Reference | None = None
    text: Text | None = None


class ResumeWork(Command):
    """Go on although the reason of the hold may remain."""


class ReturnToQueue(Command):
    """Go on because the promised date of the hold has passed."""


class AddComment(Command):
    """Say something that the caller can read."""

    text: Text


class AddNote(Command):
    """Write something down for those who work on it."""

    text: Text


class ResolveIncident(Command):
    """Say that it is resolved, and how."""

    code: ResolutionCode
    text: Text


class ReopenIncident(Command):
    """Say that the resolution did not hold."""

    reason: Text


class ConfirmResolution(Command):
    """Close it as the one who is affected and content."""


class CloseIncident(Command):
    """Close it without waiting for the caller."""


class CloseByItself(Command):
    """Close it because nobody has objected for long enough."""


class CancelIncident(Command):
    """End it because there is nothing to resolve."""

    reason: Text


class NoteServiceLevelWarning(Command):
    """Take a warning into the history."""

    target: Reference
    fraction: float
    due_at: Moment | None


class NoteServiceLevelBreach(Command):
    """Take a breach into the history, and escalate it."""

    target: Reference
    cycle: int
    due_at: Moment
    detected_at: Moment
    late_by_seconds: float


class NoteBreachCorrection(Command):
    """Take into the history that a breach turned out to be none."""

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
