"""The life of an order: proposed, previewed, given, carried out; or withdrawn before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, assert_never

from deskstream.decider import Decider, Occasion, Refusal
from sla_monitor.orders.commands import Give, NoteDone, NotePreview, OrderCommand, Propose, Withdraw
from sla_monitor.orders.events import (
    OrderCarriedOut,
    OrderEvent,
    OrderGiven,
    OrderPreviewed,
    OrderProposed,
    OrderWithdrawn,
)
from sla_monitor.orders.terms import PREVIEW_HOLDS, Status, Tally


@dataclass(frozen=True, slots=True)
class PolicyOrder:
    """An order as it stands; `tally` is that of the preview, and then of what was done."""

    proposed: OrderProposed | None = None
    status: Status = Status.PREVIEWING
    previewed_at: datetime | None = None
    tally: Tally | None = None


def decide(
    command: OrderCommand, when: Occasion, state: PolicyOrder
) -> Sequence[OrderEvent] | Refusal:
    """What follows from the command."""
    if isinstance(command, Propose):
        told = {name: getattr(command, name) for name in type(command).model_fields}
        return [] if state.proposed else [OrderProposed(**told)]
    if state.proposed is None:
        return Refusal("no-such-order", "There is no such order; propose it first.")
    match command:
        case NotePreview(tally=tally):
            return _if(state, Status.PREVIEWING, OrderPreviewed(tally=tally))
        case NoteDone(tally=tally):
            return _if(state, Status.RUNNING, OrderCarriedOut(tally=tally))
        case Give():
            return _give(when, state)
        case Withdraw(because=because):
            return _withdraw(because, state)
        case _:
            assert_never(command)


def _if(state: PolicyOrder, status: Status, fact: OrderEvent) -> Sequence[OrderEvent]:
    return [fact] if state.status is status else []


def _give(when: Occasion, state: PolicyOrder) -> Sequence[OrderEvent] | Refusal:
    if state.status is Status.PREVIEWING or state.previewed_at is None:
        detail = "It is still being found out what it would do. Look at the preview first."
        return Refusal("not-previewed-yet", detail, retry_after=1)
    if state.status is not Status.PREVIEWED:
        return _over(state, "given")
    if when.now - state.previewed_at > PREVIEW_HOLDS:
        detail = "The preview is older than an hour, and tickets have moved on. Propose it anew."
        return Refusal("preview-too-old", detail)
    return [OrderGiven()]


def _withdraw(because: str, state: PolicyOrder) -> Sequence[OrderEvent] | Refusal:
    if state.status not in {Status.PREVIEWING, Status.PREVIEWED}:
        return _over(state, "withdrawn")
    return [OrderWithdrawn(because=because)]


def _over(state: PolicyOrder, what: str) -> Refusal:
    detail = f"It is {state.status} and cannot be {what} any more; propose another."
    return Refusal("not-possible-now", detail)


def evolve(state: PolicyOrder, event: OrderEvent) -> PolicyOrder:
    """The order after this fact."""
    match event:
        case OrderProposed():
            return PolicyOrder(event)
        case OrderPreviewed(tally=tally):
            status = Status.PREVIEWED
            return replace(state, status=status, tally=tally, previewed_at=event.time)
        case OrderGiven():
            return replace(state, status=Status.RUNNING)
        case OrderCarriedOut(tally=tally):
            return replace(state, status=Status.DONE, tally=tally)
        case OrderWithdrawn():
            return replace(state, status=Status.WITHDRAWN)
        case _:
            assert_never(event)


ORDERS: Final[Decider[OrderCommand, PolicyOrder, OrderEvent]] = Decider(
    "policy_order", PolicyOrder(), decide, evolve
)
