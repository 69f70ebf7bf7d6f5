"""An incident's history in plain words."""

from datetime import UTC, datetime
from typing import Final, assert_never

from incident.events import (
    CommentAdded,
    IncidentAssigned,
    IncidentCancelled,
    IncidentClosed,
    IncidentEscalated,
    IncidentEvent,
    IncidentLogged,
    IncidentPrioritised,
    IncidentPutOnHold,
    IncidentReopened,
    IncidentResolved,
    IncidentResumed,
    NoteAdded,
    ServiceLevelBreachCorrected,
    ServiceLevelBreached,
    ServiceLevelWarned,
    WorkStarted,
)
from incident.terms import Closure, ResumeCause

RESUMED: Final = {
    ResumeCause.BY_HAND: "Resumed.",
    ResumeCause.CALLER_REPLIED: "Resumed, because the caller replied.",
    ResumeCause.DATE_PASSED: "Resumed, because the promised date has passed.",
}
CLOSED: Final = {
    Closure.CONFIRMED: "Closed: the resolution was confirmed.",
    Closure.AUTOMATICALLY: "Closed by itself: nobody objected to the resolution.",
    Closure.BY_LEAD: "Closed by a lead.",
}


def describe(event: IncidentEvent) -> str:  # noqa: C901, PLR0911, PLR0912  a sentence for each fact
    """What happened, in a sentence. Who did it, and when, is told beside it."""
    match event:
        case IncidentLogged(number=number, title=title, channel=channel):
            return f"Logged as {number} by {_plain(channel)}: {title}. {_priority(event)}"
        case IncidentPrioritised():
            return f"Judged anew. {_priority(event)}"
        case IncidentAssigned(group=group, person=None):
            return f"Assigned to {group}."
        case IncidentAssigned(group=group, person=person):
            return f"Assigned to {person} in {group}."
        case IncidentEscalated(kind=kind, because=because, to=to):
            return f"Escalated {kind}ly{f' to {to}' if to else ''}: {because}"
        case WorkStarted():
            return "Work started."
        case IncidentPutOnHold():
            return _hold(event)
        case IncidentResumed(cause=cause):
            return RESUMED[cause]
        case CommentAdded(text=text, by_agent=by_agent, automatic=automatic):
            speaker = "The service desk" if by_agent else "The customer"
            return f"{'An automatic reply' if automatic else speaker} said: {text}"
        case NoteAdded(text=text):
            return f"Noted: {text}"
        case IncidentResolved(code=code, text=text):
            return f"Resolved ({_plain(code)}): {text}"
        case IncidentReopened(reason=reason):
            return f"Reopened: {reason}"
        case IncidentClosed(how=how):
            return CLOSED[how]
        case IncidentCancelled(reason=reason):
            return f"Cancelled: {reason}"
        case ServiceLevelWarned(target=target, fraction=fraction, due_at=due_at):
            due = f"due {_utc(due_at)}" if due_at else "paused"
            return f"{fraction:.0%} of the time for {_plain(target)} is used; {due}."
        case ServiceLevelBreached(target=target, due_at=due_at):
            return f"The target {_plain(target)} was missed; it was due {_utc(due_at)}."
        case ServiceLevelBreachCorrected(target=target):
            return f"The target {_plain(target)} was not missed after all."
        case _:
            assert_never(event)


def _priority(event: IncidentLogged | IncidentPrioritised) -> str:
    return f"Priority {event.priority} (impact {event.impact}, urgency {event.urgency})."


def _hold(event: IncidentPutOnHold) -> str:
    details = [
        _plain(event.reason),
        event.supplier,
        event.reference,
        f"until {_utc(event.until)}" if event.until else None,
    ]
    said = f": {event.text}" if event.text else "."
    return f"Put on hold ({', '.join(detail for detail in details if detail)}){said}"


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
