"""Whether a promise to resolve was kept, and the working time that it took."""

from collections.abc import Mapping
from typing import Any

from working_hours import WorkingHours

RUNNING, PAUSED, STOPPED = "running", "paused", "stopped"


class Agreement:
    """Plain data: `calendar`, `seconds` by priority, and the states that pause."""

    def __init__(self, plain: Mapping[str, Any]) -> None:
        self.calendar = WorkingHours(plain["calendar"])
        self.seconds = {int(priority): own for priority, own in plain["seconds"].items()}
        self.pauses_on = frozenset(plain["pauses_on"])


class Clock:
    """Working time used against what is promised for a priority.

    It misses its target if the moment at which the target is used up lies before whatever
    happens next: a pause or an end exactly then comes in time.
    """

    def __init__(self, agreement: Agreement, priority: int, opened: int) -> None:
        self._agreement = agreement
        self._target = agreement.seconds[priority]
        self._since = opened
        self._left_no_time_at: int | None = None
        self.phase = RUNNING
        self.used = 0
        self.breached = False

    def turn(self, phase: str, at: int) -> None:
        """Pause, run or stop from a moment on; to stay as it is is no turn."""
        if phase != self.phase:
            self.pass_until(at)
            self.phase = phase

    def retarget(self, priority: int, at: int) -> None:
        """Another target, less the time used; one that leaves none is missed from then on."""
        target = self._agreement.seconds[priority]
        if self.phase == STOPPED or target == self._target:
            return
        self.pass_until(at)
        self._target = target
        self._left_no_time_at = at if target <= self.used else None

    def pass_until(self, at: int) -> None:
        """Let time pass."""
        if self.phase != STOPPED and self._is_missed_before(at):
            self.breached = True
        if self.phase == RUNNING:
            self.used += self._agreement.calendar.between(self._since, at)
        self._since = at

    def _is_missed_before(self, at: int) -> bool:
        if self._left_no_time_at is not None:
            return self._left_no_time_at < at
        if self.phase != RUNNING:
            return False
        left = self._target - self.used
        return self._agreement.calendar.reach(self._since, left, before=at) is not None
