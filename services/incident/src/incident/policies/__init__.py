"""What follows by itself: from other services' events, and when time has passed."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

from deskstream.decider import Intent
from deskstream.timer import ClearTimer, SetTimer, TimerChange
from incident.commands import IncidentCommand
from incident.commands.ending import CloseByItself
from incident.commands.family import NoteChildLeft, ResolveWithParent
from incident.commands.holding import RemindCaller, ReturnToQueue
from incident.commands.major import RemindOfMajorUpdate
from incident.commands.overriding import ExpireOverride
from incident.commands.service_levels import (
    Escalating,
    NoteBreachCorrection,
    NoteServiceLevelBreach,
    NoteServiceLevelWarning,
    NoteSuspicion,
    NoteSuspicionCleared,
    ServiceLevelCommand,
)
from incident.events import IncidentEvent
from incident.events.conversion import IncidentConverted
from incident.events.ending import (
    IncidentCancelled,
    IncidentClosed,
    IncidentReopened,
    IncidentResolved,
)
from incident.events.family import LeftParent
from incident.events.holding import CallerReminded, IncidentPutOnHold, IncidentResumed
from incident.events.major import (
    MajorDeclared,
    MajorStoodDown,
    MajorUpdateGiven,
    MajorUpdateOverdue,
)
from incident.events.merging import IncidentMerged
from incident.events.overriding import PriorityOverridden, PriorityOverrideEnded
from incident.foreign import (
    OWN_TICKETS,
    ClockBreachCorrected,
    ClockBreached,
    ClockEvent,
    ClockSuspected,
    ClockSuspicionCleared,
    ClockWarned,
)
from incident.terms.parties import NOBODY_KNOWN, Parties
from incident.terms.related import IncidentRef, Peer


def intents_after(
    event: ClockEvent, *, still_told: bool = False, parties: Parties = NOBODY_KNOWN
) -> Sequence[Intent[IncidentCommand]]:
    """What a clock's event asks for; nothing if the ticket is no incident.

    Args:
        event: of the clock.
        still_told: whether it belongs to a history whose import has not ended.
        parties: among whom there are those who are to know of an escalation.
    """
    if not event.ticket.startswith(OWN_TICKETS):
        return []
    command = _taking_in(event)
    if isinstance(command, Escalating):
        command = command.model_copy(update={"still_told": still_told, "parties": parties})
    return [Intent(event.ticket, command)]


def _taking_in(event: ClockEvent) -> ServiceLevelCommand:
    match event:
        case ClockWarned(target=target, fraction=fraction, due_at=due_at):
            return NoteServiceLevelWarning(target=target, fraction=fraction, due_at=due_at)
        case ClockSuspected(target=target, cycle=cycle, due_at=due_at):
            return NoteSuspicion(target=target, cycle=cycle, due_at=due_at)
        case ClockSuspicionCleared(target=target, cycle=cycle):
            return NoteSuspicionCleared(target=target, cycle=cycle)
        case ClockBreached():
            return NoteServiceLevelBreach(
                target=event.target,
                cycle=event.cycle,
                due_at=event.due_at,
                detected_at=event.detected_at,
                late_by_seconds=event.late_by_seconds,
            )
        case ClockBreachCorrected(target=target, cycle=cycle):
            return NoteBreachCorrection(target=target, cycle=cycle)
        case _:
            assert_never(event)


def resolving_with(parent: Peer, event: IncidentEvent) -> IncidentCommand:
    """What the resolution of a parent asks of each of its children.

    Raises:
        TypeError: the event is no resolution.
    """
    if not isinstance(event, IncidentResolved):
        message = f"{type(event).__name__} resolves no child"
        raise TypeError(message)
    return ResolveWithParent(
        parent=parent, resolved_at=event.time, code=event.code, text=event.text
    )


def taking_leave(child: IncidentRef, event: LeftParent) -> Intent[IncidentCommand]:
    """What a child that goes its own way asks of its parent."""
    return Intent(f"{OWN_TICKETS}{event.parent.id}", NoteChildLeft(child=child))


class Timer(StrEnum):
    """What an incident does by itself when the time has come."""

    CLOSING = "closing"
    END_OF_HOLD = "end_of_hold"
    MAJOR_UPDATE = "major_update"
    OVERRIDE = "override"
    REMINDER = "reminder"


END_OF_WAITING: Final = (ClearTimer(Timer.END_OF_HOLD), ClearTimer(Timer.REMINDER))


def timers_after(event: IncidentEvent) -> Sequence[TimerChange]:  # noqa: C901, PLR0911  one a fact
    """What is to happen by itself, or no longer is, after this fact."""
    match event:
        case IncidentPutOnHold(until=until, remind_at=remind_at):
            return [_timer(Timer.END_OF_HOLD, until), _timer(Timer.REMINDER, remind_at)]
        case CallerReminded(next_at=next_at):
            return [SetTimer(Timer.REMINDER, next_at)]
        case IncidentResumed() | IncidentCancelled() | IncidentMerged() | IncidentConverted():
            return END_OF_WAITING
        case IncidentResolved(closes_at=closes_at):
            return [*END_OF_WAITING, SetTimer(Timer.CLOSING, closes_at)]
        case PriorityOverridden(until=until):
            return [SetTimer(Timer.OVERRIDE, until)]
        case PriorityOverrideEnded():
            return [ClearTimer(Timer.OVERRIDE)]
        case IncidentReopened() | IncidentClosed():
            return [ClearTimer(Timer.CLOSING)]
        case MajorDeclared(next_update_by=remind_at) | MajorUpdateGiven(next_update_by=remind_at):
            return [SetTimer(Timer.MAJOR_UPDATE, remind_at)]
        case MajorUpdateOverdue(reminded_again_at=remind_at):
            return [SetTimer(Timer.MAJOR_UPDATE, remind_at)]
        case MajorStoodDown():
            return [ClearTimer(Timer.MAJOR_UPDATE)]
        case _:
            return []


def _timer(name: Timer, due_at: datetime | None) -> TimerChange:
    return ClearTimer(name) if due_at is None else SetTimer(name, due_at)


def due(name: str) -> IncidentCommand:
    """The command of a timer whose time has come."""
    match Timer(name):
        case Timer.CLOSING:
            return CloseByItself()
        case Timer.END_OF_HOLD:
            return ReturnToQueue()
        case Timer.MAJOR_UPDATE:
            return RemindOfMajorUpdate()
        case Timer.OVERRIDE:
            return ExpireOverride()
        case Timer.REMINDER:
            return RemindCaller()
