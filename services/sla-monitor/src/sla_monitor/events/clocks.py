"""What can happen to one clock of a ticket.

Every fact that moves a clock says in `due_at` when it is due from then on (absent while that
cannot be said), and in `warnings` which are to come and when.
"""

from datetime import datetime

from pydantic import AwareDatetime

from deskstream.decider import Fact
from deskstream_worktime.stopwatch import Rebase
from sla_monitor.terms import (
    Candidate,
    Fraction,
    Move,
    Phase,
    Promise,
    Reference,
    Seconds,
    Target,
    Text,
    Ticket,
    Value,
)


class WarningAhead(Value):
    """A warning to come.

    Attributes:
        fraction: of the target that will be used.
        before: seconds of working time that will be left, if the agreement says it so.
        at: when that will be.
    """

    fraction: Fraction
    before: Seconds | None = None
    at: AwareDatetime


class ClockFact(Fact):
    """A fact about one clock: the ticket's stream, the target and its cycle."""

    ticket: str
    target: Target
    cycle: int = 1

    @property
    def name(self) -> str:
        """The target, as people say it."""
        return self.target.replace("_", " ")

    @property
    def heading(self) -> str:
        """The target, at the beginning of a sentence."""
        return self.name.capitalize()


class Moved(ClockFact):
    """A clock took another course.

    Attributes:
        cause: id of the event that moved it.
        promise: that counts from here on.
        tzdata: edition of the time zone rules by which `due_at` was reckoned.
    """

    cause: str
    promise: Promise
    due_at: AwareDatetime | None = None
    warnings: tuple[WarningAhead, ...] = ()
    tzdata: str | None = None


class ClockStarted(Moved, stored="clock.started.v1"):
    """A promise was made for a ticket, and its time began to run.

    Attributes:
        candidates: every agreement that could have been chosen, and why the others lost.
    """

    subject: Ticket
    candidates: tuple[Candidate, ...] = ()

    def in_words(self) -> str:
        """As the history tells it."""
        return (
            f"The clock for {self.name} of {self.subject.number} started:"
            f" {self.promise.seconds} s of working time, due {when(self.due_at)}."
        )


class ClockPaused(Moved, stored="clock.paused.v1"):
    """The time stands still."""

    reason: Reference

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.heading} paused: {self.reason.replace('_', ' ')}."


class ClockResumed(Moved, stored="clock.resumed.v1"):
    """The time runs on."""

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.heading} runs on, due {when(self.due_at)}."


class ClockRetargeted(Moved, stored="clock.retargeted.v1"):
    """Another promise counts from here on.

    Attributes:
        rebase: what became of the time that was used.
        candidates: every agreement that could have been chosen, and why the others lost.
    """

    priority: int
    rebase: Rebase = Rebase.CARRY
    candidates: tuple[Candidate, ...] = ()

    def in_words(self) -> str:
        """As the history tells it."""
        return (
            f"{self.heading} now has {self.promise.seconds} s ({self.rebase}),"
            f" due {when(self.due_at)}."
        )


class ClockRefolded(Moved, stored="clock.refolded.v1"):
    """A policy became known that held before: this is the clock's course under it.

    Attributes:
        cause: id of the policy's event.
        first_promise: that counted from `started_at`.
        moves: every turn since, with the event that caused it.
        elapsed_seconds: of a clock that is stopped.
    """

    because: str
    first_promise: Promise
    started_at: AwareDatetime
    started_by: str
    moves: tuple[Move, ...]
    phase: Phase
    elapsed_seconds: float | None = None
    candidates: tuple[Candidate, ...] = ()

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.heading} was reckoned again, because {self.because}: {when(self.due_at)}."


class ClockStopped(Moved, stored="clock.stopped.v1"):
    """What was promised was done."""

    elapsed_seconds: float

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.heading} stopped after {self.elapsed_seconds:g} s of working time."


class ClockReopened(Moved, stored="clock.reopened.v1"):
    """It turned out not to be done; the time in between does not count."""

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.heading} goes on, due {when(self.due_at)}."


class ClockFinalised(ClockFact, stored="clock.finalised.v1"):
    """The outcome will not change any more."""

    cause: str
    met: bool
    elapsed_seconds: float

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.heading} is final: {'met' if self.met else 'breached'}."


class OutcomeCorrected(ClockFact, stored="clock.outcome_corrected.v1"):
    """The outcome that is final would be another by what is known now. It stands, and so does this.

    Attributes:
        met: what the outcome would be.
    """

    cause: str
    because: str
    met: bool

    def in_words(self) -> str:
        """As the history tells it."""
        outcome = "met" if self.met else "breached"
        return f"{self.heading} would have been {outcome}, because {self.because}."


class ClockCancelled(ClockFact, stored="clock.cancelled.v1"):
    """There is nothing to be done any more; it counts neither as met nor as breached."""

    cause: str
    reason: Text

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.heading} cancelled: {self.reason}"


class ClockWarned(ClockFact, stored="clock.warned.v1"):
    """This fraction of the time is used. Paused since then, it is due at no time yet."""

    fraction: Fraction
    before: Seconds | None = None
    due_at: AwareDatetime | None = None
    warnings: tuple[WarningAhead, ...] = ()

    def in_words(self) -> str:
        """As the history tells it."""
        if self.before is not None:
            return f"{self.before} s are left for {self.name}."
        return f"{self.fraction:.0%} of the time for {self.name} is used."


class BreachSuspected(ClockFact, stored="clock.breach_suspected.v1"):
    """The due time is past, and the ticket's service is silent: nobody can tell yet."""

    due_at: AwareDatetime
    detected_at: AwareDatetime

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.heading} is past its due time; its service is silent."


class SuspicionCleared(ClockFact, stored="clock.suspicion_cleared.v1"):
    """What arrived since shows that the target was not missed."""

    cause: str

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.heading} was not missed after all."


class ClockBreached(ClockFact, stored="clock.breached.v1"):
    """The target was missed."""

    due_at: AwareDatetime
    detected_at: AwareDatetime
    late_by_seconds: float

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.heading} was missed; seen {self.late_by_seconds:.3f} s after it was due."


class BreachCorrected(ClockFact, stored="clock.breach_corrected.v1"):
    """What was told afterwards shows that the target was not missed."""

    cause: str
    was_due_at: AwareDatetime

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.heading} was not missed: it was told afterwards."


def when(moment: datetime | None) -> str:
    """A due time, as people read it."""
    return "at no time yet" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S.%f}"[:-3] + " UTC"
