"""What can have happened to an incident, and the names under which it is stored."""

from typing import ClassVar, Final

from pydantic import AwareDatetime

from deskstream.codec import Codec
from deskstream.decider import Fact
from incident.events.words import CLOSED, RESUMED, plain, utc
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


class IncidentLogged(Fact, stored="incident.logged.v1"):
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

    def in_words(self) -> str:
        """As the history tells it."""
        by = plain(self.channel)
        return f"Logged as {self.number} by {by}: {self.title}. {_priority(self)}"


class IncidentPrioritised(Fact, stored="incident.prioritised.v1"):
    """Impact and urgency were judged anew, and the priority looked up again."""

    impact: Impact
    urgency: Urgency
    priority: Priority
    matrix_version: int

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Judged anew. {_priority(self)}"


class IncidentAssigned(Fact, stored="incident.assigned.v1"):
    """A group became responsible, and perhaps one person in it."""

    group: Reference
    person: PersonName | None = None

    def in_words(self) -> str:
        """As the history tells it."""
        return (
            f"Assigned to {self.person} in {self.group}."
            if self.person
            else f"Assigned to {self.group}."
        )


class IncidentEscalated(Fact, stored="incident.escalated.v1"):
    """It was taken further, to those who know more or decide more."""

    internal: ClassVar[bool] = True

    kind: EscalationKind
    because: Text
    to: Reference | None = None

    def in_words(self) -> str:
        """As the history tells it."""
        to = f" to {self.to}" if self.to else ""
        return f"Escalated {self.kind}ly{to}: {self.because}"


class WorkStarted(Fact, stored="incident.work_started.v1"):
    """Somebody began to work on it."""

    def in_words(self) -> str:
        """As the history tells it."""
        return "Work started."


class IncidentPutOnHold(Fact, stored="incident.put_on_hold.v1"):
    """Work waits, for this reason instead of any earlier one."""

    reason: HoldReason
    until: AwareDatetime | None = None
    supplier: Reference | None = None
    reference: Reference | None = None
    text: Text | None = None

    def in_words(self) -> str:
        """As the history tells it."""
        details = [
            plain(self.reason),
            self.supplier,
            self.reference,
            f"until {utc(self.until)}" if self.until else None,
        ]
        said = f": {self.text}" if self.text else "."
        return f"Put on hold ({', '.join(detail for detail in details if detail)}){said}"


class IncidentResumed(Fact, stored="incident.resumed.v1"):
    """Work no longer waits."""

    cause: ResumeCause

    def in_words(self) -> str:
        """As the history tells it."""
        return RESUMED[self.cause]


class CommentAdded(Fact, stored="incident.comment_added.v1"):
    """Something was said that the caller can read.

    `by_agent` is what a person who works on the incident said, `automatic` what a machine said;
    what is neither came from the customer.
    """

    text: Text
    by_agent: bool
    automatic: bool

    def in_words(self) -> str:
        """As the history tells it."""
        speaker = "The service desk" if self.by_agent else "The customer"
        return f"{'An automatic reply' if self.automatic else speaker} said: {self.text}"


class NoteAdded(Fact, stored="incident.note_added.v1"):
    """Something was written down for those who work on it."""

    internal: ClassVar[bool] = True

    text: Text

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Noted: {self.text}"


class IncidentResolved(Fact, stored="incident.resolved.v1"):
    """The service works again, or will not be made to."""

    code: ResolutionCode
    text: Text

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Resolved ({plain(self.code)}): {self.text}"


class IncidentReopened(Fact, stored="incident.reopened.v1"):
    """The resolution did not hold."""

    reason: Text

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Reopened: {self.reason}"


class IncidentClosed(Fact, stored="incident.closed.v1"):
    """The resolution became final."""

    how: Closure

    def in_words(self) -> str:
        """As the history tells it."""
        return CLOSED[self.how]


class IncidentCancelled(Fact, stored="incident.cancelled.v1"):
    """It turned out that there was nothing to resolve."""

    reason: Text

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Cancelled: {self.reason}"


class ServiceLevelWarned(Fact, stored="incident.service_level_warned.v1"):
    """The time to a target was used up to this fraction; paused since, it has no due time."""

    target: Reference
    fraction: float
    due_at: AwareDatetime | None = None

    def in_words(self) -> str:
        """As the history tells it."""
        due = f"due {utc(self.due_at)}" if self.due_at else "paused"
        return f"{self.fraction:.0%} of the time for {plain(self.target)} is used; {due}."


class ServiceLevelBreached(Fact, stored="incident.service_level_breached.v1"):
    """A target was missed."""

    target: Reference
    cycle: int
    due_at: AwareDatetime
    detected_at: AwareDatetime
    late_by_seconds: float

    def in_words(self) -> str:
        """As the history tells it."""
        return f"The target {plain(self.target)} was missed; it was due {utc(self.due_at)}."


class ServiceLevelBreachCorrected(Fact, stored="incident.service_level_breach_corrected.v1"):
    """What was told afterwards shows that the target was not missed."""

    target: Reference
    cycle: int

    def in_words(self) -> str:
        """As the history tells it."""
        return f"The target {plain(self.target)} was not missed after all."


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


def _priority(event: IncidentLogged | IncidentPrioritised) -> str:
    return f"Priority {event.priority} (impact {event.impact}, urgency {event.urgency})."


CODEC: Final[Codec[IncidentEvent]] = Codec.of(IncidentEvent)
