"""The clocks of one ticket, as their events leave them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from deskstream_worktime.stopwatch import Rebase
from sla_monitor.events import WarningAhead
from sla_monitor.terms import (
    UNDER_WAY,
    Candidate,
    Fraction,
    Move,
    Phase,
    Promise,
    Seconds,
    Standing,
    Target,
    Ticket,
)

WarningKey = tuple[Fraction | None, Seconds | None]


def warning_key(fraction: Fraction, before: Seconds | None) -> WarningKey:
    """By which a warning is given once: its fraction, or its offset where it has one."""
    return (fraction, None) if before is None else (None, before)


@dataclass(frozen=True, slots=True)
class Clock:
    """One cycle of one target of the ticket with this stream.

    Attributes:
        chosen_at: when its present promise was chosen.
        ended_at: when it became final or was cancelled.
        met: the outcome, once it is final.
        would_be_met: what the outcome would be by what became known after that.
    """

    ticket: str
    target: Target
    cycle: int
    first_promise: Promise
    started_at: datetime
    started_by: str
    promise: Promise
    chosen_at: datetime
    candidates: tuple[Candidate, ...] = ()
    phase: Phase = Phase.RUNNING
    moves: tuple[Move, ...] = ()
    due_at: datetime | None = None
    warnings: tuple[WarningAhead, ...] = ()
    warned: frozenset[WarningKey] = frozenset()
    suspected: bool = False
    breached_at: datetime | None = None
    ended_at: datetime | None = None
    met: bool | None = None
    would_be_met: bool | None = None

    @property
    def open(self) -> bool:
        """Whether its time can still run."""
        return self.phase in {Phase.RUNNING, Phase.PAUSED}

    @property
    def settled(self) -> bool:
        """Whether nothing more can become of it."""
        return self.phase in {Phase.FINAL, Phase.CANCELLED}

    @property
    def last_moved_at(self) -> datetime:
        """When its course last turned."""
        return self.moves[-1].at if self.moves else self.started_at

    def as_at(self, moment: datetime) -> "Clock | None":
        """As it truly was at a moment, by all that was ever told; None before its start."""
        if moment < self.started_at:
            return None
        moves = tuple(move for move in self.moves if move.at <= moment)
        ended = self.ended_at is not None and self.ended_at <= moment
        breached = self.breached_at is not None and self.breached_at <= moment
        promises = [move.promise for move in moves if move.promise is not None]
        turned = moves[-1].to if moves else Phase.RUNNING
        return replace(
            self,
            moves=moves,
            phase=self.phase if ended else turned,
            promise=promises[-1] if promises else self.first_promise,
            breached_at=self.breached_at if breached else None,
            ended_at=self.ended_at if ended else None,
            met=self.met if ended else None,
        )

    @property
    def course(self) -> tuple[object, ...]:
        """What its due time follows from."""
        return self.started_at, self.first_promise, self.moves


@dataclass(frozen=True, slots=True)
class Order:
    """Somebody ordered that the policies of this moment be applied to the open ticket."""

    at: datetime
    cause: str
    policy: str
    rebase: Rebase | None


@dataclass(frozen=True, slots=True)
class Clocks:
    """All clocks of a ticket. `subject` is None before the first fact.

    Attributes:
        clocks: the present cycle of each target.
        former: cycles that others followed.
        chosen_at: when it was last decided what is promised.
        uncovered: why nothing is promised, if that is so.
        waits_for: the reason of the hold, if it stands.
        answered: whether the customer has ever been answered.
        orders: by which policies were applied afterwards.
    """

    subject: Ticket | None = None
    clocks: Mapping[Target, Clock] = field(default_factory=dict)
    former: tuple[Clock, ...] = ()
    opened_at: datetime | None = None
    chosen_at: datetime | None = None
    uncovered: str | None = None
    standing: Standing = Standing.WORKING
    waits_for: str | None = None
    supplier: str | None = None
    answered: bool = False
    orders: tuple[Order, ...] = ()

    @property
    def under_way(self) -> bool:
        """Whether somebody still has to do something for the ticket."""
        return self.standing in UNDER_WAY

    def with_clock(self, clock: Clock) -> "Clocks":
        """The same with this clock, in the place of the former one of its target."""
        before = self.clocks.get(clock.target)
        past = (before,) if before is not None and before.cycle < clock.cycle else ()
        clocks = {**self.clocks, clock.target: clock}
        return replace(self, clocks=clocks, former=(*self.former, *past))

    def all_cycles(self) -> tuple[Clock, ...]:
        """Every clock that ever ran for the ticket, by its start."""
        known = (*self.former, *self.clocks.values())
        return tuple(sorted(known, key=lambda clock: (clock.started_at, clock.target)))
