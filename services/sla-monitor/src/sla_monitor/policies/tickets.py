"""What the events of a ticket mean for its clocks."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from deskstream.envelope import LIVE
from sla_monitor import foreign
from sla_monitor.commands import (
    AnswerCustomer,
    Book,
    CancelClocks,
    ClockCommand,
    FinaliseClocks,
    HandOver,
    HearCustomer,
    HoldClocks,
    Reconsider,
    ReopenClocks,
    ResolveTicket,
    ResumeClocks,
    StartClocks,
)
from sla_monitor.terms import Ticket

Said: TypeAlias = dict[str, Any]
"""What a command is told besides when, why and by which policies."""
Asked: TypeAlias = Callable[..., ClockCommand]


def clocks_of(ticket: str) -> str:
    """The stream of the clocks of the ticket with this stream."""
    return f"clock-{ticket.partition('-')[2]}"


def react(
    event: foreign.TicketEvent, ticket: str, cause: str, book: Book, source: str = LIVE
) -> ClockCommand | None:
    """What the event means for the clocks of its ticket; None if nothing.

    Args:
        event: of the ticket.
        ticket: its stream.
        cause: the event's id.
        book: the policies that are known.
        source: `live`, or the import that told of it.
    """
    if isinstance(event, foreign.IncidentLogged):
        opened_at = _opened_at(event)
        subject = _subject(event, ticket, source, opened_at)
        return StartClocks(at=opened_at, cause=cause, book=book, ticket=subject)
    if isinstance(event, foreign.CommentAdded):
        command, said = SPEAKERS[event.speaker], Said()
    else:
        command, tells = MEANING[type(event)]
        said = tells(event)
    if command is None:
        return None
    return command(at=event.time, cause=cause, book=book, **said)


SPEAKERS: Final[Mapping[str, Asked | None]] = {
    "agent": AnswerCustomer,
    "customer": HearCustomer,
    "machine": None,
}


def _nothing(_: object) -> Said:
    return {}


def _reclassified(event: foreign.IncidentReclassified) -> Said:
    about = {"service": event.service, "organisation": event.organisation}
    return {"changes": {**about, "priority": event.counts}}


MEANING: Final[Mapping[type, tuple[Asked, Callable[[Any], Said]]]] = {
    foreign.IncidentReclassified: (Reconsider, _reclassified),
    foreign.IncidentPrioritised: (Reconsider, lambda one: {"changes": {"priority": one.counts}}),
    foreign.PriorityOverridden: (Reconsider, lambda one: {"changes": {"priority": one.priority}}),
    foreign.PriorityOverrideEnded: (
        Reconsider,
        lambda one: {"changes": {"priority": one.priority}},
    ),
    foreign.MajorDeclared: (Reconsider, lambda _: {"changes": {"major": True}}),
    foreign.MajorStoodDown: (Reconsider, lambda _: {"changes": {"major": False}}),
    foreign.IncidentAssigned: (HandOver, lambda one: {"group": one.group}),
    foreign.IncidentPutOnHold: (
        HoldClocks,
        lambda one: {"reason": one.reason, "supplier": one.supplier},
    ),
    foreign.IncidentResumed: (ResumeClocks, _nothing),
    foreign.IncidentResolved: (ResolveTicket, _nothing),
    foreign.IncidentReopened: (ReopenClocks, _nothing),
    foreign.IncidentClosed: (FinaliseClocks, _nothing),
    foreign.IncidentCancelled: (CancelClocks, lambda one: {"reason": one.reason}),
    foreign.IncidentMerged: (
        CancelClocks,
        lambda one: {"reason": f"merged into {one.into.number}"},
    ),
    foreign.IncidentConverted: (
        CancelClocks,
        lambda one: {"reason": f"converted to a request: {one.reason}"},
    ),
}
"""What each turn of a ticket asks of its clocks, and what it says to that."""


def _opened_at(event: foreign.IncidentLogged) -> datetime:
    return event.opened_at if isinstance(event, foreign.IncidentImported) else event.time


def _subject(
    event: foreign.IncidentLogged, ticket: str, source: str, opened_at: datetime
) -> Ticket:
    people = (event.caller, event.on_behalf_of)
    return Ticket(
        stream=ticket,
        number=event.number,
        priority=event.priority,
        organisation=event.organisation,
        service=event.service,
        people=tuple(dict.fromkeys(person for person in people if person)),
        restricted=event.restricted != "none",
        source=source,
        opened_at=opened_at,
    )
