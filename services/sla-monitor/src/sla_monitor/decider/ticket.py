"""What each turn of a ticket means for all of its clocks."""

from collections.abc import Sequence
from datetime import datetime

from sla_monitor.commands import (
    AnswerCustomer,
    CancelClocks,
    FinaliseClocks,
    HoldClocks,
    ReopenClocks,
    ResolveTicket,
    ResumeClocks,
    TicketCommand,
)
from sla_monitor.decider import outcomes, turns
from sla_monitor.decider.choices import go_on
from sla_monitor.decider.cycles import begin, finish, hand_to_supplier, own
from sla_monitor.decider.state import Clocks
from sla_monitor.events import ClockEvent, TicketAnswered, TicketTurned
from sla_monitor.terms import AWAITING_SUPPLIER, Choice, Phase, Standing, Target

TAKEN_UP_AGAIN = (Target.RESOLUTION, Target.OWNERSHIP)


def hold(command: HoldClocks, now: datetime, state: Clocks) -> Sequence[ClockEvent]:
    """It waits: what the reason pauses stands still, and a supplier's time begins."""
    facts = [*_turned(state, Standing.WAITING, command, command.reason, command.supplier)]
    for clock in state.clocks.values():
        facts += turns.hold(clock, command)
    same = (state.waits_for, state.supplier) == (command.reason, command.supplier)
    if not same:
        facts += finish(state.clocks.get(Target.SUPPLIER), command, now)
        if command.reason == AWAITING_SUPPLIER:
            facts += hand_to_supplier(command, turns.then(state, facts))
    return facts


def resume(command: ResumeClocks, now: datetime, state: Clocks) -> Sequence[ClockEvent]:
    """It waits no longer, whatever it waited for."""
    facts = [*_turned(state, Standing.WORKING, command)]
    for clock in state.clocks.values():
        facts += turns.resume(clock, command)
    return [*facts, *finish(state.clocks.get(Target.SUPPLIER), command, now)]


def answer(command: AnswerCustomer, now: datetime, state: Clocks) -> Sequence[ClockEvent]:
    """The customer was answered."""
    facts = [*finish(state.clocks.get(Target.NEXT_RESPONSE), command, now)]
    first = state.clocks.get(Target.FIRST_RESPONSE)
    if first is not None and first.open:
        return [*facts, *turns.stop(first, command)]
    if state.answered or state.subject is None:
        return facts
    stream = state.subject.stream
    return [*facts, TicketAnswered(at=command.at, ticket=stream, cause=command.cause)]


def resolve(command: ResolveTicket, now: datetime, state: Clocks) -> Sequence[ClockEvent]:
    """It is solved, which answers the customer too."""
    facts = [*_turned(state, Standing.RESOLVED, command)]
    for clock in state.clocks.values():
        if clock.target in {Target.NEXT_RESPONSE, Target.SUPPLIER}:
            facts += finish(clock, command, now)
        else:
            facts += turns.stop(clock, command)
    return facts


def reopen(command: ReopenClocks, state: Clocks) -> Sequence[ClockEvent]:
    """The clocks go on; where the outcome was final, the next cycle begins."""
    facts = [*_turned(state, Standing.WORKING, command)]
    after = turns.then(state, facts)
    for target in TAKEN_UP_AGAIN:
        clock = state.clocks.get(target)
        if clock is not None and clock.phase is Phase.STOPPED:
            facts += go_on(clock, command, after)
        elif target is Target.OWNERSHIP:
            facts += own(after, command)
        elif clock is not None and clock.phase is Phase.FINAL:
            again = Choice({target: clock.promise}, clock.candidates)
            facts += begin(after, target, again, command)
    return facts


def close(command: FinaliseClocks, now: datetime, state: Clocks) -> Sequence[ClockEvent]:
    """Every outcome is final."""
    facts = [*_turned(state, Standing.CLOSED, command)]
    for clock in state.clocks.values():
        facts += outcomes.finalise(clock, command, now)
    return facts


def cancel(command: CancelClocks, now: datetime, state: Clocks) -> Sequence[ClockEvent]:
    """There is nothing left to be done."""
    facts = [*_turned(state, Standing.CANCELLED, command)]
    for clock in state.clocks.values():
        facts += outcomes.cancel(clock, command, now, command.reason)
    return facts


def _turned(
    state: Clocks,
    to: Standing,
    command: TicketCommand,
    reason: str | None = None,
    supplier: str | None = None,
) -> Sequence[ClockEvent]:
    stands = (state.standing, state.waits_for, state.supplier)
    if state.subject is None or stands == (to, reason, supplier):
        return []
    return [
        TicketTurned(
            at=command.at,
            ticket=state.subject.stream,
            to=to,
            cause=command.cause,
            reason=reason,
            supplier=supplier,
        )
    ]
