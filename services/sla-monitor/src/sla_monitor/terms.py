"""The words that commands and events of a clock share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from deskstream.marks import Mark, Sensitivity
from deskstream_worktime.stopwatch import Rebase

Reference = Annotated[str, Field(min_length=1, max_length=200)]
PersonName = Annotated[str, Field(min_length=1, max_length=200), Mark(Sensitivity.PERSON)]
Text = Annotated[str, Field(max_length=65_536), Mark(Sensitivity.FREE_TEXT)]
Priority = Annotated[int, Field(ge=1, le=5)]
Fraction = Annotated[Decimal, Field(gt=0, lt=1)]
Seconds = Annotated[int, Field(gt=0)]


class Kind(StrEnum):
    """Between whom an agreement is."""

    SLA = "sla"
    OLA = "ola"
    UNDERPINNING = "underpinning"


class Target(StrEnum):
    """What is promised for a ticket."""

    FIRST_RESPONSE = "first_response"
    """From the opening to an agent's first public word, or the resolution."""
    NEXT_RESPONSE = "next_response"
    """From a customer's unanswered contact to an agent's public word."""
    RESOLUTION = "resolution"
    """From the opening to the resolution."""
    OWNERSHIP = "ownership"
    """From when a group takes the ticket until it gives it away, or the resolution."""
    SUPPLIER = "supplier"
    """From the hand-over to a supplier until its answer."""


TARGETS: Final[Mapping[Kind, Mapping[Target, str]]] = {
    Kind.SLA: {
        Target.FIRST_RESPONSE: "first_response",
        Target.NEXT_RESPONSE: "next_response",
        Target.RESOLUTION: "resolution",
    },
    Kind.OLA: {Target.OWNERSHIP: "resolution"},
    Kind.UNDERPINNING: {Target.SUPPLIER: "resolution"},
}
"""What each kind of agreement promises, and under which name its rows say so."""

TO_CUSTOMERS: Final = frozenset(TARGETS[Kind.SLA])
"""The targets that cover a ticket; what groups and suppliers promise does not."""

PAUSING: Final = frozenset({Target.RESOLUTION, Target.OWNERSHIP})
"""The targets that a hold can pause."""

AWAITING_CALLER: Final = "awaiting_caller"
AWAITING_SUPPLIER: Final = "awaiting_supplier"


class Standing(StrEnum):
    """Where a ticket stands, as far as its clocks care."""

    WORKING = "working"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


UNDER_WAY: Final = frozenset({Standing.WORKING, Standing.WAITING})
"""Where somebody still has to do something."""


class Value(BaseModel):
    """A part of facts."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Version(Value):
    """A version of an agreement or calendar, pinned."""

    id: str
    version: int


class Promise(Value):
    """What one agreement promises for one target of one ticket.

    Attributes:
        agreement: that won.
        calendar: whose working time counts.
        seconds: of working time.
        warn_at: fractions of them, ascending.
        warn_before: seconds of working time before the due time, descending.
        pauses_on: the hold reasons that stop the time.
        rebase: what becomes of the time that was used, when this promise takes over.
    """

    agreement: Version
    calendar: Version
    seconds: Seconds
    warn_at: tuple[Fraction, ...] = ()
    warn_before: tuple[Seconds, ...] = ()
    pauses_on: tuple[str, ...] = ()
    rebase: Rebase = Rebase.CARRY


class Phase(StrEnum):
    """What a clock is doing."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINAL = "final"
    CANCELLED = "cancelled"


class Move(Value):
    """One turn in the course of a clock. `promise` is the new one, if it brought one."""

    to: Phase
    at: AwareDatetime
    cause: str
    promise: Promise | None = None
    rebase: Rebase = Rebase.CARRY


class Candidate(Value):
    """An agreement that could have been chosen; `lost` says why it was not."""

    agreement: Version
    name: str
    lost: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What is promised to a ticket; `uncovered` says why nothing is."""

    promises: Mapping[Target, Promise] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()
    uncovered: str | None = None


class Ticket(Value):
    """What a clock has to know of the ticket that it belongs to.

    Attributes:
        stream: of the ticket, in its own service.
        people: whom it concerns; the caller first.
        source: `live`, or the import that told of it.
        opened_at: when it was opened; absent where it was recorded before this was kept.
    """

    stream: str
    number: str
    kind: str = "incident"
    priority: int
    major: bool = False
    organisation: str | None = None
    service: str | None = None
    people: tuple[PersonName, ...] = ()
    group: str | None = None
    restricted: bool = False
    source: str = "live"
    opened_at: AwareDatetime | None = None
