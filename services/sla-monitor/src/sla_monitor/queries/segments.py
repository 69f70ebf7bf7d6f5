"""The course of a clock in stretches: running, paused, stopped, or closed by its calendar."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from pydantic import AwareDatetime

from deskstream.http.bodies import View
from deskstream_worktime.calendar import WorkCalendar
from deskstream_worktime.stopwatch import Rebase, Segment
from sla_monitor.decider.course import Calendars
from sla_monitor.decider.state import Clock
from sla_monitor.queries.holders import Holder, Holding, held_at
from sla_monitor.terms import Version


class SegmentView(View):
    """A stretch of a clock's course.

    Attributes:
        phase: running, paused or stopped; closed where its calendar has no working time then.
        cause: id of the event that began the phase.
        held_by: who had to act.
    """

    phase: str
    start: AwareDatetime
    end: AwareDatetime
    working_seconds: float
    cause: str
    held_by: Holder


def segments_of(
    clock: Clock, stretches: Sequence[Segment], held: Sequence[Holding], calendars: Calendars
) -> list[SegmentView]:
    """Every stretch, cut where the ticket changed hands and where working time begins or ends."""
    turns = [one.since for one in held]
    found = []
    for stretch in stretches:
        calendar = calendars[_calendar_at(clock, stretch.start)]
        cause = _cause(clock, stretch.start)
        for start, end in _cut(stretch.start, stretch.end, turns):
            holder = held_at(held, start)
            for opens, closes, is_open in _by_windows(calendar, start, end):
                found.append(
                    SegmentView(
                        phase=stretch.phase if is_open else "closed",
                        start=opens,
                        end=closes,
                        working_seconds=(closes - opens).total_seconds() if is_open else 0.0,
                        cause=cause,
                        held_by=holder,
                    )
                )
    return found


def _calendar_at(clock: Clock, moment: datetime) -> Version:
    """The calendar that measured this moment: a retroactive change measures what was before too."""
    promise = clock.first_promise
    for move in clock.moves:
        if move.promise is not None and (move.at <= moment or move.rebase is Rebase.RETROACTIVE):
            promise = move.promise
    return promise.calendar


def _cause(clock: Clock, start: datetime) -> str:
    causes = {clock.started_at: clock.started_by} | {move.at: move.cause for move in clock.moves}
    return causes.get(start, clock.started_by)


def _cut(
    start: datetime, end: datetime, at: Sequence[datetime]
) -> Iterator[tuple[datetime, datetime]]:
    edges = [start, *sorted(one for one in set(at) if start < one < end), end]
    yield from pairwise(edges)


def _by_windows(
    calendar: WorkCalendar, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, bool]]:
    """The span in pieces, and whether each is working time."""
    done = start
    for opens, closes in _joined(calendar.windows(start, end)):
        if done < opens:
            yield done, opens, False
        yield opens, closes, True
        done = closes
    if done < end:
        yield done, end, False


def _joined(windows: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Windows that meet, as at midnight, are one."""
    found: list[tuple[datetime, datetime]] = []
    for opens, closes in windows:
        if found and found[-1][1] == opens:
            found[-1] = found[-1][0], closes
        else:
            found.append((opens, closes))
    return found
