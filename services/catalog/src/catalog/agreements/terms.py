"""What an agreement promises, to whom, when, and how its clocks run."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field

from catalog.definitions.terms import Definition, Reference
from catalog.terms import Term, WorkingTime, plain


class AgreementKind(StrEnum):
    """Between whom it is: provider and customer, groups of the provider, provider and supplier."""

    SLA = "sla"
    OLA = "ola"
    UNDERPINNING = "underpinning"

    @property
    def in_full(self) -> str:
        """As people say it."""
        return {
            AgreementKind.SLA: "service-level agreement",
            AgreementKind.OLA: "operational-level agreement",
            AgreementKind.UNDERPINNING: "underpinning contract",
        }[self]


class TicketType(StrEnum):
    """What a promise can be about."""

    INCIDENT = "incident"
    PROBLEM = "problem"
    CHANGE = "change"
    REQUEST = "request"


class Measure(StrEnum):
    """What a clock measures."""

    FIRST_RESPONSE = "first_response"
    RESOLUTION = "resolution"


class HoldReason(StrEnum):
    """Why a ticket can be on hold."""

    AWAITING_CALLER = "awaiting_caller"
    AWAITING_CHANGE = "awaiting_change"
    AWAITING_PROBLEM = "awaiting_problem"
    AWAITING_SUPPLIER = "awaiting_supplier"
    OTHER = "other"


T = TypeVar("T", HoldReason, Decimal)


def _once_each(values: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(sorted(set(values)))


HoldReasons = Annotated[tuple[HoldReason, ...], AfterValidator(_once_each)]
Share = Annotated[Decimal, Field(max_digits=7, decimal_places=6)]
Shares = Annotated[tuple[Share, ...], AfterValidator(_once_each)]


class TargetRow(Term):
    """What is promised for tickets of one type and priority.

    Args:
        seconds: working time by measure; what is absent is not promised.
        calendar: the row's own, where it differs from the agreement's.
    """

    ticket_type: TicketType
    priority: int
    seconds: dict[Measure, int]
    calendar: UUID | None = None


class AgreementDefinition(Definition):
    """An agreement, whole.

    Args:
        customer: the organisation it is for, with those below it; absent, everyone.
        service: the service it is about, with those below it; absent, any.
        valid_from: it covers tickets from then on,
        valid_until: and no longer from then on, if ever.
        pauses_on: hold reasons that pause a resolution clock.
        warn_at: shares of a target after which to warn, exact, such as 0.75.
    """

    kind: AgreementKind
    customer: UUID | None = None
    service: UUID | None = None
    valid_from: AwareDatetime
    valid_until: AwareDatetime | None = None
    calendar: UUID
    targets: tuple[TargetRow, ...]
    pauses_on: HoldReasons = ()
    warn_at: Shares = ()

    def references(self) -> Sequence[Reference]:
        """For whom it is, about what, and by which calendars."""
        calendars = {self.calendar, *(self.calendar_of(row) for row in self.targets)}
        return [
            *([Reference("customer", "organisation", self.customer)] if self.customer else ()),
            *([Reference("service", "service", self.service)] if self.service else ()),
            *(Reference("calendar", "calendar", calendar) for calendar in calendars),
        ]

    @property
    def expires(self) -> datetime | None:
        """The end of its validity."""
        return self.valid_until

    def in_words(self) -> str:
        """For whom it is, about what, when, and how its clocks run."""
        customer = f"organisation {self.customer}" if self.customer else "everyone"
        service = f"service {self.service}" if self.service else "any service"
        until = f" until {plain(self.valid_until)}" if self.valid_until else ""
        pauses = ", ".join(reason.replace("_", " ") for reason in self.pauses_on) or "nothing"
        warnings = ", ".join(f"{share:%}" for share in self.warn_at) or "no share of a target"
        number = len(self.targets)
        rows = "1 row of targets" if number == 1 else f"{number} rows of targets"
        return (
            f"{self.kind.in_full} “{self.name}” for {customer}, {service}, "
            f"valid from {plain(self.valid_from)}{until}: {rows}, "
            f"paused by {pauses}, warning at {warnings}"
        )

    def calendar_of(self, row: TargetRow) -> UUID:
        """The calendar that a row's clocks run on."""
        return row.calendar or self.calendar

    def competes_with(self, other: "AgreementInForce") -> bool:
        """Whether both could be chosen for one ticket, with nothing to prefer either."""
        same_scope = (self.kind, self.customer, self.service) == (
            other.kind,
            other.customer,
            other.service,
        )
        both_begun = max(self.valid_from, other.valid_from)
        ends = (self.valid_until, other.valid_until)
        return same_scope and all(end is None or both_begun < end for end in ends)


@dataclass(frozen=True, slots=True)
class AgreementInForce:
    """Another agreement, with the end that it has by its dates or by termination."""

    id: UUID
    name: str
    kind: AgreementKind
    customer: UUID | None
    service: UUID | None
    valid_from: datetime
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class CalendarInForce:
    """A calendar as it will be when the agreement is, and since when there is one."""

    name: str
    working_time: WorkingTime
    since: datetime


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the catalogue holds besides the agreement that a command is about.

    Args:
        calendars: those that it names.
        standing: of the definitions it names, those that are there and not retired.
        others: all other agreements.
    """

    calendars: Mapping[UUID, CalendarInForce] = field(default_factory=dict)
    standing: AbstractSet[UUID] = frozenset()
    others: Sequence[AgreementInForce] = ()
