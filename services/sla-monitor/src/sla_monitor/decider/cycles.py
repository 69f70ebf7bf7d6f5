"""How the clocks of a ticket begin and end: at its opening, and cycle by cycle after it."""

from collections.abc import Sequence
from datetime import datetime

from sla_monitor.commands import HandOver, HoldClocks, StartClocks, TicketCommand
from sla_monitor.decider.course import start, warnings_to_come
from sla_monitor.decider.outcomes import finalise
from sla_monitor.decider.state import Clock, Clocks
from sla_monitor.decider.turns import pause, stop, then
from sla_monitor.events import ClockEvent, ClockStarted, TicketHandedOver, TicketUncovered
from sla_monitor.terms import Choice, Kind, Target

AT_THE_OPENING = (Target.FIRST_RESPONSE, Target.RESOLUTION)


def open_ticket(command: StartClocks, state: Clocks) -> Sequence[ClockEvent]:
    """One clock for each promise. What is followed already is left alone."""
    if state.subject is not None:
        return []
    ticket = command.ticket
    choice = command.book.choose(ticket, Kind.SLA, command.at)
    facts: list[ClockEvent] = []
    if choice.uncovered is not None:
        facts = [
            TicketUncovered(
                at=command.at,
                subject=ticket,
                cause=command.cause,
                because=choice.uncovered,
                candidates=choice.candidates,
            )
        ]
    opened = Clocks(subject=ticket)
    for target in AT_THE_OPENING:
        facts += begin(opened, target, choice, command)
    if ticket.group is not None:
        facts += own(opened, command)
    return facts


def begin(
    state: Clocks, target: Target, choice: Choice, command: TicketCommand
) -> Sequence[ClockEvent]:
    """The next cycle of a target, if it is promised; it stands still while the ticket waits."""
    promise, ticket = choice.promises.get(target), state.subject
    if promise is None or ticket is None:
        return []
    before = state.clocks.get(target)
    watch = start(promise, command.at, command.book.calendars)
    started = ClockStarted(
        at=command.at,
        ticket=ticket.stream,
        target=target,
        cycle=1 if before is None else before.cycle + 1,
        cause=command.cause,
        due_at=watch.due,
        warnings=warnings_to_come(watch, promise, frozenset()),
        subject=ticket,
        promise=promise,
        candidates=choice.candidates,
        tzdata=command.book.tzdata,
    )
    if state.waits_for is not None and state.waits_for in promise.pauses_on:
        clock = then(state, [started]).clocks[target]
        return [started, *pause(clock, command, state.waits_for)]
    return [started]


def finish(clock: Clock | None, command: TicketCommand, now: datetime) -> Sequence[ClockEvent]:
    """A cycle that cannot be taken up again: stopped if it was not, and final at once."""
    if clock is None:
        return []
    stopped = stop(clock, command)
    ended = then(Clocks(clocks={clock.target: clock}), stopped).clocks[clock.target]
    return [*stopped, *finalise(ended, command, now)]


def hand_over(command: HandOver, now: datetime, state: Clocks) -> Sequence[ClockEvent]:
    """Another group holds the ticket; what was agreed with it begins to count."""
    if state.subject is None or state.subject.group == command.group:
        return []
    ticket = state.subject.stream
    taken = TicketHandedOver(at=command.at, ticket=ticket, group=command.group, cause=command.cause)
    given = finish(state.clocks.get(Target.OWNERSHIP), command, now)
    facts = [*given, taken]
    return [*facts, *own(then(state, facts), command)] if state.under_way else facts


def own(state: Clocks, command: TicketCommand) -> Sequence[ClockEvent]:
    """What is agreed with the group that has the ticket begins to count."""
    if state.subject is None:
        return []
    group = state.subject.group
    choice = command.book.choose(state.subject, Kind.OLA, command.at, group)
    return begin(state, Target.OWNERSHIP, choice, command)


def hand_to_supplier(command: HoldClocks, state: Clocks) -> Sequence[ClockEvent]:
    """What is agreed with the supplier begins to count."""
    if state.subject is None:
        return []
    choice = command.book.choose(state.subject, Kind.UNDERPINNING, command.at, command.supplier)
    return begin(state, Target.SUPPLIER, choice, command)


def want_answer(command: TicketCommand, state: Clocks) -> Sequence[ClockEvent]:
    """The customer waits for the next response, unless for the first one still."""
    waiting = state.clocks.get(Target.NEXT_RESPONSE)
    if (
        not (state.answered and state.under_way)
        or state.subject is None
        or state.chosen_at is None
        or (waiting is not None and waiting.open)
    ):
        return []
    choice = command.book.choose(state.subject, Kind.SLA, state.chosen_at)
    return begin(state, Target.NEXT_RESPONSE, choice, command)
