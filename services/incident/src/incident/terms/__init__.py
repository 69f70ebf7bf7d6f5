"""The words that commands and events of an incident share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from deskstream.marks import Mark, Sensitivity

LONGEST_TEXT: Final = 65_536
"""Bytes of UTF-8 in a free text."""


def _storable(text: str) -> str:
    if "\x00" in text:
        message = "must not contain a NUL character"
        raise ValueError(message)
    if len(text.encode()) > LONGEST_TEXT:
        message = f"must not be longer than {LONGEST_TEXT} bytes of UTF-8"
        raise ValueError(message)
    return text


_ONE_LINE = StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
_SOMETHING_WRITTEN = StringConstraints(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S")

Number = Annotated[str, StringConstraints(pattern=r"^INC\d{7,}$")]
Reference = Annotated[str, _ONE_LINE, AfterValidator(_storable)]
"""The name by which others know something: an organisation, a service, a group, a change."""
PersonName = Annotated[str, _ONE_LINE, AfterValidator(_storable), Mark(Sensitivity.PERSON)]
Title = Annotated[str, _ONE_LINE, AfterValidator(_storable), Mark(Sensitivity.FREE_TEXT)]
Text = Annotated[str, _SOMETHING_WRITTEN, AfterValidator(_storable), Mark(Sensitivity.FREE_TEXT)]


class Status(StrEnum):
    """Where an incident stands in its life."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    MERGED = "merged"
    CONVERTED = "converted"


class Impact(StrEnum):
    """How much of the business suffers."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Urgency(StrEnum):
    """How long the business can wait."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


Priority = Annotated[int, Field(ge=1, le=5)]
"""1 is the most pressing."""


class PriorityMatrix(BaseModel):
    """The table, in one of its versions, that gives a priority to every impact and urgency."""

    model_config = ConfigDict(frozen=True)

    version: int
    priorities: Mapping[Impact, Mapping[Urgency, Priority]]

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        missing = [
            f"{impact} impact with {urgency} urgency"
            for impact in Impact
            for urgency in Urgency
            if urgency not in self.priorities.get(impact, {})
        ]
        if missing:
            message = f"has no priority for {', '.join(missing)}"
            raise ValueError(message)
        return self

    def priority_of(self, impact: Impact, urgency: Urgency) -> Priority:
        """The priority of what has this impact and urgency."""
        return self.priorities[impact][urgency]


STARTER_MATRIX: Final = PriorityMatrix(
    version=0,
    priorities={
        Impact.HIGH: {Urgency.HIGH: 1, Urgency.MEDIUM: 2, Urgency.LOW: 3},
        Impact.MEDIUM: {Urgency.HIGH: 2, Urgency.MEDIUM: 3, Urgency.LOW: 4},
        Impact.LOW: {Urgency.HIGH: 3, Urgency.MEDIUM: 4, Urgency.LOW: 5},
    },
)
"""What holds until the catalogue has set a table."""


@dataclass(frozen=True, slots=True)
class PriorityTables:
    """The priority tables that are known, and for whom they are.

    Args:
        parents: of organisations, ascending, with the time they hold from.
        matrices: by customer (empty for everyone), ascending, with the time they hold from; none
            where one ended.
    """

    parents: Mapping[str, tuple[tuple[datetime, str | None], ...]] = field(default_factory=dict)
    matrices: Mapping[str, tuple[tuple[datetime, PriorityMatrix | None], ...]] = field(
        default_factory=dict
    )


class Channel(StrEnum):
    """How an incident came in."""

    SELF_SERVICE = "self_service"
    PHONE = "phone"
    EMAIL = "email"
    CHAT = "chat"
    WALK_IN = "walk_in"
    MONITORING = "monitoring"


class Restriction(StrEnum):
    """Why only few may see an incident."""

    NONE = "none"
    SECURITY = "security"
    PERSONNEL = "personnel"


