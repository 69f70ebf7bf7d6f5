"""What can happen to the clocks of a ticket.

Every fact that moves a clock says in `due_at` when it is due from then on (absent while that
cannot be said), and in `warnings` which are to come and when.
"""

from datetime import datetime
from typing import TypeAlias

from pydantic import AwareDatetime

from deskstream.codec import Codec
from deskstream.decider import Fact
from sla_monitor.terms import Fraction, Promise, Reference, Target, Text, Ticket, Value


class WarningAhead(Value):
    """A warning to come: the fraction of the target, and when it is reached."""

    fraction: Fraction
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
        cause: id of the event of the ticket that moved it.
        promise: that counts from here on.
    """

    cause: str
    promise: Promise
    due_at: AwareDatetime | None = None
    warnings: tuple[WarningAhead, ...] = ()


class ClockStarted(Moved, stored="clock.started.v1"):
    """A promise was made for a ticket, and its time began to run."""

    subject: Ticket

    def in_words(self) -> str:
        """As the history tells it."""
        return (
            f"The clock for {self.name} of {self.subject.number} started:"
            f" {self.promise.seconds} s of working time, due {_when(self.due_at)}."
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
        return f"{self.heading} runs on, due {_when(self.due_at)}."


class ClockRetargeted(Moved, stored="clock.retargeted.v1"):
    """Another promise counts from here on."""

    priority: int

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.heading} now has {self.promise.seconds} s, due {_when(self.due_at)}."


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
        return f"{self.heading} goes on, due {_when(self.due_at)}."


class ClockFinalised(ClockFact, stored="clock.finalised.v1"):
    """The outcome will not change any more."""

    cause: str
    met: bool
    elapsed_seconds: float

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.heading} is final: {'met' if self.met else 'breached'}."


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
    due_at: AwareDatetime | None = None
    warnings: tuple[WarningAhead, ...] = ()

    def in_words(self) -> str:
        """As the history tells it."""
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


class TicketUncovered(Fact, stored="clock.ticket_uncovered.v1"):
    """No agreement promises anything for the ticket."""

    subject: Ticket
    cause: str
    because: str

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Nothing is promised: {self.because}"


class TicketHandedOver(Fact, stored="clock.ticket_handed_over.v1"):
    """Another group holds the ticket."""

    ticket: str
    group: Reference
    cause: str

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.group} holds the ticket."


ClockEvent: TypeAlias = (
    ClockStarted
    | ClockPaused
    | ClockResumed
    | ClockRetargeted
    | ClockStopped
    | ClockReopened
    | ClockFinalised
    | ClockCancelled
    | ClockWarned
    | BreachSuspected
    | SuspicionCleared
    | ClockBreached
    | BreachCorrected
    | TicketUncovered
    | TicketHandedOver
)

CODEC: Codec[ClockEvent] = Codec.of(ClockEvent)


def _when(moment: datetime | None) -> str:
    return "at no time yet" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S.%f}"[:-3] + " UTC"
