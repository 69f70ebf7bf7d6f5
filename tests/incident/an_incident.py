"""The cast and the calendar of the incident tests, and the facts that bring it to each state."""

from datetime import datetime, timedelta
from typing import Any

from deskstream.decider import Actor, Occasion, Role
from deskstream_testing.deciders import BEGINNING, DeciderSpecification
from incident.commands import IncidentCommand
from incident.commands.conversation import AddComment, AddNote
from incident.commands.ending import (
    CancelIncident,
    CloseByItself,
    CloseIncident,
    ConfirmResolution,
    ReopenIncident,
    ResolveIncident,
)
from incident.commands.holding import PutOnHold, ResumeWork, ReturnToQueue
from incident.commands.service_levels import (
    NoteBreachCorrection,
    NoteServiceLevelBreach,
    NoteServiceLevelWarning,
)
from incident.commands.triage import (
    AssignIncident,
    EscalateIncident,
    LogIncident,
    PrioritiseIncident,
    ReclassifyIncident,
    TakeIncident,
)
from incident.commands.work import StartWork
from incident.decider import incident_decider
from incident.events import IncidentEvent
from incident.events.ending import (
    IncidentCancelled,
    IncidentClosed,
    IncidentReopened,
    IncidentResolved,
)
from incident.events.holding import IncidentPutOnHold
from incident.events.service_levels import ServiceLevelBreached
from incident.events.triage import IncidentAssigned, IncidentEscalated, IncidentLogged
from incident.events.work import WorkStarted
from incident.terms import (
    STARTER_MATRIX,
    STARTER_POLICY,
    Channel,
    Closure,
    EscalationKind,
    HoldReason,
    Impact,
    PriorityTables,
    Report,
    ResolutionCode,
    Status,
    Urgency,
)
from incident.terms.parties import NOBODY_KNOWN

CALLER = Actor("Anna", Role.REQUESTER, organisation="acme")
AFFECTED = Actor("Ben", Role.REQUESTER)
COLLEAGUE = Actor("Carol", Role.CUSTOMER, organisation="acme")
AGENT = Actor("Dana", Role.AGENT, frozenset({"messaging"}))
LEAD = Actor("Eve", Role.LEAD, frozenset({"network"}))
MACHINE = Actor("incident", Role.SERVICE)
IMPORTER = Actor("former-tool", Role.SERVICE, scopes=frozenset({"import"}))

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


def resolved(at: datetime = MONDAY, **different: Any) -> IncidentResolved:
    """Resolved at this moment, closing and reopenable as the process is set at the start."""
    told: dict[str, Any] = {
        "code": ResolutionCode.FIXED,
        "text": "The certificate was renewed.",
        "closes_at": at + STARTER_POLICY.closes_after,
        "reopenable_until": at + STARTER_POLICY.reopening_window,
    }
    return IncidentResolved(at=at, **(told | different))


RESOLVED = resolved()
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
    told: dict[str, Any] = LOGGED.model_dump(include=set(Report.model_fields))
    beside: dict[str, Any] = {"number": LOGGED.number, "tables": PriorityTables()}
    beside |= {"group": None, "solution": None, "parties": NOBODY_KNOWN}
    for name in beside.keys() & different.keys():
        beside[name] = different.pop(name)
    return LogIncident(report=Report(**(told | different)), **beside)


def just(fact: IncidentEvent) -> IncidentEvent:
    """The fact as it is decided for now, which the database will date."""
    return fact.model_copy(update={"at": None})


COMMANDS: dict[type[IncidentCommand], IncidentCommand] = {
    type(command): command
    for command in (
        log(),
        PrioritiseIncident(impact=Impact.LOW, urgency=Urgency.LOW, tables=PriorityTables()),
        ReclassifyIncident(category="network", tables=PriorityTables()),
        AssignIncident(group="network"),
        TakeIncident(),
        EscalateIncident(kind=EscalationKind.FUNCTIONAL, because="It is theirs.", to="network"),
        StartWork(),
        PutOnHold(reason=HoldReason.AWAITING_PROBLEM),
        ResumeWork(),
        ReturnToQueue(),
        AddComment(text="We are on it."),
        AddNote(text="The disk is full."),
        ResolveIncident(code=ResolutionCode.FIXED, text="Done."),
        ReopenIncident(reason="Again."),
        ConfirmResolution(),
        CloseIncident(),
        CloseByItself(),
        CancelIncident(reason="Never mind."),
        NoteServiceLevelWarning(target="resolution", fraction=0.75, due_at=MONDAY),
        NoteServiceLevelBreach(
            target="resolution", cycle=1, due_at=MONDAY, detected_at=MONDAY, late_by_seconds=0.2
        ),
        NoteBreachCorrection(target="resolution", cycle=1),
    )
}
"""One of each."""
