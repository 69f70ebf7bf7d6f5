"""How it is decided again what is promised for a ticket."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sla_monitor.commands import ApplyPolicies, Reconsider, TicketCommand
from sla_monitor.decider.cycles import begin
from sla_monitor.decider.outcomes import cancel, reached_before
from sla_monitor.decider.state import Clock, Clocks
from sla_monitor.decider.turns import reopen, retarget, then
from sla_monitor.events import ClockEvent, TicketReconsidered, TicketUncovered
from sla_monitor.terms import TARGETS, Choice, Kind, Phase, Promise, Target, Ticket

NO_LONGER = "nothing is promised for it any more"


def reconsider(command: Reconsider, now: datetime, state: Clocks) -> Sequence[ClockEvent]:
    """The ticket is another one, as far as agreements care."""
    if state.subject is None:
        return []
    subject = state.subject.model_copy(update=dict(command.changes))
    if subject == state.subject:
        return []
    known = TicketReconsidered(
        at=command.at, ticket=subject.stream, subject=subject, cause=command.cause
    )
    facts: list[ClockEvent] = [known]
    choice = command.book.choose(subject, Kind.SLA, command.at)
    if choice.uncovered is not None and state.uncovered is None:
        facts.append(_uncovered(subject, choice, command))
    after = then(state, facts)
    for target in TARGETS[Kind.SLA]:
        facts += _rechosen(after, target, choice, command, now)
    for clock in _of_other_kinds(after):
        facts += _rechosen(after, clock.target, _choose(after, clock.target, command), command, now)
    return facts


def apply(command: ApplyPolicies, now: datetime, state: Clocks) -> Sequence[ClockEvent]:
    """The policies of this moment count for what is open, where it rests on the one named."""
    if state.subject is None:
        return []
    moved = [clock.last_moved_at for clock in state.clocks.values() if clock.open]
    command = command.model_copy(update={"at": max([command.at, *moved])})
    facts: list[ClockEvent] = []
    for target in [*TARGETS[Kind.SLA], *(clock.target for clock in _of_other_kinds(state))]:
        clock = state.clocks.get(target)
        choice = _choose(state, target, command)
        promise = choice.promises.get(target)
        if _rests(clock.promise if clock else None, command) or _rests(promise, command):
            facts += _rechosen(state, target, _rebased(choice, command), command, now)
    if not facts:
        return []
    ordered = TicketReconsidered(
        at=command.at,
        ticket=state.subject.stream,
        subject=state.subject,
        cause=command.cause,
        applied=command.policy,
        rebase=command.rebase,
    )
    return [ordered, *facts]


def go_on(clock: Clock, command: TicketCommand, state: Clocks) -> Sequence[ClockEvent]:
    """A stopped clock is taken up again, under what was promised while it stood."""
    opened = reopen(clock, command)
    if state.chosen_at is None or state.subject is None or state.chosen_at <= clock.chosen_at:
        return opened
    choice = command.book.choose(state.subject, Kind.SLA, state.chosen_at)
    promise = choice.promises.get(clock.target)
    if promise is None or _same(promise, clock.promise):
        return opened
    running = then(state, opened).clocks[clock.target]
    return [*opened, *retarget(running, promise, choice, state.subject.priority, command)]


def _rechosen(
    state: Clocks, target: Target, choice: Choice, command: TicketCommand, now: datetime
) -> Sequence[ClockEvent]:
    clock, promise = state.clocks.get(target), choice.promises.get(target)
    if clock is None or clock.phase is Phase.CANCELLED:
        return begin(state, target, choice, command) if _wanted(target, state) else []
    if not clock.open or _same(promise, clock.promise) or state.subject is None:
        return []
    if promise is None:
        return cancel(clock, command, now, NO_LONGER)
    # What came before belongs to the old promise.
    reached = reached_before(clock, command.at, now)
    reckoned = then(state, reached).clocks[target]
    return [*reached, *retarget(reckoned, promise, choice, state.subject.priority, command)]


def _wanted(target: Target, state: Clocks) -> bool:
    """Whether there is still something to be done for a target that was not promised before."""
    if target is Target.FIRST_RESPONSE:
        return state.under_way and not state.answered
    return state.under_way and target is Target.RESOLUTION


def _same(promise: Promise | None, former: Promise) -> bool:
    if promise is None:
        return False
    return promise == former.model_copy(update={"rebase": promise.rebase})


def _of_other_kinds(state: Clocks) -> Sequence[Clock]:
    return [
        clock
        for clock in state.clocks.values()
        if clock.open and clock.target not in TARGETS[Kind.SLA]
    ]


def _choose(state: Clocks, target: Target, command: TicketCommand) -> Choice:
    if state.subject is None:
        return Choice()
    if target is Target.OWNERSHIP:
        return command.book.choose(state.subject, Kind.OLA, command.at, state.subject.group)
    if target is Target.SUPPLIER:
        return command.book.choose(state.subject, Kind.UNDERPINNING, command.at, state.supplier)
    return command.book.choose(state.subject, Kind.SLA, command.at)


def _rests(promise: Promise | None, command: ApplyPolicies) -> bool:
    return promise is not None and command.policy in {promise.agreement.id, promise.calendar.id}


def _rebased(choice: Choice, command: ApplyPolicies) -> Choice:
    if command.rebase is None:
        return choice
    promises = {
        target: promise.model_copy(update={"rebase": command.rebase})
        for target, promise in choice.promises.items()
    }
    return replace(choice, promises=promises)


def _uncovered(ticket: Ticket, choice: Choice, command: TicketCommand) -> TicketUncovered:
    return TicketUncovered(
        at=command.at,
        subject=ticket,
        cause=command.cause,
        because=choice.uncovered or "",
        candidates=choice.candidates,
    )
