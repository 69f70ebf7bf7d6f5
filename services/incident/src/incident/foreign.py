"""Other services' events as this one reads them: no more of each than is needed here."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from pydantic import AwareDatetime, BaseModel

from deskstream.codec import Codec
from deskstream.decider import Fact
from incident.terms import Impact, Priority, Urgency

OWN_TICKETS: Final = "incident-"


class ClockWarned(Fact):
    """A fraction of a ticket's time to a target is used up. `ticket` is its stream.

    A clock that pauses now has no due time.
    """

    ticket: str
    target: str
    cycle: int = 1
    fraction: float
    due_at: AwareDatetime | None = None


class ClockSuspected(Fact):
    """A ticket may have missed a target: nobody can tell yet."""

    ticket: str
    target: str
    cycle: int
    due_at: AwareDatetime


class ClockSuspicionCleared(Fact):
    """A ticket did not miss a target of which it was suspected."""

    ticket: str
    target: str
    cycle: int


class ClockBreached(Fact):
    """A ticket missed a target."""

    ticket: str
    target: str
    cycle: int
    due_at: AwareDatetime
    detected_at: AwareDatetime
    late_by_seconds: float


class ClockBreachCorrected(Fact):
    """A ticket did not miss a target after all."""

    ticket: str
    target: str
    cycle: int


ClockEvent: TypeAlias = (
    ClockWarned | ClockSuspected | ClockSuspicionCleared | ClockBreached | ClockBreachCorrected
)

CLOCKS: Final[Codec[ClockEvent]] = Codec(
    {
        "clock.warned.v1": ClockWarned,
        "clock.breach_suspected.v1": ClockSuspected,
        "clock.suspicion_cleared.v1": ClockSuspicionCleared,
        "clock.breached.v1": ClockBreached,
        "clock.breach_corrected.v1": ClockBreachCorrected,
    }
)

CLOCKS_IGNORED: Final = frozenset(
    {
        "clock.started.v1",
        "clock.paused.v1",
        "clock.resumed.v1",
        "clock.retargeted.v1",
        "clock.stopped.v1",
        "clock.reopened.v1",
        "clock.finalised.v1",
        "clock.cancelled.v1",
        "clock.ticket_uncovered.v1",
        "clock.ticket_turned.v1",
        "clock.ticket_answered.v1",
        "clock.ticket_reconsidered.v1",
        "clock.refolded.v1",
        "clock.outcome_corrected.v1",
        "policy_order.proposed.v1",
        "policy_order.previewed.v1",
        "policy_order.given.v1",
        "policy_order.carried_out.v1",
        "policy_order.withdrawn.v1",
        "clock.ticket_handed_over.v1",
    }
)


class ClockMoved(Fact):
    """A clock runs or pauses, and is due then; paused, it may be due at no time yet."""

    ticket: str
    target: str
    cycle: int = 1
    due_at: AwareDatetime | None = None


class ClockRefolded(ClockMoved):
    """A clock's course turned out to have been another: this is how it stands now."""

    phase: str


class ClockEnded(Fact):
    """What was promised was done, or is promised no more."""

    ticket: str
    target: str
    cycle: int = 1


ClockCourse: TypeAlias = (
    ClockMoved | ClockRefolded | ClockEnded | ClockWarned | ClockBreached | ClockBreachCorrected
)

CLOCK_COURSES: Final[Codec[ClockCourse]] = Codec(
    {
        "clock.started.v1": ClockMoved,
        "clock.paused.v1": ClockMoved,
        "clock.resumed.v1": ClockMoved,
        "clock.retargeted.v1": ClockMoved,
        "clock.reopened.v1": ClockMoved,
        "clock.refolded.v1": ClockRefolded,
        "clock.stopped.v1": ClockEnded,
        "clock.finalised.v1": ClockEnded,
        "clock.cancelled.v1": ClockEnded,
        "clock.warned.v1": ClockWarned,
        "clock.breached.v1": ClockBreached,
        "clock.breach_corrected.v1": ClockBreachCorrected,
    }
)

