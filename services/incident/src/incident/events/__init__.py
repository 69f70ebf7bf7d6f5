"""What can have happened to an incident, and the names under which it is stored."""

from collections.abc import Mapping
from typing import ClassVar, Final

from pydantic import AwareDatetime

from deskstream.codec import Codec
from deskstream.decider import Fact
from incident.terms import (
    Channel,
    Closure,
    EscalationKind,
    HoldReason,
    Impact,
    Number,
    PersonName,
    Priority,
    Reference,
    ResolutionCode,
    Restriction,
    ResumeCause,
    Text,
    Title,
    Urgency,
)


class IncidentLogged(Fact):
    """Somebody reported that a service does not work as it should."""

    number: Number
    title: Title
    description: Text | None = None
    caller: PersonName
    on_behalf_of: PersonName | None = None
    organisation: Reference | None = None
    service: Reference | None = None
    configuration_items: tuple[Reference, ...] = ()
    category: Reference | None = None
    channel: Channel
    impact: Impact
    urgency: Urgency
    priority: Priority
    matrix_version: int
    restricted: Restriction = Restriction.NONE
    external_reference: Reference | None = None


class IncidentPrioritised(Fact):
    """Impact and urgency were judged anew, and the priority looked up again."""

    impact: Impact
    urgency: Urgency
    priority: Priority
    matrix_version: int


class IncidentAssigned(Fact):
    """A group became responsible, and perhaps one person in it."""

    group: Reference
    person: PersonName | None = None


class IncidentEscalated(Fact):
    """It was taken further, to those who know more or decide more."""

    internal: ClassVar[bool] = True

    kind: EscalationKind
    because: Text
    to: Reference | None = None


class WorkStarted(Fact):
    """Somebody began to work on it."""


class IncidentPutOnHold(Fact):
    """Work waits, for this reason instead of any earlier one."""

    reason: HoldReason
    until: AwareDatetime | None = None
    supplier: Reference | None = None
    reference: Reference | None = None
    text: Text | None = None


class IncidentResumed(Fact):
    """Work no longer waits."""

    cause: ResumeCause


class CommentAdded(Fact):
    """Something was said that the caller can read.

    `by_agent` is what a person who works on the incident said, `automatic` what a machine said;
    what is neither came from the customer.
    """

    text: Text
    by_agent: bool
    automatic: bool


class NoteAdded(Fact):
    """Something was written down for those who work on it."""

    internal: ClassVar[bool] = True

    text: Text


class IncidentResolved(Fact):
    """The service works again, or will not be made to."""

    code: ResolutionCode
    text: Text


class IncidentReopened(Fact):
    """The resolution did not hold."""

    reason: Text


class IncidentClosed(Fact):
    """The resolution became final."""

    how: Closure


class IncidentCancelled(Fact):
    """It turned out that there was nothing to resolve."""

    reason: Text


class ServiceLevelWarned(Fact):
    """The time to a target was used up to this fraction; paused since, it has no due time."""

    target: Reference
    fraction: float
    due_at: AwareDatetime | None = None


class ServiceLevelBreached(Fact):
    """A target was missed."""

    target: Reference
    cycle: int
    due_at: AwareDatetime
    detected_at: AwareDatetime
    late_by_seconds: float


class ServiceLevelBreachCorrected(Fact):
    """What was told afterwards shows that the target was not missed."""

    target: Reference
    cycle: int


IncidentEvent = (
    IncidentLogged
    | IncidentPrioritised
    | IncidentAssigned
    | IncidentEscalated
    | WorkStarted
    | IncidentPutOnHold
    | IncidentResumed
    | CommentAdded
    | NoteAdded
    | IncidentResolved
    | IncidentReopened
    | IncidentClosed
    | IncidentCancelled
    | ServiceLevelWarned
    | ServiceLevelBreached
    | ServiceLevelBreachCorrected
)

STORED_NAMES: Final[Mapping[str, type[IncidentEvent]]] = {
    "incident.logged.v1": IncidentLogged,
    "incident.prioritised.v1": IncidentPrioritised,
    "incident.assigned.v1": IncidentAssigned,
    "incident.escalated.v1": IncidentEscalated,
    "incident.work_started.v1": WorkStarted,
    "incident.put_on_hold.v1": IncidentPutOnHold,
    "incident.resumed.v1": IncidentResumed,
    "incident.comment_added.v1": CommentAdded,
    "incident.note_added.v1": NoteAdded,
    "incident.resolved.v1": IncidentResolved,
    "incident.reopened.v1": IncidentReopened,
    "incident.closed.v1": IncidentClosed,
    "incident.cancelled.v1": IncidentCancelled,
    "incident.service_level_warned.v1": ServiceLevelWarned,
    "incident.service_level_breached.v1": ServiceLevelBreached,
    "incident.service_level_breach_corrected.v1": ServiceLevelBreachCorrected,
}

CODEC: Final[Codec[IncidentEvent]] = Codec(STORED_NAMES)
