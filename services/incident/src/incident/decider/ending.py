"""After the resolution: reopened, or closed for good."""

from collections.abc import Sequence

from deskstream.decider import Occasion, Refusal
from incident.commands import ReopenIncident
from incident.decider.people import leads
from incident.decider.state import Incident
from incident.events import IncidentClosed, IncidentEvent, IncidentReopened
from incident.terms import Closure, ProcessPolicy, Status


def reopen(
    command: ReopenIncident, when: Occasion, incident: Incident, policy: ProcessPolicy
) -> Sequence[IncidentEvent] | Refusal:
    """Within the window; once closed, only by a lead."""
    if incident.status is Status.CLOSED and not leads(when.by):
        return Refusal(
            "closed-needs-lead",
            "Only a lead can reopen a closed incident; ask one, or log a new one linked to it.",
        )
    if when.moment > incident.time_of_resolution + policy.reopening_window:
        return Refusal(
            "reopening-window-over",
            f"It was resolved more than {policy.reopening_window.days} days ago;"
            " log a new incident linked to it.",
        )
    return [IncidentReopened(reason=command.reason)]


def confirm(when: Occasion, incident: Incident) -> Sequence[IncidentEvent] | Refusal:
    """Only who suffered from it knows that it is over."""
    if not incident.concerns(when.by):
        return Refusal(
            "not-yours-to-confirm",
            "Only the caller, or the person it was logged for, can confirm the resolution.",
        )
    return [IncidentClosed(how=Closure.CONFIRMED)]


def close(when: Occasion, policy: ProcessPolicy) -> Sequence[IncidentEvent] | Refusal:
    """A lead need not wait for the caller."""
    if not leads(when.by):
        return Refusal(
            "closing-needs-lead",
            "The caller confirms, a lead closes,"
            f" or it closes by itself after {policy.closes_after.days} days.",
        )
    return [IncidentClosed(how=Closure.BY_LEAD)]


def close_by_itself(
    when: Occasion, incident: Incident, policy: ProcessPolicy
) -> Sequence[IncidentEvent] | Refusal:
    """When nobody has objected for long enough."""
    due_at = incident.time_of_resolution + policy.closes_after
    if when.now < due_at:
        return Refusal("too-early", f"It closes by itself at {due_at.isoformat()}.")
    return [IncidentClosed(how=Closure.AUTOMATICALLY)]
