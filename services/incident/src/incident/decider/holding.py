"""Letting work wait, and going on."""

from dataclasses import replace
from datetime import datetime
from typing import Final, assert_never

from deskstream.decider import Refusal
from incident.commands.holding import PutOnHold, RemindCaller, ResumeWork, ReturnToQueue
from incident.decider.ending import resolution
from incident.decider.people import IMPORTER
from incident.decider.situation import Decision, Situation
from incident.decider.state import Incident, InProgress, OnHold, Phase
from incident.events.holding import (
    CallerReminded,
    HoldingEvent,
    IncidentPutOnHold,
    IncidentResumed,
)
from incident.terms import HoldReason, ResolutionCode, ResumeCause

SAME_HOLD: Final = Refusal(
    "same-hold",
    "It waits for just this already; tell what is different, or resume work.",
    field="reason",
)
NO_RESPONSE: Final = "The caller did not answer, and was reminded."


def put_on_hold(command: PutOnHold, situation: Situation) -> Decision:
    """On hold already, it can wait for something else, or until another date.

    A history may say again what it said before.
    """
    fact = IncidentPutOnHold(
        reason=command.reason,
        until=command.until,
        supplier=command.supplier,
        reference=command.reference,
        text=command.text,
    )
    if _promise(situation.incident.phase) == _promise(_hold(fact)):
        return [] if IMPORTER in situation.who else SAME_HOLD
    if refusal := _incomplete(command):
        return refusal
    if command.until is not None and command.until <= situation.moment:
        return Refusal(
            "promised-date-passed", "Name a date after the beginning of the hold.", field="until"
        )
    return [fact.model_copy(update={"remind_at": _reminder(command, situation)})]


def _promise(phase: Phase) -> Phase:
    """What is told of a hold, without what follows from it."""
    return replace(phase, remind_at=None, reminded=0) if isinstance(phase, OnHold) else phase


def _reminder(command: PutOnHold, situation: Situation) -> datetime | None:
    """Who promised a date has until then; of an imported history nobody is reminded."""
    awaited = command.reason is HoldReason.AWAITING_CALLER and command.until is None
    if not awaited or IMPORTER in situation.who:
        return None
    return situation.moment + situation.policy.reminds_after


def _incomplete(command: PutOnHold) -> Refusal | None:
    awaits_supplier = command.reason is HoldReason.AWAITING_SUPPLIER
    if awaits_supplier and command.supplier is None:
        return Refusal("supplier-missing", "Name the supplier it waits for.", field="supplier")
    if command.supplier is not None and not awaits_supplier:
        return Refusal(
            "supplier-misplaced",
            "Only what awaits a supplier names one; change the reason or leave it out.",
            field="supplier",
        )
    if command.reason is HoldReason.OTHER and command.text is None:
        return Refusal("text-missing", "Say in a text what it waits for.", field="text")
    return None


def resume(_: ResumeWork, __: Situation) -> Decision:
    """Somebody goes on."""
    return [IncidentResumed(cause=ResumeCause.BY_HAND)]


def return_to_queue(_: ReturnToQueue, situation: Situation) -> Decision:
    """A hold past its promised date ends; it ended then, however late that is noticed."""
    match situation.incident.phase:
        case OnHold(until=None):
            return Refusal("no-promised-date", "This hold has no date at which it ends.")
        case OnHold(until=until) if until is not None and until <= situation.when.now:
            ended = max(until, situation.incident.told_until)
            return [IncidentResumed(at=ended, cause=ResumeCause.DATE_PASSED)]
        case _:
            return Refusal("too-early", "The hold lasts longer than until now.")


def remind(_: RemindCaller, situation: Situation) -> Decision:
    """It is done when it is noticed to be due, so that there is time to answer after it."""
    phase, policy, now = situation.incident.phase, situation.policy, situation.when.now
    if not isinstance(phase, OnHold) or phase.remind_at is None:
        return Refusal("nobody-to-remind", "It does not wait for an answer without a date.")
    if now < phase.remind_at:
        return Refusal("too-early", "The time for a reminder has not come.")
    if phase.reminded < policy.reminders:
        next_at = now + policy.reminds_after
        return [CallerReminded(nth=phase.reminded + 1, next_at=next_at)]
    return [resolution(ResolutionCode.NO_RESPONSE, NO_RESPONSE, situation.moment, policy)]


def evolve(incident: Incident, event: HoldingEvent) -> Incident:
    """The incident after this fact."""
    match event:
        case IncidentPutOnHold():
            return incident.turned(_hold(event))
        case CallerReminded(nth=nth, next_at=next_at):
            return incident.turned(_reminded(incident.phase, nth, next_at))
        case IncidentResumed():
            return incident.turned(InProgress())
        case _:
            assert_never(event)


def _hold(fact: IncidentPutOnHold) -> OnHold:
    told = fact.reason, fact.until, fact.supplier, fact.reference, fact.text
    return OnHold(*told, remind_at=fact.remind_at)


def _reminded(phase: Phase, nth: int, next_at: datetime) -> Phase:
    return replace(phase, reminded=nth, remind_at=next_at) if isinstance(phase, OnHold) else phase
