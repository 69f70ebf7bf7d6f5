"""The course of a clock as a stopwatch: from the events of the ticket to due times."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction as Ratio

from deskstream_worktime.calendar import WorkCalendar
from deskstream_worktime.stopwatch import Stopwatch
from sla_monitor.decider.state import Clock, WarningKey, warning_key
from sla_monitor.events import WarningAhead
from sla_monitor.terms import Fraction, Move, Phase, Promise, Seconds, Version

Calendars = Mapping[Version, WorkCalendar]
MILLIONTH = Decimal("0.000001")


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
        return watch.retarget(move.at, seconds, calendars[move.promise.calendar], move.rebase)
    match move.to:
        case Phase.PAUSED:
            return watch.pause(move.at)
        case Phase.RUNNING:
            return watch.resume(move.at) if watch.due_as_stopped is None else watch.reopen(move.at)
        case Phase.STOPPED | Phase.FINAL | Phase.CANCELLED:
            return watch.stop(move.at)


def warnings_to_come(
    watch: Stopwatch, promise: Promise, warned: frozenset[WarningKey]
) -> tuple[WarningAhead, ...]:
    """The warnings that were not given yet and, as things stand, will be, by their time."""
    found = []
    for fraction, before in _agreed(promise):
        at = None
        if warning_key(fraction, before) not in warned:
            at = _reached(watch, fraction, before)
        if at is not None:
            found.append(WarningAhead(fraction=fraction, before=before, at=at))
    return tuple(sorted(found, key=lambda ahead: (ahead.at, ahead.fraction)))


def _agreed(promise: Promise) -> Iterator[tuple[Fraction, Seconds | None]]:
    yield from ((fraction, None) for fraction in promise.warn_at)
    for before in promise.warn_before:
        if before < promise.seconds:
            used = Decimal(promise.seconds - before) / promise.seconds
            yield max(used.quantize(MILLIONTH, ROUND_FLOOR), MILLIONTH), before


def _reached(watch: Stopwatch, fraction: Fraction, before: Seconds | None) -> datetime | None:
    if before is None:
        return watch.instant_at_fraction(Ratio(fraction))
    return watch.instant_at(-timedelta(seconds=before))
