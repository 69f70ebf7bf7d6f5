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


class ClockStarted(Moved):
    """A promise was made for a ticket, and its time began to run."""

    subject: Ticket


class ClockPaused(Moved):
    """The time stands still."""

    reason: Reference


class ClockResumed(Moved):
    """The time runs on."""


class ClockRetargeted(Moved):
    """Another promise counts from here on."""

    priority: int


class ClockStopped(Moved):
    """What was promised was done."""

    elapsed_seconds: float


class ClockReopened(Moved):
    """It turned out not to be done; the time in between does not count."""


class ClockFinalised(ClockFact):
    """The outcome will not change any more."""

    cause: str
    met: bool
    elapsed_seconds: float


class ClockCancelled(ClockFact):
    """There is nothing to be done any more; it counts neither as met nor as breached."""

    cause: str
    reason: Text


class ClockWarned(ClockFact):
    """This fraction of the time is used. Paused since then, it is due at no time yet."""

    fraction: Fraction
    due_at: AwareDatetime | None = None
    warnings: tuple[WarningAhead, ...] = ()


class BreachSuspected(ClockFact):
    """The due time is past, and the ticket's service is silent: nobody can tell yet."""

    due_at: AwareDatetime
    detected_at: AwareDatetime


class SuspicionCleared(ClockFact):
    """What arrived since shows that the target was not missed."""

    cause: str


class ClockBreached(ClockFact):
    """The target was missed."""

    due_at: AwareDatetime
    detected_at: AwareDatetime
    late_by_seconds: float


class BreachCorrected(ClockFact):
    """What was told afterwards shows that the target was not missed."""

    cause: str
    was_due_at: AwareDatetime


class TicketUncovered(Fact):
    """No agreement promises anything for the ticket."""

    subject: Ticket
    cause: str
    because: str


class TicketHandedOver(Fact):
    """Another group holds the ticket."""

    ticket: str
    group: Reference
    cause: str


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

CODEC: Codec[ClockEvent] = Codec(
    {
        "clock.started.v1": ClockStarted,
        "clock.paused.v1": ClockPaused,
        "clock.resumed.v1": ClockResumed,
        "clock.retargeted.v1": ClockRetargeted,
        "clock.stopped.v1": ClockStopped,
        "clock.reopened.v1": ClockReopened,
        "clock.finalised.v1": ClockFinalised,
        "clock.cancelled.v1": ClockCancelled,
        "clock.warned.v1": ClockWarned,
        "clock.breach_suspected.v1": BreachSuspected,
        "clock.suspicion_cleared.v1": SuspicionCleared,
        "clock.breached.v1": ClockBreached,
        "clock.breach_corrected.v1": BreachCorrected,
        "clock.ticket_uncovered.v1": TicketUncovered,
        "clock.ticket_handed_over.v1": TicketHandedOver,
    }
)


def describe(event: ClockEvent) -> str:  # noqa: C901, PLR0911, PLR0912  one sentence for each fact
    """The event in plain words."""
    match event:
        case ClockStarted(subject=ticket, promise=promise):
            return (
                f"The clock for {_name(event)} of {ticket.number} started:"
                f" {promise.seconds} s of working time, due {_when(event.due_at)}."
            )
        case ClockPaused(reason=reason):
            return f"{_name(event).capitalize()} paused: {reason.replace('_', ' ')}."
        case ClockResumed():
            return f"{_name(event).capitalize()} runs on, due {_when(event.due_at)}."
        case ClockRetargeted(promise=promise):
            return (
                f"{_name(event).capitalize()} now has {promise.seconds} s,"
                f" due {_when(event.due_at)}."
            )
        case ClockStopped(elapsed_seconds=elapsed):
            return f"{_name(event).capitalize()} stopped after {elapsed:g} s of working time."
        case ClockReopened():
            return f"{_name(event).capitalize()} goes on, due {_when(event.due_at)}."
        case ClockFinalised(met=met):
            return f"{_name(event).capitalize()} is final: {'met' if met else 'breached'}."
        case ClockCancelled(reason=reason):
            return f"{_name(event).capitalize()} cancelled: {reason}"
        case ClockWarned(fraction=fraction):
            return f"{fraction:.0%} of the time for {_name(event)} is used."
        case BreachSuspected():
            return f"{_name(event).capitalize()} is past its due time; its service is silent."
        case SuspicionCleared():
            return f"{_name(event).capitalize()} was not missed after all."
        case ClockBreached(late_by_seconds=late):
            return f"{_name(event).capitalize()} was missed; seen {late:.3f} s after it was due."
        case BreachCorrected():
            return f"{_name(event).capitalize()} was not missed: it was told afterwards."
        case TicketUncovered(because=because):
            return f"Nothing is promised: {because}"
        case TicketHandedOver(group=group):
            return f"{group} holds the ticket."


def _name(event: ClockFact) -> str:
    return event.target.replace("_", " ")


def _when(moment: datetime | None) -> str:
    return "at no time yet" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S.%f}"[:-3] + " UTC"
