"""The whole matrix: each state with each command is either in the process, or refused."""

from typing import get_args

import pytest
from an_incident import CALLER, DAY, LEAD, LIVES, MACHINE, MONDAY, by, given, log

from deskstream.decider import Refusal
from incident.commands import (
    AddComment,
    AddNote,
    AssignIncident,
    CancelIncident,
    CloseByItself,
    CloseIncident,
    ConfirmResolution,
    EscalateIncident,
    IncidentCommand,
    LogIncident,
    NoteBreachCorrection,
    NoteServiceLevelBreach,
    NoteServiceLevelWarning,
    PrioritiseIncident,
    PutOnHold,
    ReopenIncident,
    ResolveIncident,
    ResumeWork,
    ReturnToQueue,
    StartWork,
)
from incident.decider import incident_decider
from incident.decider.possible import IN_WORDS
from incident.events import IncidentPutOnHold
from incident.terms import (
    EscalationKind,
    HoldReason,
    Impact,
    PriorityTables,
    ResolutionCode,
    Status,
    Urgency,
)

NEW, IN_PROGRESS, ON_HOLD, RESOLVED, CLOSED, CANCELLED = Status
SAME = None
DECIDER = incident_decider()
EIGHT_DAYS_ON = MONDAY + 8 * DAY

# The process as the manual has it: the state to which a command leads, from each state that
# admits it. SAME is an effect that leaves the state. What is not here is refused.
LEADS_TO: dict[type[IncidentCommand], dict[Status, Status | None]] = {
    LogIncident: {},
    PrioritiseIncident: {NEW: SAME, IN_PROGRESS: SAME, ON_HOLD: SAME},
    AssignIncident: {NEW: SAME, IN_PROGRESS: SAME, ON_HOLD: SAME},
    EscalateIncident: {NEW: SAME, IN_PROGRESS: SAME, ON_HOLD: SAME},
    StartWork: {NEW: IN_PROGRESS},
    PutOnHold: {NEW: ON_HOLD, IN_PROGRESS: ON_HOLD, ON_HOLD: ON_HOLD},
    ResumeWork: {ON_HOLD: IN_PROGRESS},
    ReturnToQueue: {ON_HOLD: IN_PROGRESS},
    AddComment: {NEW: SAME, IN_PROGRESS: SAME, ON_HOLD: SAME, RESOLVED: SAME},
    AddNote: {NEW: SAME, IN_PROGRESS: SAME, ON_HOLD: SAME, RESOLVED: SAME},
    ResolveIncident: {NEW: RESOLVED, IN_PROGRESS: RESOLVED, ON_HOLD: RESOLVED},
    ReopenIncident: {RESOLVED: IN_PROGRESS, CLOSED: IN_PROGRESS},
    ConfirmResolution: {RESOLVED: CLOSED},
    CloseIncident: {RESOLVED: CLOSED},
    CloseByItself: {RESOLVED: CLOSED},
    CancelIncident: {NEW: CANCELLED, IN_PROGRESS: CANCELLED, ON_HOLD: CANCELLED},
    NoteServiceLevelWarning: dict.fromkeys(Status, SAME),
    NoteServiceLevelBreach: dict.fromkeys(Status, SAME),
    NoteBreachCorrection: dict.fromkeys(Status, SAME),
}

BY_ITSELF = (
    ReturnToQueue,
    CloseByItself,
    NoteServiceLevelWarning,
    NoteServiceLevelBreach,
    NoteBreachCorrection,
)
BY_CUSTOMERS = (LogIncident, ConfirmResolution, CancelIncident)


def occasion_of(command):
    machine = isinstance(command, BY_ITSELF)
    customer = isinstance(command, BY_CUSTOMERS)
    return by(MACHINE if machine else CALLER if customer else LEAD, EIGHT_DAYS_ON)


COMMANDS: dict[type[IncidentCommand], IncidentCommand] = {
    type(command): command
    for command in (
        log(),
        PrioritiseIncident(impact=Impact.LOW, urgency=Urgency.LOW, tables=PriorityTables()),
        AssignIncident(group="network"),
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
PROMISED = IncidentPutOnHold(reason=HoldReason.AWAITING_CALLER, until=MONDAY + DAY)
PATHS = {**LIVES, ON_HOLD: (*LIVES[NEW], PROMISED)}
PAIRS = [(status, command) for status in Status for command in COMMANDS.values()]


def ids(value):
    return value if isinstance(value, Status) else type(value).__name__


def test_no_command_was_forgotten():
    every_command = set(get_args(IncidentCommand))
    assert set(COMMANDS) == set(LEADS_TO) == set(IN_WORDS) == every_command


@pytest.mark.parametrize("status", Status)
def test_the_paths_lead_where_they_should(status):
    assert given(*PATHS[status]).state.status is status


@pytest.mark.parametrize(("status", "command"), PAIRS, ids=ids)
def test_each_state_with_each_command(status, command):
    before = given(*PATHS[status]).state
    decided = DECIDER.decide(command, occasion_of(command), before)
    if status not in LEADS_TO[type(command)]:
        assert isinstance(decided, Refusal), decided
        return
    assert not isinstance(decided, Refusal), decided
    dated = [fact.model_copy(update={"at": EIGHT_DAYS_ON}) for fact in decided]
    after = DECIDER.fold(dated, before)
    assert after.status is (LEADS_TO[type(command)][status] or status)
    assert (after.hold is not None) == (after.status is ON_HOLD)
    assert (after.resolved_at is not None) == (after.status in {RESOLVED, CLOSED})


@pytest.mark.parametrize(("status", "command"), PAIRS, ids=ids)
def test_a_refusal_says_what_is_and_what_is_possible(status, command):
    if status in LEADS_TO[type(command)] or isinstance(command, LogIncident):
        return
    offered = [
        IN_WORDS[possible]
        for possible, leads_to in LEADS_TO.items()
        if status in leads_to and type(COMMANDS[possible]) not in BY_ITSELF
    ]
    when = given(*PATHS[status]).when(command, occasion_of(command))
    when.then_refused("not-possible-now", naming=f"is {status.replace('_', ' ')}, so you cannot")
    for words in offered or ["log a new one"]:
        when.then_refused("not-possible-now", naming=words)
