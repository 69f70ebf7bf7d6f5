"""What is said to the caller and by the caller."""

from collections.abc import Sequence

from deskstream.decider import Occasion
from incident.commands import AddComment
from incident.decider.people import is_machine, works_on_incidents
from incident.decider.state import Incident
from incident.events import CommentAdded, IncidentEvent, IncidentResumed
from incident.terms import HoldReason, ResumeCause


def add_comment(command: AddComment, when: Occasion, incident: Incident) -> Sequence[IncidentEvent]:
    """The customer's answer ends a hold that awaits it."""
    speaker = when.by
    comment = CommentAdded(
        text=command.text,
        by_agent=works_on_incidents(speaker) and not incident.concerns(speaker),
        automatic=is_machine(speaker),
    )
    from_customer = not comment.by_agent and not comment.automatic
    if from_customer and _awaits_caller(incident):
        return [comment, IncidentResumed(cause=ResumeCause.CALLER_REPLIED)]
    return [comment]


def _awaits_caller(incident: Incident) -> bool:
    return incident.hold is not None and incident.hold.reason is HoldReason.AWAITING_CALLER