CLOCK_COURSES_IGNORED: Final = frozenset(
    {
        "clock.breach_suspected.v1",
        "clock.suspicion_cleared.v1",
        "clock.outcome_corrected.v1",
        "clock.ticket_uncovered.v1",
        "clock.ticket_turned.v1",
        "clock.ticket_answered.v1",
        "clock.ticket_reconsidered.v1",
        "clock.ticket_handed_over.v1",
        "policy_order.proposed.v1",
        "policy_order.previewed.v1",
        "policy_order.given.v1",
        "policy_order.carried_out.v1",
        "policy_order.withdrawn.v1",
    }
)


class Named(BaseModel):
    """What a definition of a service or organisation says of it."""

    name: str
    parent: str | None = None


class PartyDefined(Fact):
    """A service or organisation is known under this name, below this parent, from then on."""

    version: int
    effective_from: AwareDatetime
    definition: Named


class MatrixDefinition(BaseModel):
    """A priority table; for everyone if it names no customer."""

    customer: str | None = None
    priorities: Mapping[Impact, Mapping[Urgency, Priority]]


class MatrixSet(Fact):
    """A version of a priority table."""

    version: int
    effective_from: AwareDatetime
    definition: MatrixDefinition


class MatrixRetired(Fact):
    """A priority table counts no longer from then on."""

    ends_at: AwareDatetime


CATALOG: Final[Codec[PartyDefined | MatrixSet | MatrixRetired]] = Codec(
    {
        "organisation.registered.v1": PartyDefined,
        "organisation.redefined.v1": PartyDefined,
        "service.registered.v1": PartyDefined,
        "service.redefined.v1": PartyDefined,
        "priority_matrix.set.v1": MatrixSet,
        "priority_matrix.retired.v1": MatrixRetired,
    }
)

CATALOG_IGNORED: Final = frozenset(
    {
        "calendar.defined.v1",
        "calendar.redefined.v1",
        "agreement.agreed.v1",
        "agreement.agreed.v2",
        "agreement.amended.v1",
        "agreement.amended.v2",
        "agreement.terminated.v1",
        "calendar.retired.v1",
        "group.redefined.v1",
        "group.registered.v1",
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


class PersonSaid(BaseModel):
    """What a definition of a person says."""

    name: str
    organisation: str
    login: str | None = None
    manager: str | None = None
    vip: bool = False
    language: str | None = None


class PersonDefined(Fact):
    """A person is so from then on."""

    version: int
    effective_from: AwareDatetime
    definition: PersonSaid


class GroupSaid(BaseModel):
    """What a definition of a group says; `key` is what tokens and tickets call it."""

    name: str
    key: str
    members: tuple[str, ...] = ()
    lead: str | None = None
    on_call: str | None = None


class GroupDefined(Fact):
    """A group is so from then on."""

    version: int
    effective_from: AwareDatetime
    definition: GroupSaid


class PartyRetired(Fact):
    """A person or group is there no longer from then on."""

    ends_at: AwareDatetime


class RouteSet(BaseModel):
    """The group for tickets of a service and category; absent, of any."""

    group: str
    service: str | None = None
    category: str | None = None


class RoutingTable(BaseModel):
    """All routes there are."""

    routes: tuple[RouteSet, ...]


class RoutingSet(Fact):
    """A version of the routing table."""

    version: int
    effective_from: AwareDatetime
    definition: RoutingTable


class RoutingRetired(Fact):
    """There is no routing table from then on."""

    ends_at: AwareDatetime


PARTIES: Final[Codec[PersonDefined | GroupDefined | PartyRetired | RoutingSet | RoutingRetired]] = (
    Codec(
        {
            "person.registered.v1": PersonDefined,
            "person.redefined.v1": PersonDefined,
            "person.retired.v1": PartyRetired,
            "group.registered.v1": GroupDefined,
            "group.redefined.v1": GroupDefined,
            "group.retired.v1": PartyRetired,
            "routing.set.v1": RoutingSet,
            "routing.retired.v1": RoutingRetired,
        }
    )
)

PARTIES_IGNORED: Final = frozenset(
    {
        "organisation.registered.v1",
        "organisation.redefined.v1",
        "organisation.retired.v1",
        "service.registered.v1",
        "service.redefined.v1",
        "service.retired.v1",
        "calendar.defined.v1",
        "calendar.redefined.v1",
        "calendar.retired.v1",
        "agreement.agreed.v1",
        "agreement.agreed.v2",
        "agreement.amended.v1",
        "agreement.amended.v2",
        "agreement.terminated.v1",
        "priority_matrix.set.v1",
        "priority_matrix.retired.v1",
    }
)
