"""What the columns of another tool's audit log mean in the terms of the incident process."""

from functools import cached_property
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, field_validator, model_validator

from deskstream_platform.replay.sources import (
    AlwaysWords,
    Cells,
    CertainWords,
    ColumnName,
    Columns,
    Part,
    SomeHolder,
    SomeWords,
    Translated,
    columns_of,
)
from incident.terms import (
    Channel,
    HoldReason,
    Impact,
    PriorityMatrix,
    ResolutionCode,
    Status,
    Urgency,
)

ISO: Final = "iso"
ANYTHING: Final = "*"


class File(Part):
    """How the file is written.

    Args:
        empty: what stands in a cell that says nothing, besides nothing.
    """

    encoding: str = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    empty: frozenset[str] = frozenset()

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, encoding: str) -> str:
        try:
            "".encode(encoding)
        except LookupError:
            raise ValueError(f"{encoding!r} is no encoding that is known here") from None
        return encoding


class Time(Part):
    """How moments are written: `iso`, or a form of `strptime`.

    Args:
        zone: of times that name no offset.
    """

    form: str = ISO
    zone: str | None = None

    @field_validator("zone")
    @classmethod
    def _exists(cls, zone: str | None) -> str | None:
        try:
            return zone if zone is None else ZoneInfo(zone).key
        except (KeyError, OSError, ValueError):
            raise ValueError(f"{zone!r} is no time zone; write one such as Europe/Berlin") from None

    @model_validator(mode="after")
    def _means_instants(self) -> Self:
        if self.zone is None and self.form != ISO and "%z" not in self.form:
            raise ValueError("has a form without an offset (%z), so it needs a zone")
        return self


class Ticket(Part):
    """How rows group into tickets, and when and by whom they were written.

    Args:
        number: the column of the number by which the other tool knows a ticket.
        at: the column of a row's time.
        opened_at: the column of when the ticket was opened; absent, its first row tells it.
    """

    number: ColumnName
    at: ColumnName
    opened_at: ColumnName | None = None
    by: AlwaysWords


class Report(Part):
    """What a ticket is about; what is absent is left open."""

    title: AlwaysWords
    caller: AlwaysWords
    channel: Translated[Channel] = Translated(default=Channel.PHONE)
    description: SomeWords | None = None
    category: SomeWords | None = None
    service: SomeWords | None = None


class Judgement(Part):
    """How pressing a ticket is, and the priority that follows from it.

    Args:
        matrix: the priority by impact, then urgency.
    """

    impact: Translated[Impact]
    urgency: Translated[Urgency]
    matrix: PriorityMatrix

    @field_validator("matrix", mode="before")
    @classmethod
    def _first_version(cls, priorities: object) -> object:
        return {"version": 1, "priorities": priorities}


class Assignment(Part):
    """Who holds a ticket."""

    group: SomeHolder | None = None
    person: SomeHolder | None = None


class Links(Part):
    """The numbers of what a ticket has to do with; an empty cell says that there is nothing."""

    problem: SomeWords | None = None
    change: SomeWords | None = None
    caused_by_change: SomeWords | None = None
    related: SomeWords | None = None
    duplicate: SomeWords | None = None

    def said(self, cells: Cells) -> frozenset[tuple[str, str]]:
        """What a row links the ticket with: by the kind of the link, the number."""
        numbers = ((kind, source.of(cells)) for kind, source in self if source is not None)
        return frozenset((kind, number) for kind, number in numbers if number is not None)


class Meaning(Part):
    """Which of our states the words of another tool stand for.

    Args:
        says: a word for each column of the state; `*` for any.
        reason: of a hold,
        supplier: whom a hold for a supplier waits for,
        text: and what a hold of another kind does.
    """

    says: Columns
    state: Status
    reason: HoldReason | None = None
    supplier: AlwaysWords | None = None
    text: AlwaysWords | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.state is Status.ON_HOLD) != (self.reason is not None):
            raise ValueError(
                f"a reason belongs to {Status.ON_HOLD.value} and to no other state; one of them"
                f" is missing or too much (reasons: {', '.join(HoldReason)})"
            )
        if self.state is Status.MERGED:
            raise ValueError("a merger is told of two tickets, by a step of the import API")
        if (self.reason is HoldReason.AWAITING_SUPPLIER) != (self.supplier is not None):
            raise ValueError("a hold that awaits a supplier names the supplier, no other one does")
        if self.reason is HoldReason.OTHER and self.text is None:
            raise ValueError("a hold for another reason says in a text what it waits for")
        return self

    def fits(self, words: tuple[str, ...]) -> bool:
        """Whether these words, column by column, have this meaning."""
        return all(own in {ANYTHING, word} for own, word in zip(self.says, words, strict=True))


class State(Part):
    """How states are told; of the meanings that fit, the first one holds."""

    column: Columns
    meanings: tuple[Meaning, ...]

    @model_validator(mode="after")
    def _covers_the_columns(self) -> Self:
        for meaning in self.meanings:
            if len(meaning.says) != len(self.column):
                raise ValueError(
                    f"{list(meaning.says)} has not one word for each of the columns"
                    f" {list(self.column)}; write {ANYTHING} for any word"
                )
        return self

    def meaning_of(self, cells: Cells) -> Meaning | None:
        """What a row says of the state, if that has a meaning."""
        words = tuple(cells[name] for name in self.column)
        return next((meaning for meaning in self.meanings if meaning.fits(words)), None)


class Ending(Part):
    """How a ticket ends and comes back.

    Args:
        closed_directly: what a ticket that is closed without having been resolved stands for:
            `resolve` tells a resolution at that moment, `refuse` lists the row.
    """

    code: Translated[ResolutionCode] = Translated(default=ResolutionCode.FIXED)
    text: AlwaysWords
    reopened: AlwaysWords
    cancelled: AlwaysWords
    converted: AlwaysWords = CertainWords(default="It was a request.")
    closed_directly: Literal["resolve", "refuse"]


class LogMapping(Part):
    """A mapping as a whole.

    Args:
        name: that of the import begins with it.
        customer: whose tickets they are, in the catalogue; absent, one of the mapping's name.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    customer: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    file: File = File()
    time: Time
    ticket: Ticket
    report: Report
    priority: Judgement
    assignment: Assignment = Assignment()
    links: Links = Links()
    state: State
    ending: Ending

    @property
    def customer_name(self) -> str:
        """Whose tickets they are."""
        return self.customer or self.name

    @cached_property
    def columns(self) -> frozenset[str]:
        """All columns that it reads."""
        ticket = {self.ticket.number, self.ticket.at, self.ticket.opened_at}
        named = {name for name in (*ticket, *self.state.column) if name is not None}
        return frozenset(named | columns_of(self))
