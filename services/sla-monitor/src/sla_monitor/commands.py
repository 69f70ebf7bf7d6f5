"""What can be asked of the clocks of a ticket.

What follows from an event of the ticket names that event and when it happened; `book` has the
policies that are known, of which the clocks take what held then.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Protocol, TypeAlias

from pydantic import AwareDatetime, ConfigDict, SkipValidation

from deskstream.decider import Command
from deskstream_worktime.calendar import WorkCalendar
from deskstream_worktime.stopwatch import Rebase
from sla_monitor.terms import Choice, Kind, Target, Ticket, Version


class Book(Protocol):
    """The policies that are known.

    Attributes:
        calendars: every version of each.
        tzdata: the edition of time zone rules by which the calendars count.
    """

    @property
    def calendars(self) -> Mapping[Version, WorkCalendar]:
        """Every version of each calendar."""

    @property
    def tzdata(self) -> str:
        """The edition of time zone rules by which they count."""

    def choose(
        self, ticket: Ticket, kind: Kind, moment: datetime, party: str | None = None
    ) -> Choice:
        """What agreements of this kind promised to this ticket at this moment."""


class TicketCommand(Command):
    """Something happened to the ticket."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    at: AwareDatetime
    cause: str
    book: Annotated[Book, SkipValidation]


class StartClocks(TicketCommand):
    """It was opened."""

    ticket: Annotated[Ticket, SkipValidation]


class HandOver(TicketCommand):
    """A group took it, or lost it to nobody."""

    group: str | None


class HoldClocks(TicketCommand):
    """It waits for this reason, perhaps for this supplier."""

    reason: str
    supplier: str | None = None


class ResumeClocks(TicketCommand):
    """It waits no longer."""


class HearCustomer(TicketCommand):
    """The customer said something that wants an answer."""


class AnswerCustomer(TicketCommand):
    """An agent said something that the customer can read."""


class ResolveTicket(TicketCommand):
    """It was solved."""


class ReopenClocks(TicketCommand):
    """The resolution did not hold."""


class FinaliseClocks(TicketCommand):
    """It was closed."""


class CancelClocks(TicketCommand):
    """It came to nothing."""

    reason: str


class Reconsider(TicketCommand):
    """What decides between agreements has changed; `changes` are the ticket's new members."""

    changes: Mapping[str, Any]


class ApplyPolicies(TicketCommand):
    """An open ticket goes on under the policies as they are now, because somebody ordered so.

    `policy` restricts this to clocks that rest on this agreement or calendar, or would.
    """

    policy: str
    rebase: Rebase | None = None


class Refold(Command):
    """A policy became known that held before these clocks were started.

    `told` is what they would be, had it been known then.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    cause: str
    because: str
    told: Annotated[Any, SkipValidation]
    book: Annotated[Book, SkipValidation]


class Warn(Command):
    """The next warning's time has come, and nothing earlier can still arrive."""

    target: Target


class SuspectBreach(Command):
    """The due time is past by the clock on the wall, and more may still arrive from before it."""

    target: Target


class DeclareBreach(Command):
    """The due time is past, and nothing from before it can still arrive."""

    target: Target


ClockCommand: TypeAlias = (
    StartClocks
    | HandOver
    | HoldClocks
    | ResumeClocks
    | HearCustomer
    | AnswerCustomer
    | ResolveTicket
    | ReopenClocks
    | FinaliseClocks
    | CancelClocks
    | Reconsider
    | ApplyPolicies
    | Refold
    | Warn
    | SuspectBreach
    | DeclareBreach
)
