"""What must have become of incidents, computed apart from the product.

Plain arithmetic around the clock, from what was asked and accepted and from when the answers say
it happened. Nothing of this is shared with the service that measures service levels.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from deskstream_platform.demo.translation import Act, Deed

_NONE = timedelta()
_OPEN: Final = frozenset({"new", "in_progress", "on_hold"})

# In which states each deed is possible, and to which it leads, if to another.
_FROM: Final[Mapping[Deed, AbstractSet[str]]] = {
    Deed.LOG: frozenset({""}),
    Deed.PRIORITISE: _OPEN,
    Deed.ASSIGN: _OPEN,
    Deed.START: frozenset({"new"}),
    Deed.HOLD: _OPEN,
    Deed.RESUME: frozenset({"on_hold"}),
    Deed.RESOLVE: _OPEN,
    Deed.REOPEN: frozenset({"resolved", "closed"}),
    Deed.CLOSE: frozenset({"resolved"}),
}
_TO: Final[Mapping[Deed, str]] = {
    Deed.LOG: "new",
    Deed.START: "in_progress",
    Deed.HOLD: "on_hold",
    Deed.RESUME: "in_progress",
    Deed.RESOLVE: "resolved",
    Deed.REOPEN: "in_progress",
    Deed.CLOSE: "closed",
}


@dataclass(frozen=True)
class Promise:
    """Seconds by priority, the hold reasons that stop the clock, and when to warn."""

    seconds: Mapping[int, int]
    pauses_on: AbstractSet[str]
    warn_at: Decimal


@dataclass(frozen=True, slots=True)
class Fact:
    """An act that was accepted, and when it happened."""

    act: Act
    at: datetime


class Phase(StrEnum):
    """What a clock is doing."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINAL = "final"


@dataclass
class Reckoned:
    """An incident and its clock, as they must be at a moment."""

    promise: Promise
    status: str = ""
    priority: int = 0
    phase: Phase = Phase.RUNNING
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    _used: timedelta = field(default=_NONE, repr=False)
    _since: datetime | None = field(default=None, repr=False)

    def take(self, fact: Fact) -> None:
        """Let an act happen."""
        self.pass_time(fact.at)
        self._since = fact.at
        self.priority = fact.act.priority or self.priority
        self.status = _TO.get(fact.act.deed, self.status)
        self.phase = self._phase_after(fact.act)
        if fact.act.deed is Deed.PRIORITISE:
            self._find_used_up(fact.at)

    def pass_time(self, until: datetime) -> None:
        """Let time pass. What happens exactly when a mark is reached comes in time."""
        if self._since is None or self.phase is not Phase.RUNNING:
            return
        if self.warned_at is None:
            self.warned_at = self._reached(self._warning, until)
        if self.breached_at is None:
            self.breached_at = self._reached(self._target, until)
        self._used += until - self._since
        self._since = until

    def _phase_after(self, act: Act) -> Phase:
        match act.deed:
            case Deed.PRIORITISE | Deed.ASSIGN:
                return self.phase
            case Deed.HOLD if (act.body or {})["reason"] in self.promise.pauses_on:
                return Phase.PAUSED
            case Deed.RESOLVE:
                return Phase.STOPPED
            case Deed.CLOSE:
                return Phase.FINAL
            case _:
                return Phase.RUNNING

    def _find_used_up(self, at: datetime) -> None:
        """A new priority may leave no time at all."""
        if self.warned_at is None and self._used >= self._warning:
            self.warned_at = at
        if self.breached_at is None and self._used >= self._target:
            self.breached_at = at

    def _reached(self, mark: timedelta, until: datetime) -> datetime | None:
        if self._since is None:
            return None
        at = self._since + (mark - self._used)
        return at if self._since <= at < until else None

    @property
    def _target(self) -> timedelta:
        return timedelta(seconds=self.promise.seconds[self.priority])

    @property
    def _warning(self) -> timedelta:
        share = Fraction(self.promise.warn_at)
        return self._target * share.numerator / share.denominator


def reckon(facts: Iterable[Fact], promise: Promise, now: datetime) -> Reckoned:
    """How an incident must stand now, after these facts about it, in order."""
    reckoned = Reckoned(promise)
    for fact in facts:
        reckoned.take(fact)
    reckoned.pass_time(now)
    return reckoned


def impossible(acts: Iterable[Act]) -> list[Act]:
    """Those acts on an incident, in order, that the process must refuse."""
    status, refused = "", []
    for act in acts:
        if status in _FROM[act.deed]:
            status = _TO.get(act.deed, status)
        else:
            refused.append(act)
    return refused
