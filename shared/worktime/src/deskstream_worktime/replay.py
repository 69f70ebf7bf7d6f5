"""A ticket's events replayed onto the stopwatch of one of its targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deskstream_worktime.stopwatch import Phase, Stopwatch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from deskstream_worktime.calendar import WorkCalendar
    from deskstream_worktime.cases import EventForm, Targets

_STOPPED_BY = {
    "first_response": frozenset({"responded"}),
    "resolution": frozenset({"resolved", "closed"}),
}
_ENDED_STATES = frozenset(
    {"resolved", "solved", "closed", "cancelled", "canceled", "converted", "merged"}
)


class Replay:
    """The stopwatch of one target, and what is in force around it.

    The clock starts at ``start`` under what earlier events left in force. While no policy sets
    the target its time counts on, so that a policy which brings it in or back carries it.
    """

    def __init__(
        self, name: str, start: datetime, calendar: WorkCalendar, targets: Targets
    ) -> None:
        """Prepare to replay for the target ``name`` whose clock starts at ``start``."""
        self.stopwatch: Stopwatch | None = None
        """The clock after the last event replayed; None before its start."""
        self._name = name
        self._start = start
        self._calendar = calendar
        self._targets = targets
        self._paused = False
        self._breach_recorded = False

    def run(self, events: Sequence[EventForm], until: datetime) -> None:
        """Replay what happened up to and including ``until``; ``events`` are in time order."""
        for event in events:
            if event.at < self._start:
                self._take_over(event)
        if until < self._start:
            return
        stopwatch = Stopwatch.start(self._calendar, self._target, self._start)
        self.stopwatch = self._paused_as_told(stopwatch, self._start)
        for event in events:
            if self._start <= event.at <= until:
                self.stopwatch = self._after(event, self.stopwatch)

    def breached(self, at: datetime) -> bool:
        """Tell whether a breach stands: of the target in force, or of one replaced since."""
        breached_now = self.stopwatch is not None and self.stopwatch.breached(at)
        return self._breach_recorded or breached_now

    @property
    def _target(self) -> timedelta | None:
        return self._targets[self._name].seconds if self._name in self._targets else None

    @property
    def _pausable(self) -> bool:
        return self._name not in self._targets or self._targets[self._name].pausable

    def _take_over(self, event: EventForm) -> None:
        if event.pause is not None:
            self._paused = event.pause
        if event.type == "policy" and event.targets is not None:
            self._targets = event.targets
        if event.type == "calendar" and event.calendar is not None:
            self._calendar = event.calendar.calendar()

    def _after(self, event: EventForm, stopwatch: Stopwatch) -> Stopwatch:
        self._breach_recorded = self.breached(event.at)
        self._take_over(event)
        if event.type in _STOPPED_BY.get(self._name, ()):
            return stopwatch.stop(event.at)
        if event.type == "state" and event.to and event.to.casefold() not in _ENDED_STATES:
            stopwatch = stopwatch.reopen(event.at)
        if stopwatch.phase is Phase.STOPPED:
            return stopwatch
        stopwatch = stopwatch.retarget(event.at, self._target, self._calendar)
        return self._paused_as_told(stopwatch, event.at)

    def _paused_as_told(self, stopwatch: Stopwatch, at: datetime) -> Stopwatch:
        paused = self._paused and self._pausable
        return stopwatch.pause(at) if paused else stopwatch.resume(at)
