"""Other services' events as the clocks read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, model_validator

from deskstream.codec import Codec
from deskstream.decider import Fact
from deskstream.envelope import LIVE
from sla_monitor.terms import Text


class IncidentLogged(Fact):
    """A ticket was opened."""

    number: str
    caller: str
    on_behalf_of: str | None = None
    organisation: str | None = None
    service: str | None = None
    priority: int
    restricted: str = "none"


class IncidentImported(IncidentLogged):
    """A ticket that was opened in another tool is known from now on."""

    opened_at: AwareDatetime


class IncidentPrioritised(Fact):
    """Its priority may have changed; what a lead has set counts instead while it lasts."""

    priority: int
    overridden: int | None = None

    @property
    def counts(self) -> int:
        """The priority by which it is worked on."""
        return self.overridden or self.priority


class IncidentReclassified(IncidentPrioritised):
    """It is about something else."""

    service: str | None = None
    organisation: str | None = None


class PriorityOverridden(Fact):
    """A lead has set another priority, which counts until it ends."""

    priority: int


class PriorityOverrideEnded(Fact):
    """The priority counts again that was looked up."""

    priority: int


class MajorDeclared(Fact):
    """It is a major incident."""


class MajorStoodDown(Fact):
    """It is a major incident no longer."""


class IncidentAssigned(Fact):
    """A group holds it, or nobody."""

    group: str | None = None


class IncidentPutOnHold(Fact):
    """It waits."""

    reason: str
    supplier: str | None = None


class IncidentResumed(Fact):
    """It waits no longer."""


class CommentAdded(Fact):
    """Somebody or something said something that the caller can read."""

    speaker: Literal["customer", "agent", "machine"]

    @model_validator(mode="before")
    @classmethod
    def _of_the_first_version(cls, told: Any) -> Any:  # noqa: ANN401  whatever is to be read
        if not isinstance(told, dict) or "by_agent" not in told:
            return told
        staff = "agent" if told["by_agent"] else "customer"
        return {**told, "speaker": "machine" if told["automatic"] else staff}


class IncidentResolved(Fact):
    """It was solved."""


class IncidentReopened(Fact):
    """It was not solved after all."""


class IncidentClosed(Fact):
    """The solution stands."""


class IncidentCancelled(Fact):
    """There was nothing to solve."""

    reason: Text


class IncidentNumber(BaseModel):
    """Another incident, as people know it."""

    number: str


class IncidentMerged(Fact):
    """It was reported twice, and goes on as the other."""

    into: IncidentNumber


class IncidentConverted(Fact):
    """It was a request."""

    reason: Text


TicketEvent = (
    IncidentLogged
    | IncidentImported
    | IncidentPrioritised
    | IncidentReclassified
    | PriorityOverridden
    | PriorityOverrideEnded
    | MajorDeclared
    | MajorStoodDown
    | IncidentAssigned
    | IncidentPutOnHold
    | IncidentResumed
    | CommentAdded
    | IncidentResolved
    | IncidentReopened
    | IncidentClosed
    | IncidentCancelled
    | IncidentMerged
    | IncidentConverted
)


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a ticket as it is kept here: its id, and what it said when of what.

    Attributes:
        source: `live`, or the import that told of it.
    """

    cause: str
    event: TicketEvent
    source: str = LIVE


TICKETS: Final[Codec[TicketEvent]] = Codec(
    {
        "incident.logged.v1": IncidentLogged,
        "incident.imported.v1": IncidentImported,
        "incident.prioritised.v1": IncidentPrioritised,
        "incident.reclassified.v1": IncidentReclassified,
        "incident.priority_overridden.v1": PriorityOverridden,
        "incident.priority_override_ended.v1": PriorityOverrideEnded,
        "incident.major_declared.v1": MajorDeclared,
        "incident.major_stood_down.v1": MajorStoodDown,
        "incident.assigned.v1": IncidentAssigned,
        "incident.assigned.v2": IncidentAssigned,
        "incident.put_on_hold.v1": IncidentPutOnHold,
        "incident.resumed.v1": IncidentResumed,
        "incident.comment_added.v1": CommentAdded,
        "incident.comment_added.v2": CommentAdded,
        "incident.resolved.v1": IncidentResolved,
        "incident.resolved.v2": IncidentResolved,
        "incident.reopened.v1": IncidentReopened,
        "incident.closed.v1": IncidentClosed,
        "incident.cancelled.v1": IncidentCancelled,
        "incident.merged.v1": IncidentMerged,
        "incident.converted.v1": IncidentConverted,
    }
)

TICKETS_IGNORED: Final = frozenset(
    {
        "incident.escalated.v1",
        "incident.escalation_told.v1",
        "incident.caller_reminded.v1",
        "incident.major_proposed.v1",
        "incident.major_declined.v1",
        "incident.management_notified.v1",
        "incident.major_update_given.v1",
        "incident.major_update_overdue.v1",
        "incident.major_reviewed.v1",
        "incident.work_started.v1",
        "incident.note_added.v1",
        "incident.became_child.v1",
        "incident.left_parent.v1",
        "incident.made_independent.v1",
        "incident.made_dependent.v1",
        "incident.took_child.v1",
        "incident.child_left.v1",
        "incident.took_in.v1",
        "incident.comment_moved.v1",
        "incident.note_moved.v1",
        "incident.work_moved.v1",
        "incident.work_recorded.v1",
        "incident.linked.v1",
        "incident.unlinked.v1",
        "incident.watched.v1",
        "incident.unwatched.v1",
        "incident.service_level_warned.v1",
        "incident.service_level_suspected.v1",
        "incident.service_level_suspicion_cleared.v1",
        "incident.service_level_breached.v1",
        "incident.service_level_breach_corrected.v1",
        "import.begun.v1",
        "import.steps_told.v1",
    }
)


class ImportAdvanced(Fact):
    """Everything of a history up to the frontier was told."""

    frontier: AwareDatetime


class ImportEnded(Fact):
    """A history was told to its end."""


IMPORTS: Final[Codec[ImportAdvanced | ImportEnded]] = Codec(
    {"import.advanced.v1": ImportAdvanced, "import.ended.v1": ImportEnded}
)


class Defined(Fact):
    """The catalogue set a version of a policy, with its whole definition."""

    version: int
    effective_from: AwareDatetime
    definition: Mapping[str, Any]


class AgreementTerminated(Fact):
    """An agreement ended before its time."""

    ends_at: AwareDatetime


POLICIES: Final[Codec[Defined | AgreementTerminated]] = Codec(
    {
        "organisation.registered.v1": Defined,
        "organisation.redefined.v1": Defined,
        "service.registered.v1": Defined,
        "service.redefined.v1": Defined,
        "group.registered.v1": Defined,
        "calendar.defined.v1": Defined,
        "calendar.redefined.v1": Defined,
        "agreement.agreed.v1": Defined,
        "agreement.agreed.v2": Defined,
        "agreement.amended.v1": Defined,
        "agreement.amended.v2": Defined,
        "agreement.terminated.v1": AgreementTerminated,
    }
)

POLICIES_IGNORED: Final = frozenset(
    {
        "priority_matrix.set.v1",
        "priority_matrix.retired.v1",
        "calendar.retired.v1",
        "group.redefined.v1",
        "group.retired.v1",
        "organisation.retired.v1",
        "person.redefined.v1",
        "person.registered.v1",
        "person.retired.v1",
        "routing.set.v1",
        "routing.retired.v1",
        "service.retired.v1",
    }
)
