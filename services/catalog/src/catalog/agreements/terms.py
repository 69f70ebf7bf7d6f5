"""What an agreement promises, to whom, when, and how its clocks run."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, NamedTuple, TypeVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field

from catalog.definitions.terms import Definition, Reference
from catalog.terms import Term, WorkingTime, plain
from deskstream_worktime.stopwatch import Rebase


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
    """What a clock measures.

    Of a group, the resolution is that the ticket leaves it; of a supplier, its answer.
    """

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


MEASURED: Final[Mapping[AgreementKind, AbstractSet[Measure]]] = {
    AgreementKind.SLA: frozenset(Measure),
    AgreementKind.OLA: frozenset({Measure.RESOLUTION}),
    AgreementKind.UNDERPINNING: frozenset({Measure.RESOLUTION}),
}
"""What agreements of each kind can promise."""


class HoldReason(StrEnum):
    """Why a ticket can be on hold."""

    AWAITING_CALLER = "awaiting_caller"
    AWAITING_CHANGE = "awaiting_change"
    AWAITING_PROBLEM = "awaiting_problem"
    AWAITING_SUPPLIER = "awaiting_supplier"
    OTHER = "other"


T = TypeVar("T", HoldReason, Decimal, int)


def _once_each(values: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(sorted(set(values)))


def _longest_first(values: tuple[int, ...]) -> tuple[int, ...]:
    return _once_each(values)[::-1]


HoldReasons = Annotated[tuple[HoldReason, ...], AfterValidator(_once_each)]
Share = Annotated[Decimal, Field(max_digits=7, decimal_places=6)]
Shares = Annotated[tuple[Share, ...], AfterValidator(_once_each)]
Offsets = Annotated[tuple[int, ...], AfterValidator(_longest_first)]


class TargetRow(Term):
    """What is promised for tickets of one type and priority, or for major incidents.

    Args:
        priority: absent where the row is for major incidents, whatever their priority.
        seconds: working time by measure; what is absent is not promised.
        calendar: the row's own, where it differs from the agreement's.
    """

    ticket_type: TicketType
    priority: int | None = None
    major: bool = False
    seconds: dict[Measure, int]
    calendar: UUID | None = None


class AgreementDefinition(Definition):
    """An agreement, whole.

    Args:
        customer: the organisation it is for, with those below it; absent, everyone.
        service: the service it is about, with those below it; absent, any.
        group: of an operational-level agreement, who keeps it; absent, whichever has the ticket.
        supplier: of an underpinning contract, who keeps it; absent, whoever is waited for.
        valid_from: it covers tickets from then on,
        valid_until: and no longer from then on, if ever.
        pauses_on: hold reasons that pause a resolution clock.
        warn_at: shares of a target after which to warn, exact, such as 0.75.
        warn_before: seconds of working time before the due time at which to warn.
        on_change: by measure, what becomes of the time that was used when the ticket changes so
            that another promise counts; it is carried along where nothing is said.
    """

    kind: AgreementKind
    customer: UUID | None = None
    service: UUID | None = None
    group: UUID | None = None
    supplier: UUID | None = None
    valid_from: AwareDatetime
    valid_until: AwareDatetime | None = None
    calendar: UUID
    targets: tuple[TargetRow, ...]
    pauses_on: HoldReasons = ()
    warn_at: Shares = ()
    warn_before: Offsets = ()
    on_change: dict[Measure, Rebase] = Field(default_factory=dict)

    def references(self) -> Sequence[Reference]:
        """For whom it is, about what, who keeps it, and by which calendars."""
        calendars = {self.calendar, *(self.calendar_of(row) for row in self.targets)}
        return [
            *(Reference(field, kind, named) for field, kind, named in self._named if named),
            *(Reference("calendar", "calendar", calendar) for calendar in calendars),
        ]

    @property
    def _named(self) -> Sequence[tuple[str, str, UUID | None]]:
        return (
            ("customer", "organisation", self.customer),
            ("service", "service", self.service),
            ("group", "group", self.group),
            ("supplier", "organisation", self.supplier),
        )

    @property
    def scope(self) -> "Scope":
        """What no two agreements may have at the same time."""
        return Scope(self.kind, self.customer, self.service, self.group or self.supplier)

    @property
    def expires(self) -> datetime | None:
        """The end of its validity."""
        return self.valid_until

    def in_words(self) -> str:
        """Between whom it is, about what, when, and how its clocks run."""
        until = f" until {plain(self.valid_until)}" if self.valid_until else ""
        number = len(self.targets)
        rows = "1 row of targets" if number == 1 else f"{number} rows of targets"
        return (
            f"{self.kind.in_full} “{self.name}”{self._parties_in_words()}, "
            f"valid from {plain(self.valid_from)}{until}: {rows}, {self._clocks_in_words()}"
        )

    def _parties_in_words(self) -> str:
        kept = f" with group {self.group}" if self.group else ""
        kept += f" with supplier {self.supplier}" if self.supplier else ""
        customer = f"organisation {self.customer}" if self.customer else "everyone"
        service = f"service {self.service}" if self.service else "any service"
        return f"{kept} for {customer}, {service}"

    def _clocks_in_words(self) -> str:
        pauses = ", ".join(reason.replace("_", " ") for reason in self.pauses_on) or "nothing"
        shares = [f"{share:%}" for share in self.warn_at]
        offsets = [f"{offset} s before the due time" for offset in self.warn_before]
        warnings = ", ".join([*shares, *offsets]) or "no share of a target"
        changes = "".join(
            f", on a change {measure.replace('_', ' ')}: {rebase}"
            for measure, rebase in self.on_change.items()
        )
        return f"paused by {pauses}, warning at {warnings}{changes}"

    def calendar_of(self, row: TargetRow) -> UUID:
        """The calendar that a row's clocks run on."""
        return row.calendar or self.calendar

    def competes_with(self, other: "AgreementInForce") -> bool:
        """Whether both could be chosen for one ticket, with nothing to prefer either."""
        both_begun = max(self.valid_from, other.valid_from)
        ends = (self.valid_until, other.valid_until)
        return self.scope == other.scope and all(end is None or both_begun < end for end in ends)


class Scope(NamedTuple):
    """Between whom an agreement is, and about what."""

    kind: AgreementKind
    customer: UUID | None
    service: UUID | None
    keeper: UUID | None

    def __str__(self) -> str:
        """As the database compares it."""
        kept = f" {self.keeper}" if self.keeper else ""
        return f"{self.kind} {self.customer} {self.service}{kept}"


@dataclass(frozen=True, slots=True)
class AgreementInForce:
    """Another agreement, with the end that it has by its dates or by termination."""

    id: UUID
    name: str
    scope: Scope
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
        suppliers: of the organisations it names, those that are suppliers.
        others: all other agreements.
    """

    calendars: Mapping[UUID, CalendarInForce] = field(default_factory=dict)
    standing: AbstractSet[UUID] = frozenset()
    suppliers: AbstractSet[UUID] = frozenset()
    others: Sequence[AgreementInForce] = ()
