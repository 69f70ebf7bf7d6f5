"""Letting work wait, and going on."""

from collections.abc import Sequence

from deskstream.decider import Occasion, Refusal
from incident.commands import PutOnHold
from incident.decider.state import Incident
from incident.events import IncidentEvent, IncidentPutOnHold, IncidentResumed
from incident.terms import HoldReason, ResumeCause


def put_on_hold(
    command: PutOnHold, when: Occasion, incident: Incident
) -> Sequence[IncidentEvent] | Refusal:
    """On hold already, it can be put on hold for another reason."""
    if incident.hold is not None and incident.hold.reason is command.reason:
        return Refusal(
            "same-hold-reason",
            "It is on hold for this reason already; name another, or resume work.",
            field="reason",
        )
    if refusal := _incomplete(command):
        return refusal
    if command.until is not None and command.until <= when.moment:
        return Refusal(
            "promised-date-passed", "Name a date after the beginning of the hold.", field="until"
        )
    return [
        IncidentPutOnHold(
            reason=command.reason,
            until=command.until,
            supplier=command.supplier,
            reference=command.reference,
            text=command.text,
        )
    ]


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


def return_to_queue(when: Occasion, incident: Incident) -> Sequence[IncidentEvent] | Refusal:
    """A hold past its promised date ends."""
    until = incident.hold.until if incident.hold else None
    if until is None:
        return Refusal("no-promised-date", "This hold has no date at which it ends.")
    if when.now < until:
        return Refusal("too-early", f"The hold lasts until {until.isoformat()}.")
    return [IncidentResumed(cause=ResumeCause.DATE_PASSED)]
