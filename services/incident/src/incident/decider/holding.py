"""Letting work wait, and going on."""

from typing import assert_never

from deskstream.decider import Refusal
from incident.commands.holding import PutOnHold, ResumeWork, ReturnToQueue
from incident.decider.situation import Decision, Situation
from incident.decider.state import Incident, InProgress, OnHold
from incident.events.holding import HoldingEvent, IncidentPutOnHold, IncidentResumed
from incident.terms import HoldReason, ResumeCause


def put_on_hold(command: PutOnHold, situation: Situation) -> Decision:
    """On hold already, it can wait for something else, or until another date."""
    fact = IncidentPutOnHold(
        reason=command.reason,
        until=command.until,
        supplier=command.supplier,
        reference=command.reference,
        text=command.text,
    )
    if situation.incident.phase == _hold(fact):
        return Refusal(
            "same-hold",
            "It waits for just this already; tell what is different, or resume work.",
            field="reason",
        )
    if refusal := _incomplete(command):
        return refusal
    if command.until is not None and command.until <= situation.moment:
        return Refusal(
            "promised-date-passed", "Name a date after the beginning of the hold.", field="until"
        )
    return [fact]


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


def evolve(incident: Incident, event: HoldingEvent) -> Incident:
    """The incident after this fact."""
    match event:
        case IncidentPutOnHold():
            return incident.turned(_hold(event))
        case IncidentResumed():
            return incident.turned(InProgress())
        case _:
            assert_never(event)


def _hold(fact: IncidentPutOnHold) -> OnHold:
    return OnHold(fact.reason, fact.until, fact.supplier, fact.reference, fact.text)
