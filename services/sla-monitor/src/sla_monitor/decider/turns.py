"""How what happens to a ticket turns the course of one of its clocks."""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from deskstream_worktime.stopwatch import Stopwatch
from sla_monitor.commands import Book, HoldClocks, TicketCommand
from sla_monitor.decider.course import follow, turn, warnings_to_come
from sla_monitor.decider.evolution import evolve
from sla_monitor.decider.outcomes import of
from sla_monitor.decider.state import Clock, Clocks
from sla_monitor.events import (
    BreachCorrected,
    ClockEvent,
    ClockPaused,
    ClockReopened,
    ClockResumed,
    ClockRetargeted,
    ClockStopped,
    SuspicionCleared,
)
from sla_monitor.terms import Choice, Move, Phase, Promise


def hold(clock: Clock, command: HoldClocks) -> Sequence[ClockEvent]:
    """A reason that the agreement names pauses; another one lets a paused clock run again."""
    if command.reason not in clock.promise.pauses_on:
        return resume(clock, command)
    return pause(clock, command, command.reason)


def pause(clock: Clock, command: TicketCommand, reason: str) -> Sequence[ClockEvent]:
    """A running clock stands still."""
    if clock.phase is not Phase.RUNNING:
        return []
    return _turned(clock, _move(Phase.PAUSED, command), command, ClockPaused, reason=reason)


def resume(clock: Clock, command: TicketCommand) -> Sequence[ClockEvent]:
    """A paused clock runs on."""
    if clock.phase is not Phase.PAUSED:
        return []
    return _turned(clock, _move(Phase.RUNNING, command), command, ClockResumed)


def stop(clock: Clock, command: TicketCommand) -> Sequence[ClockEvent]:
    """What was promised is done, in time or not."""
    if not clock.open:
        return []
    move = _move(Phase.STOPPED, command)
    watch, told = _course(clock, move, command.book)
    stopped = ClockStopped(**told, elapsed_seconds=watch.banked.total_seconds())
    return [*_acquittal(clock, move), stopped]


def reopen(clock: Clock, command: TicketCommand) -> Sequence[ClockEvent]:
    """It was not done after all; the clock goes on, and the time in between does not count."""
    return _turned(clock, _move(Phase.RUNNING, command), command, ClockReopened)


def retarget(
    clock: Clock, promise: Promise, choice: Choice, priority: int, command: TicketCommand
) -> Sequence[ClockEvent]:
    """Another promise counts from here on."""
    move = _move(clock.phase, command, promise)
    members = {"priority": priority, "rebase": move.rebase, "candidates": choice.candidates}
    return _turned(clock, move, command, ClockRetargeted, **members)


def then(state: Clocks, facts: Sequence[ClockEvent]) -> Clocks:
    """The clocks after these facts."""
    return reduce(evolve, facts, state)


def _move(to: Phase, command: TicketCommand, promise: Promise | None = None) -> Move:
    if promise is None:
        return Move(to=to, at=command.at, cause=command.cause)
    rebase = promise.rebase
    return Move(to=to, at=command.at, cause=command.cause, promise=promise, rebase=rebase)


def _turned(
    clock: Clock,
    move: Move,
    command: TicketCommand,
    fact: Callable[..., ClockEvent],
    **members: Any,  # noqa: ANN401  the members of `fact`
) -> Sequence[ClockEvent]:
    """The fact of this move, after what it shows of a breach that was told or suspected."""
    _, told = _course(clock, move, command.book)
    return [*_acquittal(clock, move), fact(**told, **members)]


def _course(clock: Clock, move: Move, book: Book) -> tuple[Stopwatch, dict[str, Any]]:
    """The stopwatch after this move, and what every fact says of it."""
    promise = move.promise or clock.promise
    watch = turn(follow(clock, book.calendars), move, book.calendars)
    told = {
        "at": move.at,
        "cause": move.cause,
        "promise": promise,
        "due_at": watch.due,
        "warnings": warnings_to_come(watch, promise, clock.warned),
        "tzdata": book.tzdata,
        **of(clock),
    }
    return watch, told


def _acquittal(clock: Clock, move: Move) -> Sequence[ClockEvent]:
    """A move not later than the due time shows that the target was not missed then."""
    if clock.breached_at is not None and move.at <= clock.breached_at:
        was_due_at = clock.breached_at
        return [BreachCorrected(at=move.at, cause=move.cause, was_due_at=was_due_at, **of(clock))]
    if clock.suspected and clock.due_at is not None and move.at <= clock.due_at:
        return [SuspicionCleared(at=move.at, cause=move.cause, **of(clock))]
    return []
