"""What is known of an incident when the next command is decided, and how facts change it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias, assert_never

from deskstream.decider import Actor
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
from incident.terms import HoldReason, Impact, Priority, Status, Urgency

REMARKS: Final = (
    IncidentEscalated,
    ServiceLevelWarned,
    ServiceLevelBreached,
    ServiceLevelBreachCorrected,
)
"""What is said about the course of an incident, and is no part of it.

They do not stand in the way of telling afterwards what happened before them: it is the late
telling of a resolution that corrects a breach.
"""


@dataclass(frozen=True, slots=True)
class Unlogged:
    """Nothing was reported yet."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What the work waits for, and until when that was promised."""

    reason: HoldReason
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Incident:
    """A reported incident.

    Args:
        report: as it was logged.
        told_until: when the last thing happened of which we were told.
        hold: set exactly while it is on hold.
        resolved_at: set exactly while it is resolved or closed.
        breached: target and cycle of every breach that stands.
    """

    report: IncidentLogged
    status: Status
    impact: Impact
    urgency: Urgency
    priority: Priority
    told_until: datetime
    group: str | None = None
    person: str | None = None
    hold: Hold | None = None
    resolved_at: datetime | None = None
    breached: frozenset[tuple[str, int]] = frozenset()

    @property
    def is_open(self) -> bool:
        """Whether there is still something to be done."""
        return self.status in {Status.NEW, Status.IN_PROGRESS, Status.ON_HOLD}

    @property
    def time_of_resolution(self) -> datetime:
        """When it was resolved; only of what is resolved or closed."""
        if self.resolved_at is None:
            message = f"an incident that is {self.status} has no time of resolution"
            raise ValueError(message)
        return self.resolved_at

    def concerns(self, person: Actor) -> bool:
        """Whether this person reported it, or it was reported for them."""
        return person.name in self.people

    @property
    def people(self) -> frozenset[str]:
        """Whom it concerns."""
        both = (self.report.caller, self.report.on_behalf_of)
        return frozenset(person for person in both if person is not None)


State: TypeAlias = Unlogged | Incident


def evolve(state: State, event: IncidentEvent) -> Incident:
    """The incident after this fact.

    Raises:
        ValueError: the facts do not begin with the logging.
    """
    if isinstance(state, Unlogged):
        if isinstance(event, IncidentLogged):
            return _logged(event)
        message = f"{type(event).__name__} happened to an incident that was never logged"
        raise ValueError(message)
    after = _after(state, event)
    return after if isinstance(event, REMARKS) else replace(after, told_until=event.time)


def _logged(event: IncidentLogged) -> Incident:
    return Incident(
        report=event,
        status=Status.NEW,
        impact=event.impact,
        urgency=event.urgency,
        priority=event.priority,
        told_until=event.time,
    )


def _after(state: Incident, event: IncidentEvent) -> Incident:  # noqa: C901, PLR0911, PLR0912  a case for each fact
    match event:
        case IncidentLogged():
            return _logged(event)
        case IncidentPrioritised(impact=impact, urgency=urgency, priority=priority):
            return replace(state, impact=impact, urgency=urgency, priority=priority)
        case IncidentAssigned(group=group, person=person):
            return replace(state, group=group, person=person)
        case WorkStarted():
            return replace(state, status=Status.IN_PROGRESS)
        case IncidentPutOnHold(reason=reason, until=until):
            return replace(state, status=Status.ON_HOLD, hold=Hold(reason, until))
        case IncidentResumed():
            return replace(state, status=Status.IN_PROGRESS, hold=None)
        case IncidentResolved():
            return replace(state, status=Status.RESOLVED, hold=None, resolved_at=event.time)
        case IncidentReopened():
            return replace(state, status=Status.IN_PROGRESS, resolved_at=None)
        case IncidentClosed():
            return replace(state, status=Status.CLOSED)
        case IncidentCancelled():
            return replace(state, status=Status.CANCELLED, hold=None)
        case ServiceLevelBreached(target=target, cycle=cycle):
            return replace(state, breached=state.breached | {(target, cycle)})
        case ServiceLevelBreachCorrected(target=target, cycle=cycle):
            return replace(state, breached=state.breached - {(target, cycle)})
        case CommentAdded() | NoteAdded() | IncidentEscalated() | ServiceLevelWarned():
            return state
        case _:
            assert_never(event)
