"""What can happen to the clocks of a ticket."""

from typing import Final, TypeAlias

from deskstream.codec import Codec
from sla_monitor.events.clocks import (
    BreachCorrected,
    BreachSuspected,
    ClockBreached,
    ClockCancelled,
    ClockFact,
    ClockFinalised,
    ClockPaused,
    ClockRefolded,
    ClockReopened,
    ClockResumed,
    ClockRetargeted,
    ClockStarted,
    ClockStopped,
    ClockWarned,
    Moved,
    OutcomeCorrected,
    SuspicionCleared,
    WarningAhead,
)
from sla_monitor.events.tickets import (
    TicketAnswered,
    TicketHandedOver,
    TicketReconsidered,
    TicketTurned,
    TicketUncovered,
)

__all__ = [
    "CODEC",
    "BreachCorrected",
    "BreachSuspected",
    "ClockBreached",
    "ClockCancelled",
    "ClockEvent",
    "ClockFact",
    "ClockFinalised",
    "ClockPaused",
    "ClockRefolded",
    "ClockReopened",
    "ClockResumed",
    "ClockRetargeted",
    "ClockStarted",
    "ClockStopped",
    "ClockWarned",
    "Moved",
    "OutcomeCorrected",
    "SuspicionCleared",
    "TicketAnswered",
    "TicketHandedOver",
    "TicketReconsidered",
    "TicketTurned",
    "TicketUncovered",
    "WarningAhead",
]

ClockEvent: TypeAlias = (
    ClockStarted
    | ClockPaused
    | ClockResumed
    | ClockRetargeted
    | ClockRefolded
    | ClockStopped
    | ClockReopened
    | ClockFinalised
    | OutcomeCorrected
    | ClockCancelled
    | ClockWarned
    | BreachSuspected
    | SuspicionCleared
    | ClockBreached
    | BreachCorrected
    | TicketUncovered
    | TicketHandedOver
    | TicketTurned
    | TicketAnswered
    | TicketReconsidered
)

CODEC: Final[Codec[ClockEvent]] = Codec.of(ClockEvent)
