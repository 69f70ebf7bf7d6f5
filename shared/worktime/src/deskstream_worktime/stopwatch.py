"""One service-level target as a pausing clock: a value folded over the times things happened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING

from deskstream_worktime.errors import (
    OutOfOrderError,
    OutOfRangeError,
    StoppedError,
    UnreachableError,
)
from deskstream_worktime.windows import from_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from fractions import Fraction

    from deskstream_worktime.calendar import WorkCalendar

_NONE = timedelta()
_MICROSECOND = timedelta(microseconds=1)


class Phase(StrEnum):
    """What a stopwatch is doing."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class Rebase(StrEnum):
    """What a new target or calendar does with the time used so far."""

    CARRY = "carry"
    """The time used counts against the new target, measured by the calendar of its day."""
    RESTART = "restart"
    """The new target starts afresh."""
    RETROACTIVE = "retroactive"
    """All running time since the start counts, measured by the new calendar."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch in one phase, and the calendar's working time in it."""

    phase: Phase
    start: datetime
    end: datetime
    working: timedelta


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """The state of one target; a change gives a new value and needs a time not before ``since``.

    Changes that alter nothing (pausing while paused, stopping while stopped) give the same
    value. Questions are answered for moments from ``since`` on: fold the events up to the
    moment asked about, then ask. A moment before raises OutOfOrderError.

    Whether a breach was ever recorded is the caller's to remember: a looser target or a
    restart moves ``due``, so ``breached`` may turn false again, but never unmakes a breach.
    """

    calendar: WorkCalendar
    target: timedelta | None
    """None while nothing is promised: time counts, but nothing is due."""
    started_at: datetime
    phase: Phase
    since: datetime
    """When the present phase, or the present target within it, began."""
    banked: timedelta
    """Working time that counted against the target before ``since``."""
    banked_pauses: timedelta
    """Working time spent paused before ``since``; it survives every change of target."""
    segments: tuple[Segment, ...]
    """What lies before ``since``, in order, without gaps; empty stretches are left out."""
    based_at: datetime
    """The start, or when the target or calendar last changed."""
    based_on: timedelta
    """Working time already counted at ``based_at``."""
    exhausted_at: datetime | None = None
    """When a new target was found to leave no time: its due time, whatever happens next."""
    due_as_stopped: datetime | None = None

    @classmethod
    def start(cls, calendar: WorkCalendar, target: timedelta | None, at: datetime) -> Stopwatch:
        """Start running at ``at``.

        Raises OutOfRangeError for a negative target, UnreachableError for one never used up.
        """
        at = from_micros(to_micros(at))
        _refuse_unusable(target, calendar, at)
        return cls(calendar, target, at, Phase.RUNNING, at, _NONE, _NONE, (), at, _NONE)

    def pause(self, at: datetime) -> Stopwatch:
        """Stop counting; a due time that lies before ``at`` stays, any other goes."""
        self._refuse_stopped("pause")
        return self if self.phase is Phase.PAUSED else self._enter(Phase.PAUSED, at)

    def resume(self, at: datetime) -> Stopwatch:
        """Count on after a pause, exactly where it stood."""
        self._refuse_stopped("resume")
        return self if self.phase is Phase.RUNNING else self._enter(Phase.RUNNING, at)

    def stop(self, at: datetime) -> Stopwatch:
        """Stop; a pause ends with it, and the due time stays as it is at that moment."""
        if self.phase is Phase.STOPPED:
            return self
        return replace(self._enter(Phase.STOPPED, at), due_as_stopped=self.resume(at).due)

    def reopen(self, at: datetime) -> Stopwatch:
        """Run on after a stop; the time in between does not count.

        What had no time left and was stopped at that instant has none left now.
        """
        if self.phase is not Phase.STOPPED:
            return self
        running = self._enter(Phase.RUNNING, at)
        in_time = self.exhausted_at is not None and self.exhausted_at >= self.since
        due = running.since if in_time else self.exhausted_at
        return replace(running, due_as_stopped=None, exhausted_at=due)

    def retarget(
        self,
        at: datetime,
        target: timedelta | None,
        calendar: WorkCalendar,
        mode: Rebase = Rebase.CARRY,
    ) -> Stopwatch:
        """Go on under another target or calendar; raises as ``start``, and StoppedError.

        One that leaves no time is due at ``at``, or stays due if it was. What is stopped is
        settled, so reopen first.
        """
        self._refuse_stopped("retarget")
        _refuse_unusable(target, calendar, at)
        if mode is Rebase.CARRY and (target, calendar) == (self.target, self.calendar):
            return self
        closed = _rebased(self._enter(self.phase, at), calendar, mode)
        overdue_since = self.due if self.breached(at) else closed.since
        return replace(
            closed,
            target=target,
            based_at=closed.since,
            based_on=closed.banked,
            exhausted_at=overdue_since if target is not None and target <= closed.banked else None,
        )

    @property
    def due(self) -> datetime | None:
        """When the target is used up; None while paused, unless that was before the pause.

        None, too, where the calendar turned out to hold too little time for it.
        """
        if self.phase is Phase.STOPPED:
            return self.due_as_stopped
        if self.target is None:
            return None
        return self.exhausted_at or self._reached(self.target)

    def elapsed(self, at: datetime) -> timedelta:
        """Give the working time counted against the target."""
        return self.banked + self._working_since(at, Phase.RUNNING)

    def remaining(self, at: datetime) -> timedelta | None:
        """Give the working time left, negative when overspent, None while nothing is promised."""
        return None if self.target is None else self.target - self.elapsed(at)

    def paused_working(self, at: datetime) -> timedelta:
        """Give the working time spent paused, also after a breach."""
        return self.banked_pauses + self._working_since(at, Phase.PAUSED)

    def breached(self, at: datetime) -> bool:
        """Tell whether the due time came before the stop, or ``at``; a stop exactly then is met."""
        return self.due is not None and self.due < self._settled(at)

    def late_by(self, at: datetime) -> timedelta:
        """Give the working time from the due time to the stop or ``at``, zero if not breached.

        A pause after the breach counts as late; time between a stop and its reopening does not.
        """
        due = self.due
        if due is None or not self.breached(at):
            return _NONE
        excused = (
            self.calendar.between(segment.start, segment.end)
            for segment in self.segments
            if segment.phase is Phase.STOPPED and due < segment.start
        )
        return self.calendar.between(due, self._settled(at)) - sum(excused, _NONE)

    def instant_at(self, offset: timedelta) -> datetime | None:
        """Give when a warning fires that is set ``offset`` of working time from the due time.

        Before it if negative. One that was already past when the target changed fires at the
        change, one that is past from the outset at the start. None while it is not going to
        happen: paused before it, or stopped before it.
        """
        if self.target is None:
            return None
        elapsed = self.target + offset
        return self.based_at if elapsed <= self.based_on else self._reached(elapsed)

    def instant_at_fraction(self, fraction: Fraction) -> datetime | None:
        """Give when ``fraction`` of the target is used up, as ``instant_at`` does.

        Rounded up to the microsecond, so that it is never announced too early.
        """
        if self.target is None:
            return None
        elapsed = ceil(self.target // _MICROSECOND * fraction) * _MICROSECOND
        return self.instant_at(elapsed - self.target)

    def segments_until(self, at: datetime) -> tuple[Segment, ...]:
        """Give every stretch from the start to ``at``, the present one included."""
        return (*self.segments, *self._present(at))

    def _reached(self, elapsed: timedelta) -> datetime | None:
        """Give when ``elapsed`` was or will be counted, under the present target and calendar.

        A stretch that ends exactly then has not reached it: what ends it, a pause or a stop,
        comes in time. None if the calendar holds no such time any more, as after a long pause.
        """
        missing = elapsed - self.based_on
        for segment in self._running_since_base():
            if missing <= segment.working:
                instant = self.calendar.add(segment.start, missing)
                if instant < segment.end:
                    return instant
            missing -= segment.working
        if self.phase is not Phase.RUNNING:
            return None
        try:
            return self.calendar.add(self.since, missing)
        except UnreachableError:
            return None

    def _running_since_base(self) -> Iterator[Segment]:
        for segment in self.segments:
            if segment.phase is Phase.RUNNING and segment.start >= self.based_at:
                yield segment

    def _enter(self, phase: Phase, at: datetime) -> Stopwatch:
        present = self._present(at)
        worked = present[0].working if present else _NONE
        return replace(
            self,
            phase=phase,
            since=from_micros(to_micros(at)),
            banked=self.banked + (worked if self.phase is Phase.RUNNING else _NONE),
            banked_pauses=self.banked_pauses + (worked if self.phase is Phase.PAUSED else _NONE),
            segments=(*self.segments, *present),
        )

    def _present(self, at: datetime) -> tuple[Segment, ...]:
        working = self._working_since(at, self.phase)
        end = from_micros(to_micros(at))
        return (Segment(self.phase, self.since, end, working),) if self.since < end else ()

    def _working_since(self, at: datetime, phase: Phase) -> timedelta:
        self._refuse_earlier(at)
        return self.calendar.between(self.since, at) if self.phase is phase else _NONE

    def _settled(self, at: datetime) -> datetime:
        self._refuse_earlier(at)
        return self.since if self.phase is Phase.STOPPED else at

    def _refuse_earlier(self, at: datetime) -> None:
        if to_micros(at) < to_micros(self.since):
            raise OutOfOrderError(
                f"{at.isoformat()} is before {self.since.isoformat()}, when the stopwatch last "
                "changed: fold the events in time order, and only up to the moment asked about."
            )

    def _refuse_stopped(self, verb: str) -> None:
        if self.phase is Phase.STOPPED:
            raise StoppedError(f"A stopped stopwatch cannot {verb}: reopen it first.")


def _rebased(stopwatch: Stopwatch, calendar: WorkCalendar, mode: Rebase) -> Stopwatch:
    if mode is not Rebase.RETROACTIVE:
        banked = stopwatch.banked if mode is Rebase.CARRY else _NONE
        return replace(stopwatch, calendar=calendar, banked=banked)
    measured = tuple(
        replace(segment, working=calendar.between(segment.start, segment.end))
        for segment in stopwatch.segments
    )
    return replace(
        stopwatch,
        calendar=calendar,
        segments=measured,
        banked=_working(measured, Phase.RUNNING),
        banked_pauses=_working(measured, Phase.PAUSED),
    )


def _working(segments: tuple[Segment, ...], phase: Phase) -> timedelta:
    return sum((segment.working for segment in segments if segment.phase is phase), _NONE)


def _refuse_unusable(target: timedelta | None, calendar: WorkCalendar, at: datetime) -> None:
    if target is None:
        return
    if target < _NONE:
        raise OutOfRangeError(f"A target cannot be negative, as {target} is.")
    calendar.add(at, target)
