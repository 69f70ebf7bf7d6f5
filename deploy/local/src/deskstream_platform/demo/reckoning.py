"""What must have become of incidents, computed apart from the product.

Plain arithmetic around the clock, from the steps that were told and accepted. Nothing of this is
shared with the services.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from deskstream_platform.replay.steps import Kind, Step

_NONE: Final = timedelta()
_AWAITS_CALLER: Final = "awaiting_caller"
_ENDED: Final = frozenset({"resolved", "closed"})
_LEADS_TO: Final[Mapping[Kind, str]] = {
    Kind.START: "in_progress",
    Kind.HOLD: "on_hold",
    Kind.RESUME: "in_progress",
    Kind.RESOLVE: "resolved",
    Kind.REOPEN: "in_progress",
    Kind.CLOSE: "closed",
}


@dataclass(frozen=True)
class Promise:
    """Seconds by priority, the hold reasons that stop the clock, and when to warn."""

    seconds: Mapping[int, int]
    pauses_on: AbstractSet[str]
    warn_at: Decimal

    def target(self, priority: int) -> timedelta:
        """What is promised for a priority."""
        return timedelta(seconds=self.seconds[priority])

    def warning(self, priority: int) -> timedelta:
        """After how much of it there is a warning."""
        share = Fraction(self.warn_at)
        return self.target(priority) * share.numerator / share.denominator


class Phase(StrEnum):
    """What a clock is doing."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINAL = "final"


_OVER: Final = frozenset({Phase.STOPPED, Phase.FINAL})


@dataclass
class Mark:
    """A warning or a target: so much time, and when it was used up."""

    after: timedelta
    spent_at: datetime | None = None
    reached_at: datetime | None = None

    def pass_time(self, runs_out_at: datetime | None, until: datetime) -> None:
        """Reach it, unless something happens before, or just then."""
        at = self.spent_at or runs_out_at
        if self.reached_at is None and at is not None and at < until:
            self.reached_at = at


@dataclass
class Clock:
    """Time against a promise, from when it was made."""

    promise: Promise
    priority: int
    since: datetime
    phase: Phase = Phase.RUNNING
    used: timedelta = _NONE
    warning: Mark = field(init=False)
    target: Mark = field(init=False)

    def __post_init__(self) -> None:
        """Set its marks."""
        self.warning = Mark(self.promise.warning(self.priority))
        self.target = Mark(self.promise.target(self.priority))

    def pass_time(self, until: datetime) -> None:
        """Let time pass."""
        if self.phase in _OVER:
            return
        runs = self.phase is Phase.RUNNING
        for mark in (self.warning, self.target):
            mark.pass_time(self.since + (mark.after - self.used) if runs else None, until)
        self.used += until - self.since if runs else _NONE
        self.since = until

    def turn(self, phase: Phase, at: datetime) -> None:
        """Run, pause or stop from a moment on."""
        self.pass_time(at)
        self.phase, self.since = phase, at

    def retarget(self, priority: int, at: datetime) -> None:
        """Another promise, less the time used; what that leaves no time for is reached then."""
        if priority == self.priority or self.phase in _OVER:
            return
        self.pass_time(at)
        self.priority = priority
        self.warning.after = self.promise.warning(priority)
        self.target.after = self.promise.target(priority)
        for mark in (self.warning, self.target):
            mark.spent_at = at if mark.after <= self.used else None


@dataclass
class Reckoned:
    """An incident as it must be.

    Args:
        waited: for the caller.
    """

    promise: Promise
    status: str
    priority: int
    group: str | None
    opened_at: datetime
    resolved_at: datetime | None = None
    waited: timedelta = _NONE
    reopenings: int = 0
    cycles: list[Clock] = field(default_factory=list)
    _awaited_since: datetime | None = None

    def take(self, step: Step) -> None:
        """Let a step happen."""
        match step.kind:
            case Kind.PRIORITISE:
                self.priority = step.fields["priority"]
                self.cycles[-1].retarget(self.priority, step.at)
            case Kind.ASSIGN:
                self.group = step.fields.get("group")
            case Kind.CLASSIFY | Kind.LINK | Kind.UNLINK:
                pass  # it has another place in the world, and the same time
            case _:
                self.reopenings += step.kind is Kind.REOPEN
                if step.kind is Kind.REOPEN and self.status == "closed":
                    self.cycles.append(Clock(self.promise, self.priority, step.at))
                self.enter(_LEADS_TO[step.kind], step.at, step.fields)

    def enter(self, status: str, at: datetime, hold: Mapping[str, Any]) -> None:
        """Be in this state from then on."""
        if status in _ENDED and self.status not in _ENDED:
            self.resolved_at = at
        self._wait(at, awaited=hold.get("reason") == _AWAITS_CALLER)
        self.status = status
        self.cycles[-1].turn(self._phase(hold), at)

    def pass_time(self, until: datetime) -> None:
        """Let time pass until then."""
        self._wait(until, awaited=self._awaited_since is not None)
        for clock in self.cycles:
            clock.pass_time(until)

    def _wait(self, at: datetime, *, awaited: bool) -> None:
        if self._awaited_since is not None:
            self.waited += at - self._awaited_since
        self._awaited_since = at if awaited else None

    def _phase(self, hold: Mapping[str, Any]) -> Phase:
        if self.status in _ENDED:
            return Phase.FINAL if self.status == "closed" else Phase.STOPPED
        return Phase.PAUSED if hold.get("reason") in self.promise.pauses_on else Phase.RUNNING


def reckon(steps: Iterable[Step], promise: Promise, until: datetime) -> dict[str, Reckoned]:
    """How each incident must stand, by its number, after these steps in their order."""
    lives: dict[str, Reckoned] = {}
    for step in steps:
        if step.ticket in lives:
            lives[step.ticket].take(step)
        else:
            lives[step.ticket] = _begun(step, promise)
    for life in lives.values():
        life.pass_time(until)
    return lives


def _begun(step: Step, promise: Promise) -> Reckoned:
    told = step.fields
    opened_at, priority = told.get("opened_at", step.at), told["priority"]
    clock = Clock(promise, priority, opened_at)
    begun = Reckoned(promise, "new", priority, told.get("group"), opened_at, cycles=[clock])
    begun.enter(told.get("state", "new"), step.at, told.get("hold", {}))
    return begun
