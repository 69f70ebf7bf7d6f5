"""A domain small enough to read at a glance: tickets, and their rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from deskstream.access import Holding
from deskstream.aggregate import Aggregate
from deskstream.codec import Codec
from deskstream.database import Connection
from deskstream.decider import Command, Decider, Fact, Occasion, Refusal
from deskstream.envelope import Recorded

TABLE = """
CREATE TABLE tickets (
    stream text PRIMARY KEY, organisation text, people text[] NOT NULL, held_by text,
    restricted boolean NOT NULL, id uuid NOT NULL, title text NOT NULL, state text NOT NULL,
    opened_at timestamptz NOT NULL, due_at timestamptz, words tsvector NOT NULL,
    inner_words tsvector NOT NULL
)
"""


class Spoken(Fact):
    def in_words(self) -> str:
        return type(self).__name__


class TicketOpened(Spoken, stored="ticket.opened.v1"):
    title: str
    caller: str
    organisation: str | None = None
    group: str | None = None
    restricted: bool = False


class CommentMade(Spoken, stored="ticket.commented.v1"):
    text: str


class NoteTaken(Spoken, stored="ticket.noted.v1"):
    internal: ClassVar[bool] = True
    text: str


class TicketRestricted(Spoken, stored="ticket.restricted.v1"):
    pass


class TicketResolved(Spoken, stored="ticket.resolved.v1"):
    pass


TicketFact = TicketOpened | CommentMade | NoteTaken | TicketRestricted | TicketResolved


@dataclass(frozen=True)
class OpenTicket:
    fact: TicketOpened


@dataclass(frozen=True)
class Say:
    fact: CommentMade | NoteTaken


class Resolve(Command):
    """Say that it is resolved."""


class Restrict(Command):
    """Show it to fewer people."""


class Remark(Command):
    """Say something to those who work on it."""

    text: str

    @property
    def fact(self) -> NoteTaken:
        return NoteTaken(text=self.text)


TicketCommand = OpenTicket | Say | Resolve | Restrict | Remark


@dataclass(frozen=True)
class Ticket:
    opened: TicketOpened | None = None
    resolved: bool = False
    restricted: bool = False
    comments: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    opened_at: datetime | None = None
    changed_at: datetime | None = None


def decide(command: TicketCommand, _: Occasion, state: Ticket) -> Sequence[TicketFact] | Refusal:
    match command:
        case OpenTicket(fact) if fact.title == "unlucky":
            return Refusal("unlucky-title", "Choose another title.", field="title")
        case OpenTicket(fact) if fact.title == "early":
            return Refusal("not-yet", "The caller is not known here yet.", retry_after=7)
        case OpenTicket(fact) | Say(fact) | Remark(fact=fact):
            return [fact]
        case Resolve() if state.resolved:
            return Refusal("already-resolved", "It is resolved already.")
        case Resolve():
            return [TicketResolved()]
        case Restrict():
            return [] if state.restricted else [TicketRestricted()]


def evolve(state: Ticket, fact: TicketFact) -> Ticket:
    state = replace(state, changed_at=fact.at)
    match fact:
        case TicketOpened():
            return replace(state, opened=fact, restricted=fact.restricted, opened_at=fact.at)
        case CommentMade(text=text):
            return replace(state, comments=(*state.comments, text))
        case NoteTaken(text=text):
            return replace(state, notes=(*state.notes, text))
        case TicketRestricted():
            return replace(state, restricted=True)
        case TicketResolved():
            return replace(state, resolved=True)


CODEC: Codec[TicketFact] = Codec.of(TicketFact)


class Tickets:
    name = "tickets"
    tables = ("tickets",)

    async def apply(self, connection: Connection, events: Sequence[Recorded[TicketFact]]) -> None:
        for event in events:
            match event.fact:
                case TicketOpened() as fact:
                    await connection.execute(
                        "INSERT INTO tickets VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8,"
                        " NULL, to_tsvector('simple', $7), to_tsvector('simple', $7))",
                        *(event.stream, fact.organisation, [fact.caller], fact.group),
                        *(fact.restricted, event.stream.removeprefix("ticket-"), fact.title),
                        event.occurred_at,
                    )
                case NoteTaken(text=text):
                    await connection.execute(
                        "UPDATE tickets SET inner_words = inner_words || to_tsvector('simple', $2)"
                        " WHERE stream = $1",
                        *(event.stream, text),
                    )
                case TicketRestricted():
                    await connection.execute(
                        "UPDATE tickets SET restricted = true WHERE stream = $1", event.stream
                    )
                case TicketResolved():
                    await connection.execute(
                        "UPDATE tickets SET state = 'resolved' WHERE stream = $1", event.stream
                    )


AGGREGATE: Aggregate[TicketCommand, Ticket, TicketFact] = Aggregate(
    Decider("ticket", Ticket(), decide, evolve), CODEC, [Tickets()]
)


def holding_of(state: Ticket) -> Holding:
    opened = state.opened
    assert opened is not None
    people = frozenset({opened.caller})
    return Holding(opened.organisation, people, opened.group, state.restricted)
