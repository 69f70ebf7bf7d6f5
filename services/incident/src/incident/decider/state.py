"""What is known of an incident when the next command is decided, and how facts change it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, Final, TypeAlias

from deskstream.decider import Actor
from incident.events.family import LeftParent
from incident.events.triage import IncidentLogged
from incident.terms import (
    HoldReason,
    Impact,
    Priority,
    Reference,
    Restriction,
    Status,
    Text,
    Urgency,
)
from incident.terms.major import Stage
from incident.terms.related import Belongings, IncidentRef, LinkKind


@dataclass(frozen=True, slots=True)
class Unlogged:
    """Nothing was reported yet."""


@dataclass(frozen=True, slots=True)
class New:
    """Nobody works on it yet."""

    status: ClassVar[Status] = Status.NEW


@dataclass(frozen=True, slots=True)
class InProgress:
    """Somebody works on it."""

    status: ClassVar[Status] = Status.IN_PROGRESS


@dataclass(frozen=True, slots=True)
class OnHold:
    """Work waits for this, until when that was promised, and when the caller is reminded."""

    status: ClassVar[Status] = Status.ON_HOLD

    reason: HoldReason
    until: datetime | None = None
    supplier: Reference | None = None
    reference: Reference | None = None
    text: Text | None = None
    remind_at: datetime | None = None
    reminded: int = 0


@dataclass(frozen=True, slots=True)
class Resolved:
    """It was resolved `at`, and closes by itself at `closes_at`."""

    status: ClassVar[Status] = Status.RESOLVED

    at: datetime
    closes_at: datetime
    reopenable_until: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """The resolution is final."""

    status: ClassVar[Status] = Status.CLOSED

    resolution: Resolved


@dataclass(frozen=True, slots=True)
class Cancelled:
    """There was nothing to resolve."""

    status: ClassVar[Status] = Status.CANCELLED


@dataclass(frozen=True, slots=True)
class Merged:
    """It was a duplicate of this one."""

    status: ClassVar[Status] = Status.MERGED

    into: IncidentRef


@dataclass(frozen=True, slots=True)
class Converted:
    """It was a request."""

    status: ClassVar[Status] = Status.CONVERTED


Phase: TypeAlias = New | InProgress | OnHold | Resolved | Closed | Cancelled | Merged | Converted
OPEN: Final = (New, InProgress, OnHold)


@dataclass(frozen=True, slots=True)
class Override:
    """The priority that counts until then, because a lead says so."""

    priority: Priority
    until: datetime
    because: Text


@dataclass(frozen=True, slots=True)
class Declared:
    """A major incident that lasts: who commands it, and when the next update is promised."""

    commander: str
    update_every: int
    next_update_by: datetime
    remind_at: datetime


@dataclass(frozen=True, slots=True)
class Alone:
    """It is handled by itself."""


@dataclass(frozen=True, slots=True)
class Child:
    """It is handled through its parent, and resolved with it unless it is independent."""

    parent: IncidentRef
    independent: bool


@dataclass(frozen=True, slots=True)
class Parent:
    """Others are handled through it. They know which; it has only to know that there are some."""

    children: int


Family: TypeAlias = Alone | Child | Parent


@dataclass(frozen=True, slots=True)
class Incident:
    """A reported incident.

    Args:
        report: as it was logged, or classified anew.
        phase: of its life.
        told_urgency: before it was raised for a VIP.
        looked_up: the priority that the table gives it.
        override: the priority that a lead has set instead.
        told_until: when the last thing happened of which we were told.
        held_by: every group that has been responsible.
        breached: target and cycle of every breach that stands.
        family: what it is to others that have one fault behind them.
        links: what it is connected with.
        belongings: what would move with it if it were a duplicate.
        major: where it stands as a major incident, if it is or was one, or may be one.
        declared: set exactly while it is one.
    """

    report: IncidentLogged
    phase: Phase
    impact: Impact
    urgency: Urgency
    told_urgency: Urgency
    looked_up: Priority
    told_until: datetime
    override: Override | None = None
    group: str | None = None
    person: str | None = None
    held_by: frozenset[str] = frozenset()
    breached: frozenset[tuple[str, int]] = frozenset()
    family: Family = field(default_factory=Alone)
    links: frozenset[tuple[LinkKind, str]] = frozenset()
    belongings: Belongings = field(default_factory=Belongings)
    major: Stage | None = None
    declared: Declared | None = None

    @property
    def status(self) -> Status:
        """Where it stands in its life."""
        return self.phase.status

    @property
    def priority(self) -> Priority:
        """The priority by which it is worked on."""
        return self.overridden or self.looked_up

    @property
    def overridden(self) -> Priority | None:
        """The priority that a lead has set, if one has."""
        return None if self.override is None else self.override.priority

    @property
    def is_open(self) -> bool:
        """Whether there is still something to be done."""
        return isinstance(self.phase, OPEN)

    @property
    def resolution(self) -> Resolved | None:
        """How it was resolved, if it is."""
        match self.phase:
            case Resolved():
                return self.phase
            case Closed(resolution):
                return resolution
            case _:
                return None

    @property
    def restricted(self) -> bool:
        """Whether only few may see it."""
        return self.report.restricted is not Restriction.NONE

    @property
    def configuration_items(self) -> Sequence[str]:
        """Those that it was reported for and those that were found since."""
        kind = LinkKind.CONFIGURATION_ITEM
        return sorted(to for linked, to in self.links if linked is kind)

    def concerns(self, person: Actor) -> bool:
        """Whether this person reported it, or it was reported for them."""
        return person.name in self.people

    @property
    def people(self) -> frozenset[str]:
        """Whom it concerns."""
        both = (self.report.caller, self.report.on_behalf_of)
        return frozenset(person for person in both if person is not None)

    @property
    def leaving(self) -> Sequence[LeftParent]:
        """What happens besides when it goes its own way or ends."""
        return [LeftParent(parent=self.family.parent)] if isinstance(self.family, Child) else []

    @property
    def moving(self) -> Belongings:
        """What moves if it is a duplicate; whom it concerns goes on to see what is theirs."""
        watchers = self.belongings.watchers | self.people
        return self.belongings.model_copy(update={"watchers": watchers})

    def owning(self, **belongings: object) -> "Incident":
        """The same with some belongings replaced."""
        return replace(self, belongings=self.belongings.model_copy(update=belongings))

    def turned(self, phase: Phase) -> "Incident":
        """The same in another phase."""
        return replace(self, phase=phase)


State: TypeAlias = Unlogged | Incident
