"""Who had to act for a ticket, and when."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import AwareDatetime

from deskstream.envelope import Recorded
from deskstream.http.bodies import View
from sla_monitor.decider import CLOCKS, Clocks
from sla_monitor.events import ClockEvent, ClockStarted, TicketHandedOver, TicketTurned
from sla_monitor.events import TicketUncovered as Uncovered
from sla_monitor.terms import AWAITING_CALLER, AWAITING_SUPPLIER


class Holder(View):
    """Who had to act: the group, the caller or a supplier; nobody while it is resolved."""

    holder: str | None
    name: str | None


class Holding(Holder):
    """Since when somebody had to act, and the event of the ticket that made it so."""

    since: AwareDatetime
    cause: str


NOBODY = Holder(holder=None, name=None)


def holder_of(state: Clocks) -> Holder:
    """Who has to act for the ticket as it stands."""
    if state.subject is None or not state.under_way:
        return NOBODY
    if state.waits_for == AWAITING_CALLER:
        return Holder(holder="caller", name=next(iter(state.subject.people), None))
    if state.waits_for == AWAITING_SUPPLIER:
        return Holder(holder="supplier", name=state.supplier)
    return Holder(holder="group", name=state.subject.group)


def holdings(events: Iterable[Recorded[ClockEvent]]) -> list[Holding]:
    """Who held the ticket since when, in the order in which it happened."""
    found: list[Holding] = []
    state = Clocks()
    for event in events:
        state = CLOCKS.fold([event.fact], state)
        if isinstance(event.fact, ClockStarted | Uncovered | TicketHandedOver | TicketTurned):
            held = holder_of(state)
            if not found or (found[-1].holder, found[-1].name) != (held.holder, held.name):
                since = event.occurred_at
                cause = event.fact.cause
                found.append(Holding(holder=held.holder, name=held.name, since=since, cause=cause))
    return found


def held_at(held: Sequence[Holding], moment: datetime) -> Holder:
    """Who held the ticket at this moment."""
    at = [one for one in held if one.since <= moment]
    return Holder(holder=at[-1].holder, name=at[-1].name) if at else NOBODY
