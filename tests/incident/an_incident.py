"""The cast and the calendar of the incident tests, and the facts that bring it to each state."""

from datetime import datetime, timedelta
from typing import Any

from deskstream.decider import Actor, Occasion, Role
from deskstream_testing.deciders import BEGINNING, DeciderSpecification
from incident.commands import LogIncident
from incident.decider import incident_decider
from incident.events import (
    IncidentAssigned,
    IncidentCancelled,
    IncidentClosed,
    IncidentEscalated,
    IncidentEvent,
    IncidentLogged,
    IncidentPutOnHold,
    IncidentReopened,
    IncidentResolved,
    ServiceLevelBreached,
    WorkStarted,
)
from incident.terms import (
    STARTER_MATRIX,
    Channel,
    Closure,
    EscalationKind,
    HoldReason,
    Impact,
    PriorityTables,
    ResolutionCode,
    Status,
    Urgency,
)

CALLER = Actor("Anna", Role.REQUESTER, organisation="acme")
AFFECTED = Actor("Ben", Role.REQUESTER)
COLLEAGUE = Actor("Carol", Role.CUSTOMER, organisation="acme")
AGENT = Actor("Dana", Role.AGENT, frozenset({"messaging"}))
LEAD = Actor("Eve", Role.LEAD)
MACHINE = Actor("incident", Role.SERVICE)

MONDAY = BEGINNING
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def by(actor: Actor, now: datetime = MONDAY + HOUR, *, at: datetime | None = None) -> Occasion:
    return Occasion(actor, now, at)


given = DeciderSpecification(incident_decider(), usual=by(AGENT)).given

LOGGED = IncidentLogged(
    number="INC0001234",
    title="Mail cannot be sent",
    description="Since this morning every mail stays in the outbox.",
    caller="Anna",
    on_behalf_of="Ben",
    organisation="acme",
    channel=Channel.PHONE,
    impact=Impact.MEDIUM,
    urgency=Urgency.HIGH,
    priority=2,
    matrix_version=STARTER_MATRIX.version,
)
ASSIGNED = IncidentAssigned(group="messaging", person="Dana")
STARTED = WorkStarted()
AWAITING_CALLER = IncidentPutOnHold(reason=HoldReason.AWAITING_CALLER)
RESOLVED = IncidentResolved(code=ResolutionCode.FIXED, text="The certificate was renewed.")
REOPENED = IncidentReopened(reason="It has stopped again.")
CLOSED = IncidentClosed(how=Closure.CONFIRMED)
CANCELLED = IncidentCancelled(reason="The caller had no network.")
BREACHED = ServiceLevelBreached(
    target="first_response", cycle=1, due_at=MONDAY, detected_at=MONDAY, late_by_seconds=0.2
)
ESCALATED = IncidentEscalated(
    kind=EscalationKind.HIERARCHICAL, because="The target first response was missed."
)

LIVES: dict[Status, tuple[IncidentEvent, ...]] = {
    Status.NEW: (LOGGED,),
    Status.IN_PROGRESS: (LOGGED, STARTED),
    Status.ON_HOLD: (LOGGED, STARTED, AWAITING_CALLER),
    Status.RESOLVED: (LOGGED, STARTED, RESOLVED),
    Status.CLOSED: (LOGGED, STARTED, RESOLVED, CLOSED),
    Status.CANCELLED: (LOGGED, CANCELLED),
}
OPEN = (Status.NEW, Status.IN_PROGRESS, Status.ON_HOLD)


def log(**different: Any) -> LogIncident:
    told: dict[str, Any] = {
        "number": LOGGED.number,
        "title": LOGGED.title,
        "description": LOGGED.description,
        "caller": LOGGED.caller,
        "on_behalf_of": LOGGED.on_behalf_of,
        "organisation": LOGGED.organisation,
        "channel": Channel.PHONE,
        "impact": Impact.MEDIUM,
        "urgency": Urgency.HIGH,
        "tables": PriorityTables(),
    }
    return LogIncident(**(told | different))
