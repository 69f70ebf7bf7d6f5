"""The resolution, and what comes after it: reopened, or closed for good."""

from datetime import datetime
from typing import assert_never

from deskstream.decider import Refusal
from incident.commands.ending import (
    CancelIncident,
    CloseByItself,
    CloseIncident,
    ConfirmResolution,
    ReopenIncident,
    ResolveIncident,
)
from incident.decider.major import stood_down
from incident.decider.people import IMPORTER
from incident.decider.situation import Decision, Situation
from incident.decider.state import Cancelled, Closed, Incident, InProgress, Resolved
from incident.events.ending import (
    EndingEvent,
    IncidentCancelled,
    IncidentClosed,
    IncidentReopened,
    IncidentResolved,
)
from incident.terms import Closure, ProcessPolicy, ResolutionCode


def resolve(command: ResolveIncident, situation: Situation) -> Decision:
    """Said by whoever works on it."""
    return [resolution(command.code, command.text, situation.moment, situation.policy)]


def resolution(
    code: ResolutionCode, text: str, moment: datetime, policy: ProcessPolicy
) -> IncidentResolved:
    """The times that follow from it are fixed now, whatever is set later."""
    return IncidentResolved(
        code=code,
        text=text,
        closes_at=moment + policy.closes_after,
        reopenable_until=moment + policy.reopening_window,
    )


def reopen(command: ReopenIncident, situation: Situation) -> Decision:
    """Within the window; an importer tells what another tool allowed.

    A child that is open again is handled by itself.
    """
    resolved, imported = situation.incident.resolution, IMPORTER in situation.who
    late = resolved is not None and situation.moment > resolved.reopenable_until
    if resolved is not None and late and not imported:
        days = (resolved.reopenable_until - resolved.at).days
        return Refusal(
            "reopening-window-over",
            f"It was resolved more than {days} days ago; log a new incident that follows"
            f" {situation.incident.report.number}.",
        )
    return [IncidentReopened(reason=command.reason), *situation.incident.leaving]


def confirm(_: ConfirmResolution, __: Situation) -> Decision:
    """Who suffered from it knows that it is over."""
    return [IncidentClosed(how=Closure.CONFIRMED)]


def close(_: CloseIncident, situation: Situation) -> Decision:
    """A lead need not wait for the caller."""
    imported = IMPORTER in situation.who
    return [IncidentClosed(how=Closure.IMPORTED if imported else Closure.BY_LEAD)]


def close_by_itself(_: CloseByItself, situation: Situation) -> Decision:
    """When nobody has objected for long enough; dated then, however late that is noticed."""
    resolved = situation.incident.resolution
    if resolved is None or situation.when.now < resolved.closes_at:
        return Refusal("too-early", "Its time to close by itself has not come.")
    closed = max(resolved.closes_at, situation.incident.told_until)
    return [IncidentClosed(at=closed, how=Closure.AUTOMATICALLY)]


def cancel(command: CancelIncident, situation: Situation) -> Decision:
    """There is nothing to resolve."""
    if refusal := stood_down(situation.incident):
        return refusal
    return [*situation.incident.leaving, IncidentCancelled(reason=command.reason)]


def evolve(incident: Incident, event: EndingEvent) -> Incident:
    """The incident after this fact.

    Raises:
        ValueError: it was closed without having been resolved.
    """
    match event:
        case IncidentResolved(closes_at=closes_at, reopenable_until=reopenable_until):
            return incident.turned(Resolved(event.time, closes_at, reopenable_until))
        case IncidentReopened():
            return incident.turned(InProgress())
        case IncidentClosed():
            if incident.resolution is None:
                message = f"{incident.report.number} was closed and never resolved"
                raise ValueError(message)
            return incident.turned(Closed(incident.resolution))
        case IncidentCancelled():
            return incident.turned(Cancelled())
        case _:
            assert_never(event)
