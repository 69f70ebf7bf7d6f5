"""The cast and the calendar of the incident tests, and the facts that bring it to each state."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from deskstream.decider import Actor, Occasion, Role
from deskstream_testing.deciders import BEGINNING, DeciderSpecification
from incident.commands import (
    IncidentCommand,
    conversation,
    conversion,
    ending,
    family,
    holding,
    links,
    major,
    merging,
    overriding,
    service_levels,
    triage,
    watching,
    work,
)
from incident.decider import incident_decider
from incident.events import IncidentEvent
from incident.events.conversion import IncidentConverted
from incident.events.ending import (
    IncidentCancelled,
    IncidentClosed,
    IncidentReopened,
    IncidentResolved,
)
from incident.events.family import BecameChild
from incident.events.holding import IncidentPutOnHold
from incident.events.major import MajorDeclared, MajorProposed, MajorStoodDown
from incident.events.merging import IncidentMerged
from incident.events.overriding import PriorityOverridden
from incident.events.service_levels import ServiceLevelBreached, ServiceLevelWarned
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
from incident.terms.related import Belongings, LinkKind, Peer, WorkKind

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
REMIND_AT = MONDAY + HOUR + STARTER_POLICY.reminds_after
AWAITING_CALLER = IncidentPutOnHold(reason=HoldReason.AWAITING_CALLER, remind_at=REMIND_AT)


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
WARNED = ServiceLevelWarned(target="resolution", fraction=0.75, due_at=MONDAY)
ESCALATED = IncidentEscalated(
    kind=EscalationKind.HIERARCHICAL, because="The target first response was missed."
)

ITSELF = Peer(id=UUID(int=1234), number="INC0001234", caller="Anna", organisation="acme")
TWIN = Peer(id=UUID(int=42), number="INC0000042", caller="Anna", organisation="acme")
OTHERS = Peer(id=UUID(int=77), number="INC0000077", caller="Greta", organisation="acme")
"""Of another caller of the same organisation."""
ITS_OWN = Belongings(watchers=frozenset({"Anna", "Ben"}))
"""What moves of what was logged and no more."""
CHILD = BecameChild(parent=OTHERS.ref)
MERGED = IncidentMerged(into=TWIN.ref)
CONVERTED = IncidentConverted(reason="She asks for a second mailbox.")
PROPOSED = MajorProposed(because="Nobody can pay.")
DECLARED = MajorDeclared(
    business_impact="Nobody can pay.",
    commander="Eve",
    update_every=30,
    next_update_by=MONDAY + 30 * MINUTE,
)
OVERRIDDEN = PriorityOverridden(
    priority=1, looked_up=2, because="The board asks.", until=MONDAY + DAY
)
STOOD_DOWN = MajorStoodDown(text="Payments work.")

LIVES: dict[Status, tuple[IncidentEvent, ...]] = {
    Status.NEW: (LOGGED,),
    Status.IN_PROGRESS: (LOGGED, STARTED),
    Status.ON_HOLD: (LOGGED, STARTED, AWAITING_CALLER),
    Status.RESOLVED: (LOGGED, STARTED, RESOLVED),
    Status.CLOSED: (LOGGED, STARTED, RESOLVED, CLOSED),
    Status.CANCELLED: (LOGGED, CANCELLED),
    Status.MERGED: (LOGGED, MERGED),
    Status.CONVERTED: (LOGGED, CONVERTED),
}
OPEN = (Status.NEW, Status.IN_PROGRESS, Status.ON_HOLD)


def log(**different: Any) -> triage.LogIncident:
    told: dict[str, Any] = LOGGED.model_dump(include=set(Report.model_fields))
    beside: dict[str, Any] = {"number": LOGGED.number, "tables": PriorityTables()}
    beside |= {"group": None, "solution": None, "parties": NOBODY_KNOWN}
    for name in beside.keys() & different.keys():
        beside[name] = different.pop(name)
    return triage.LogIncident(report=Report(**(told | different)), **beside)


def just(fact: IncidentEvent) -> IncidentEvent:
    """The fact as it is decided for now, which the database will date."""
    return fact.model_copy(update={"at": None})


COMMANDS: dict[type[IncidentCommand], IncidentCommand] = {
    type(command): command
    for command in (
        log(),
        triage.PrioritiseIncident(impact=Impact.LOW, urgency=Urgency.LOW, tables=PriorityTables()),
        triage.ReclassifyIncident(category="network", tables=PriorityTables()),
        triage.AssignIncident(group="network"),
        triage.TakeIncident(),
        triage.EscalateIncident(
            kind=EscalationKind.FUNCTIONAL, because="It is theirs.", to="network"
        ),
        work.StartWork(),
        work.RecordWork(minutes=15, kind=WorkKind.DIAGNOSIS),
        holding.PutOnHold(reason=HoldReason.AWAITING_PROBLEM),
        holding.ResumeWork(),
        holding.RemindCaller(),
        overriding.OverridePriority(priority=1, because="The board asks.", until=MONDAY + 9 * DAY),
        overriding.EndOverride(),
        overriding.ExpireOverride(),
        holding.ReturnToQueue(),
        conversation.AddComment(text="We are on it."),
        conversation.AddNote(text="The disk is full."),
        watching.WatchIncident(),
        watching.UnwatchIncident(),
        links.LinkIncident(kind=LinkKind.PROBLEM, to="PRB0000007"),
        links.UnlinkIncident(kind=LinkKind.PROBLEM, to="PRB0000007"),
        ending.ResolveIncident(code=ResolutionCode.FIXED, text="Done."),
        ending.ReopenIncident(reason="Again."),
        ending.ConfirmResolution(),
        ending.CloseIncident(),
        ending.CloseByItself(),
        ending.CancelIncident(reason="Never mind."),
        conversion.ConvertToRequest(reason="She asks for a second mailbox."),
        family.BecomeChild(parent=OTHERS.ref),
        family.TakeChild(child=OTHERS.ref),
        family.LeaveParent(),
        family.MakeIndependent(),
        family.MakeDependent(),
        family.NoteChildLeft(child=OTHERS.ref),
        family.ResolveWithParent(
            parent=OTHERS, resolved_at=MONDAY, code=ResolutionCode.FIXED, text="Done."
        ),
        merging.MergeInto(survivor=TWIN, belongings=ITS_OWN),
        merging.TakeIn(duplicate=TWIN, belongings=ITS_OWN),
        major.ProposeMajor(because="Nobody can pay."),
        major.DeclineMajor(because="One branch only."),
        major.DeclareMajor(business_impact="Nobody can pay.", commander="Eve", notified=("Mara",)),
        major.NotifyManagement(recipient="Noel"),
        major.GiveMajorUpdate(text="The database is being restored."),
        major.RemindOfMajorUpdate(),
        major.StandDownMajor(text="Payments work."),
        major.ReviewMajor(findings="Nobody watched the replica."),
        service_levels.NoteServiceLevelWarning(target="resolution", fraction=0.75, due_at=MONDAY),
        service_levels.NoteSuspicion(target="resolution", cycle=1, due_at=MONDAY),
        service_levels.NoteSuspicionCleared(target="resolution", cycle=1),
        service_levels.NoteServiceLevelBreach(
            target="resolution", cycle=1, due_at=MONDAY, detected_at=MONDAY, late_by_seconds=0.2
        ),
        service_levels.NoteBreachCorrection(target="resolution", cycle=1),
    )
}
"""One of each."""