class Speaker(StrEnum):
    """Who says something that the caller can read."""

    CUSTOMER = "customer"
    AGENT = "agent"
    MACHINE = "machine"


class HoldReason(StrEnum):
    """Whom or what the work waits for."""

    AWAITING_CALLER = "awaiting_caller"
    AWAITING_CHANGE = "awaiting_change"
    AWAITING_PROBLEM = "awaiting_problem"
    AWAITING_SUPPLIER = "awaiting_supplier"
    OTHER = "other"


class ResumeCause(StrEnum):
    """Why work goes on after a hold."""

    BY_HAND = "by_hand"
    CALLER_REPLIED = "caller_replied"
    DATE_PASSED = "date_passed"


class ResolutionCode(StrEnum):
    """What became of an incident."""

    FIXED = "fixed"
    WORKAROUND = "workaround"
    SOLVED_BY_CALLER = "solved_by_caller"
    NOT_REPRODUCIBLE = "not_reproducible"
    NOT_FIXED = "not_fixed"
    NO_RESPONSE = "no_response"


class Closure(StrEnum):
    """What made a resolution final."""

    CONFIRMED = "confirmed"
    AUTOMATICALLY = "automatically"
    BY_LEAD = "by_lead"
    IMPORTED = "imported"


class EscalationKind(StrEnum):
    """To whom an incident is taken further: to those who know more, or who decide more."""

    FUNCTIONAL = "functional"
    HIERARCHICAL = "hierarchical"


class Post(StrEnum):
    """Who can be told of an escalation, by their place."""

    PERSON = "person"
    LEAD = "lead"
    MANAGER = "manager"


class Assigning(StrEnum):
    """How a group or a person came to be responsible."""

    BY_HAND = "by_hand"
    TAKEN = "taken"
    ROUTED = "routed"
    ESCALATED = "escalated"


class Matter(BaseModel):
    """What is reported, whoever reports it."""

    model_config = ConfigDict(frozen=True)

    title: Title
    description: Text | None = None
    on_behalf_of: PersonName | None = None
    organisation: Reference | None = None
    service: Reference | None = None
    configuration_items: tuple[Reference, ...] = Field(default=(), max_length=100)
    category: Reference | None = None
    channel: Channel = Channel.SELF_SERVICE
    impact: Impact = Impact.MEDIUM
    urgency: Urgency = Urgency.MEDIUM
    restricted: Restriction = Restriction.NONE
    external_reference: Reference | None = None
    follows: Number | None = Field(
        default=None, description="The incident that it goes on from, too late to be reopened."
    )


class Report(Matter):
    """What is reported, and by whom."""

    caller: PersonName


@dataclass(frozen=True, slots=True)
class ProcessPolicy:
    """What an organisation sets for its incident process.

    Args:
        reopening_window: after the resolution, how long the incident can be reopened.
        closes_after: after the resolution, when the incident closes by itself.
        told_afterwards_within: how far back people may date what they did.
        reminds_after: how long a caller may leave a question, or a reminder, unanswered.
        reminders: after how many of them nobody waits for the caller any more.
        vip_raises_urgency: whether what concerns a VIP is more urgent than it was told.
        wave_of: how many people who report one service are proposed as a major incident.
        wave_within: in what time they must have reported it for that.
        told_of_warnings: who is to know when the time to a target runs out.
        told_of_breaches: who is to know when a target is missed.
    """

    reopening_window: timedelta = timedelta(days=14)
    closes_after: timedelta = timedelta(days=7)
    told_afterwards_within: timedelta = timedelta(days=7)
    reminds_after: timedelta = timedelta(days=2)
    reminders: int = 2
    vip_raises_urgency: bool = True
    wave_of: int = 5
    wave_within: timedelta = timedelta(minutes=15)
    told_of_warnings: tuple[Post, ...] = (Post.PERSON, Post.LEAD)
    told_of_breaches: tuple[Post, ...] = (Post.PERSON, Post.LEAD, Post.MANAGER)


STARTER_POLICY: Final = ProcessPolicy()
