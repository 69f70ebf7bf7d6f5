"""What the events of a ticket mean for its clocks."""

from datetime import datetime
from typing import Any, assert_never

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


def clocks_of(ticket: str) -> str:
    """The stream of the clocks of the ticket with this stream."""
    return f"clock-{ticket.partition('-')[2]}"


def react(  # noqa: C901, PLR0911, PLR0912  one line for each event of a ticket
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
    told: dict[str, Any] = {"at": event.time, "cause": cause, "book": book}
    match event:
        case foreign.IncidentImported(opened_at=opened_at):
            opened = {**told, "at": opened_at}
            return StartClocks(**opened, ticket=_subject(event, ticket, source, opened_at))
        case foreign.IncidentLogged():
            return StartClocks(**told, ticket=_subject(event, ticket, source, event.time))
        case foreign.IncidentReclassified(service=service, organisation=organisation):
            about = {"service": service, "organisation": organisation}
            return Reconsider(**told, changes={**about, "priority": event.counts})
        case foreign.IncidentPrioritised():
            return Reconsider(**told, changes={"priority": event.counts})
        case foreign.PriorityOverridden(priority=priority):
            return Reconsider(**told, changes={"priority": priority})
        case foreign.PriorityOverrideEnded(priority=priority):
            return Reconsider(**told, changes={"priority": priority})
        case foreign.MajorDeclared():
            return Reconsider(**told, changes={"major": True})
        case foreign.MajorStoodDown():
            return Reconsider(**told, changes={"major": False})
        case foreign.IncidentAssigned(group=group):
            return HandOver(**told, group=group)
        case foreign.IncidentPutOnHold(reason=reason, supplier=supplier):
            return HoldClocks(**told, reason=reason, supplier=supplier)
        case foreign.IncidentResumed():
            return ResumeClocks(**told)
        case foreign.CommentAdded(speaker="machine"):
            return None
        case foreign.CommentAdded(speaker="agent"):
            return AnswerCustomer(**told)
        case foreign.CommentAdded():
            return HearCustomer(**told)
        case foreign.IncidentResolved():
            return ResolveTicket(**told)
        case foreign.IncidentReopened():
            return ReopenClocks(**told)
        case foreign.IncidentClosed():
            return FinaliseClocks(**told)
        case foreign.IncidentCancelled(reason=reason):
            return CancelClocks(**told, reason=reason)
        case foreign.IncidentMerged(into=into):
            return CancelClocks(**told, reason=f"merged into {into.number}")
        case foreign.IncidentConverted(reason=reason):
            return CancelClocks(**told, reason=f"converted to a request: {reason}")
        case _:
            assert_never(event)


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
