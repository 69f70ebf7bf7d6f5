"""The course of a clock as a stopwatch: from the events of the ticket to due times."""

from datetime import datetime, timedelta
from fractions import Fraction as Ratio

from deskstream_worktime.stopwatch import Stopwatch
from sla_monitor.commands import Calendars
from sla_monitor.decider.state import Clock, Move, Phase
from sla_monitor.events import WarningAhead
from sla_monitor.terms import Fraction, Promise


def start(promise: Promise, at: datetime, calendars: Calendars) -> Stopwatch:
    """A stopwatch that begins to run for this promise."""
    return Stopwatch.start(calendars[promise.calendar], timedelta(seconds=promise.seconds), at)


def follow(clock: Clock, calendars: Calendars) -> Stopwatch:
    """The stopwatch after all moves of the clock so far."""
    watch = start(clock.first_promise, clock.started_at, calendars)
    for move in clock.moves:
        watch = turn(watch, move, calendars)
    return watch


def turn(watch: Stopwatch, move: Move, calendars: Calendars) -> Stopwatch:
    """The stopwatch after one more move."""
    if move.promise is not None:
        seconds = timedelta(seconds=move.promise.seconds)
        return watch.retarget(move.at, seconds, calendars[move.promise.calendar])
    match move.to:
        case Phase.PAUSED:
            return watch.pause(move.at)
        case Phase.RUNNING:
            return watch.resume(move.at) if watch.due_as_stopped is None else watch.reopen(move.at)
        case Phase.STOPPED | Phase.FINAL | Phase.CANCELLED:
            return watch.stop(move.at)


def warnings_to_come(
    watch: Stopwatch, promise: Promise, warned: frozenset[Fraction]
) -> tuple[WarningAhead, ...]:
    """The warnings that were not given yet and, as things stand, will be."""
    found = []
    for fraction in promise.warn_at:
        at = None if fraction in warned else watch.instant_at_fraction(Ratio(fraction))
        if at is not None:
            found.append(WarningAhead(fraction=fraction, at=at))
    return tuple(found)
