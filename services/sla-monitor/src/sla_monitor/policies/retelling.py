"""A ticket's whole life told again from the beginning, by the policies that are known now."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from deskstream.decider import Occasion, Refusal
from sla_monitor.commands import ApplyPolicies, Book, ClockCommand
from sla_monitor.decider import CLOCKS
from sla_monitor.decider.refolding import Retold
from sla_monitor.decider.state import Clocks, Order
from sla_monitor.events import ClockEvent
from sla_monitor.foreign import Told
from sla_monitor.policies.tickets import react


def retell(
    ticket: str, told: Sequence[Told], orders: Sequence[Order], book: Book, when: Occasion
) -> Retold:
    """What the clocks of a ticket would be, had the book been known from the beginning.

    Args:
        ticket: its stream.
        told: its events, in order.
        orders: by which policies were applied to it afterwards; they count again.
        book: the policies that are known now.
        when: the occasion on which this is asked.
    """
    state, facts = Clocks(), list[ClockEvent]()
    for command in _in_order(ticket, told, orders, book):
        decided = CLOCKS.decide(command, when, state)
        if not isinstance(decided, Refusal):
            facts += decided
            state = CLOCKS.fold(decided, state)
    return Retold(state, tuple(facts))


def _in_order(
    ticket: str, told: Sequence[Told], orders: Sequence[Order], book: Book
) -> Iterable[ClockCommand]:
    waiting = list(orders)
    for one in told:
        yield from _ordered_before(one.event.time, waiting, book)
        command = react(one.event, ticket, one.cause, book, one.source)
        if command is not None:
            yield command
    yield from _ordered_before(None, waiting, book)


def _ordered_before(
    moment: datetime | None, waiting: list[Order], book: Book
) -> Iterable[ClockCommand]:
    while waiting and (moment is None or waiting[0].at < moment):
        order = waiting.pop(0)
        yield ApplyPolicies(
            at=order.at, cause=order.cause, book=book, policy=order.policy, rebase=order.rebase
        )
