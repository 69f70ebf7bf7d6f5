"""The whole matrix: each state with each command is either in the process, or refused."""

from typing import get_args

import pytest
from an_incident import (
    AGENT,
    AWAITING_CALLER,
    BREACHED,
    CALLER,
    CHILD,
    COLLEAGUE,
    COMMANDS,
    DAY,
    DECLARED,
    IMPORTER,
    LEAD,
    LIVES,
    LOGGED,
    MACHINE,
    MONDAY,
    OVERRIDDEN,
    PROPOSED,
    STOOD_DOWN,
    by,
    given,
)

from deskstream.decider import Refusal
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
from incident.decider.life import LIFE
from incident.decider.people import Who
from incident.events.holding import IncidentPutOnHold
from incident.terms import HoldReason, Status

NEW, IN_PROGRESS, ON_HOLD, RESOLVED, CLOSED, CANCELLED, MERGED, CONVERTED = Status
STAYS = None
DECIDER = incident_decider()
EIGHT_DAYS_ON = MONDAY + 8 * DAY
OPEN = dict.fromkeys((NEW, IN_PROGRESS, ON_HOLD), STAYS)
TALKED_ABOUT = {**OPEN, RESOLVED: STAYS}

NOT_CANCELLED = {**OPEN, RESOLVED: STAYS, CLOSED: STAYS}

# The process as the manual has it: the state to which a command leads, from each state that
# admits it. STAYS is an effect that leaves the state. What is not here is refused.
LEADS_TO: dict[type[IncidentCommand], dict[Status, Status | None]] = {
    triage.LogIncident: {},
    triage.PrioritiseIncident: OPEN,
    overriding.OverridePriority: OPEN,
    overriding.EndOverride: OPEN,
    overriding.ExpireOverride: dict.fromkeys(Status, STAYS),
    triage.ReclassifyIncident: OPEN,
    triage.AssignIncident: OPEN,
    triage.TakeIncident: OPEN,
    triage.EscalateIncident: OPEN,
    work.StartWork: {NEW: IN_PROGRESS},
    work.RecordWork: TALKED_ABOUT,
    holding.PutOnHold: dict.fromkeys(OPEN, ON_HOLD),
    holding.ResumeWork: {ON_HOLD: IN_PROGRESS},
    holding.ReturnToQueue: {ON_HOLD: IN_PROGRESS},
    holding.RemindCaller: {ON_HOLD: STAYS},
    conversation.AddComment: TALKED_ABOUT,
    conversation.AddNote: TALKED_ABOUT,
    watching.WatchIncident: TALKED_ABOUT,
    watching.UnwatchIncident: TALKED_ABOUT,
    links.LinkIncident: TALKED_ABOUT,
    links.UnlinkIncident: TALKED_ABOUT,
    ending.ResolveIncident: dict.fromkeys(OPEN, RESOLVED),
    ending.ReopenIncident: {RESOLVED: IN_PROGRESS, CLOSED: IN_PROGRESS},
    ending.ConfirmResolution: {RESOLVED: CLOSED},
    ending.CloseIncident: {RESOLVED: CLOSED},
    ending.CloseByItself: {RESOLVED: CLOSED},
    ending.CancelIncident: dict.fromkeys(OPEN, CANCELLED),
    conversion.ConvertToRequest: dict.fromkeys(OPEN, CONVERTED),
    family.BecomeChild: OPEN,
    family.TakeChild: OPEN,
    family.LeaveParent: NOT_CANCELLED,
    family.MakeIndependent: OPEN,
    family.MakeDependent: OPEN,
    family.NoteChildLeft: dict.fromkeys(Status, STAYS),
    family.ResolveWithParent: {**dict.fromkeys(Status, STAYS), **dict.fromkeys(OPEN, RESOLVED)},
    merging.MergeInto: dict.fromkeys(OPEN, MERGED),
    merging.TakeIn: OPEN,
    major.ProposeMajor: OPEN,
    major.DeclineMajor: OPEN,
    major.DeclareMajor: OPEN,
    major.NotifyManagement: NOT_CANCELLED,
    major.GiveMajorUpdate: NOT_CANCELLED,
    major.RemindOfMajorUpdate: NOT_CANCELLED,
    major.StandDownMajor: NOT_CANCELLED,
    major.ReviewMajor: NOT_CANCELLED,
    service_levels.NoteServiceLevelWarning: dict.fromkeys(Status, STAYS),
    service_levels.NoteSuspicion: dict.fromkeys(Status, STAYS),
    service_levels.NoteSuspicionCleared: dict.fromkeys(Status, STAYS),
    service_levels.NoteServiceLevelBreach: dict.fromkeys(Status, STAYS),
    service_levels.NoteBreachCorrection: dict.fromkeys(Status, STAYS),
}
BY_ITSELF = {
    family.NoteChildLeft,
    family.ResolveWithParent,
    holding.ReturnToQueue,
    ending.CloseByItself,
    major.RemindOfMajorUpdate,
    holding.RemindCaller,
    overriding.ExpireOverride,
    service_levels.NoteServiceLevelWarning,
    service_levels.NoteSuspicion,
    service_levels.NoteSuspicionCleared,
    service_levels.NoteServiceLevelBreach,
    service_levels.NoteBreachCorrection,
}
OF_CHILDREN = {
    family.LeaveParent,
    family.MakeIndependent,
    family.MakeDependent,
    family.ResolveWithParent,
}
# What must have happened to the incident, beside its status, before the command.
BEFORE = {
    major.DeclineMajor: [PROPOSED],
    holding.RemindCaller: [AWAITING_CALLER],
    overriding.EndOverride: [OVERRIDDEN],
    overriding.ExpireOverride: [OVERRIDDEN],
    major.NotifyManagement: [DECLARED],
    major.GiveMajorUpdate: [DECLARED],
    major.RemindOfMajorUpdate: [DECLARED],
    major.StandDownMajor: [DECLARED],
    major.ReviewMajor: [STOOD_DOWN],
    **{kind: [CHILD] for kind in OF_CHILDREN},
}
BY_CUSTOMERS = {triage.LogIncident, ending.ConfirmResolution, ending.CancelIncident}
STEPS = {
    (before, after)
    for leads_to in LEADS_TO.values()
    for before, after in leads_to.items()
    if after is not STAYS
}
PROMISED = IncidentPutOnHold(reason=HoldReason.AWAITING_CALLER, until=MONDAY + DAY)
PATHS = {**LIVES, ON_HOLD: (*LIVES[NEW], PROMISED)}
ADMITTED = [(status, kind) for kind, leads_to in LEADS_TO.items() for status in leads_to]
REFUSED = [
    (status, kind)
    for kind, leads_to in LEADS_TO.items()
    for status in Status
    if status not in leads_to and kind is not triage.LogIncident
]


def named(value):
    return value if isinstance(value, Status) else value.__name__


def occasion_of(kind):
    machine, customer = kind in BY_ITSELF, kind in BY_CUSTOMERS
    return by(MACHINE if machine else CALLER if customer else LEAD, EIGHT_DAYS_ON)


def test_no_command_was_forgotten():
    assert set(COMMANDS) == set(LEADS_TO) == set(LIFE) == set(get_args(IncidentCommand))


def test_the_table_admits_in_the_states_that_the_manual_names():
    others = ~Who.IMPORTER
    assert {
        kind: {status for status, who in way.who.items() if who & others}
        for kind, way in LIFE.items()
    } == {kind: set(leads_to) for kind, leads_to in LEADS_TO.items()}


WHAT_A_HISTORY_TELLS_OF_WHAT_IS_OVER = {
    triage.PrioritiseIncident,
    triage.ReclassifyIncident,
    triage.AssignIncident,
    work.RecordWork,
    conversation.AddComment,
    conversation.AddNote,
    watching.WatchIncident,
    watching.UnwatchIncident,
    links.LinkIncident,
    links.UnlinkIncident,
}


@pytest.mark.parametrize("status", [one for one in Status if one not in OPEN])
@pytest.mark.parametrize("kind", sorted(WHAT_A_HISTORY_TELLS_OF_WHAT_IS_OVER, key=named), ids=named)
def test_an_importer_tells_what_another_tool_allowed_after_the_end(status, kind):
    before = given(*PATHS[status]).state
    decided = DECIDER.decide(COMMANDS[kind], by(IMPORTER, EIGHT_DAYS_ON), before)
    assert not isinstance(decided, Refusal), decided
    dated = [fact.model_copy(update={"at": EIGHT_DAYS_ON}) for fact in decided]
    assert DECIDER.fold(dated, before).status is status


def test_there_is_nothing_else_that_only_a_history_tells():
    only = {
        kind
        for kind, way in LIFE.items()
        if any(who and not who & ~Who.IMPORTER for who in way.who.values())
    }
    assert only == WHAT_A_HISTORY_TELLS_OF_WHAT_IS_OVER


@pytest.mark.parametrize("status", Status)
def test_the_paths_lead_where_they_should(status):
    assert given(*PATHS[status]).state.status is status


@pytest.mark.parametrize(("status", "kind"), ADMITTED, ids=named)
def test_a_command_leads_where_it_should(status, kind):
    before = given(*PATHS[status], *BEFORE.get(kind, ())).state
    decided = DECIDER.decide(COMMANDS[kind], occasion_of(kind), before)
    assert not isinstance(decided, Refusal), decided
    dated = [fact.model_copy(update={"at": EIGHT_DAYS_ON}) for fact in decided]
    assert DECIDER.fold(dated, before).status is (LEADS_TO[kind][status] or status)


@pytest.mark.parametrize(("status", "kind"), REFUSED, ids=named)
def test_a_refusal_says_what_is_and_what_is_possible(status, kind):
    occasion = occasion_of(kind)
    when = given(*PATHS[status]).when(COMMANDS[kind], occasion)
    when.then_refused("not-possible-now", naming=f"is {status.replace('_', ' ')}, so you cannot")
    lead = given(*PATHS[status]).when(COMMANDS[kind], by(LEAD, EIGHT_DAYS_ON))
    offered = [
        LIFE[other].words
        for other, leads_to in LEADS_TO.items()
        if status in leads_to and other not in {*BY_ITSELF, ending.ConfirmResolution, *BEFORE}
    ]
    for words in offered or ["log a new one that follows INC0001234"]:
        lead.then_refused("not-possible-now", naming=words)


@pytest.mark.parametrize("status", Status)
def test_an_incident_is_logged_once(status):
    given(*PATHS[status]).when(COMMANDS[triage.LogIncident]).then_refused("already-logged")


@pytest.mark.parametrize(
    "kind", [kind for kind in COMMANDS if kind is not triage.LogIncident], ids=named
)
def test_nothing_else_happens_to_what_was_not_logged(kind):
    given().when(COMMANDS[kind], occasion_of(kind)).then_refused("not-logged", naming="log it")


BY_LEADS = {
    ending.CloseIncident,
    overriding.OverridePriority,
    overriding.EndOverride,
    major.DeclineMajor,
    major.DeclareMajor,
    major.StandDownMajor,
    major.ReviewMajor,
}
BY_STAFF = {
    work.RecordWork,
    links.LinkIncident,
    links.UnlinkIncident,
    conversion.ConvertToRequest,
    family.BecomeChild,
    family.TakeChild,
    family.LeaveParent,
    family.MakeIndependent,
    family.MakeDependent,
    merging.MergeInto,
    merging.TakeIn,
    major.ProposeMajor,
    major.NotifyManagement,
    major.GiveMajorUpdate,
    triage.PrioritiseIncident,
    triage.ReclassifyIncident,
    triage.AssignIncident,
    triage.TakeIncident,
    triage.EscalateIncident,
    work.StartWork,
    holding.PutOnHold,
    holding.ResumeWork,
    ending.ResolveIncident,
    conversation.AddNote,
}
NOT_BY = {
    CALLER: BY_STAFF | BY_ITSELF | BY_LEADS,
    COLLEAGUE: BY_STAFF
    | BY_ITSELF
    | BY_LEADS
    | {ending.CancelIncident, ending.ReopenIncident, ending.ConfirmResolution},
    AGENT: BY_ITSELF | BY_LEADS | {ending.ConfirmResolution},
    LEAD: BY_ITSELF | {ending.ConfirmResolution},
    IMPORTER: BY_ITSELF | {ending.ConfirmResolution, triage.TakeIncident},
    MACHINE: set(COMMANDS)
    - BY_ITSELF
    - {
        triage.LogIncident,
        conversation.AddComment,
        major.ProposeMajor,
        family.BecomeChild,
        family.TakeChild,
    },
}


@pytest.mark.parametrize("actor", NOT_BY, ids=lambda actor: actor.name)
def test_the_decider_itself_knows_who_may(actor):
    refused = {
        kind
        for status, kind in ADMITTED
        if _code(given(*PATHS[status]).when(COMMANDS[kind], by(actor, EIGHT_DAYS_ON)))
        == "not-yours-to-do"
    }
    assert refused - {ending.ReopenIncident} == NOT_BY[actor] - {ending.ReopenIncident}
    reopening = given(*PATHS[RESOLVED]).when(
        COMMANDS[ending.ReopenIncident], by(actor, EIGHT_DAYS_ON)
    )
    assert (_code(reopening) == "not-yours-to-do") == (ending.ReopenIncident in NOT_BY[actor])


def _code(when):
    return when.decided.code if isinstance(when.decided, Refusal) else None


def test_nobody_is_offered_what_is_not_theirs():
    when = given(LOGGED).when(COMMANDS[ending.ConfirmResolution], by(CALLER))
    assert (
        "Possible for you now: comment on it, watch it, stop watching it, cancel it."
        in when.decided.detail
    )
    when = given(LOGGED, BREACHED).when(COMMANDS[ending.CancelIncident], by(COLLEAGUE))
    when.then_refused("not-yours-to-do", naming="Only the caller or the person it was logged for")
    assert when.decided.detail.endswith(
        "Possible for you now: comment on it, watch it, stop watching it."
    )


@pytest.mark.parametrize("status", Status, ids=named)
@pytest.mark.parametrize("actor", [AGENT, LEAD])
def test_nobody_is_offered_what_there_is_nothing_for(status, actor):
    offer = given(*PATHS[status]).when(COMMANDS[ending.CloseByItself], by(actor, EIGHT_DAYS_ON))
    for kind, way in LIFE.items():
        asked = given(*PATHS[status]).when(COMMANDS[kind], by(actor, EIGHT_DAYS_ON))
        if _code(asked) in {"not-as-major-now", "no-child", "not-overridden"}:
            assert f"{way.words}," not in f"{offer.decided.detail[:-1]},"


def test_what_there_is_something_for_is_offered():
    lives = {
        major.NotifyManagement: DECLARED,
        major.DeclineMajor: PROPOSED,
        overriding.EndOverride: OVERRIDDEN,
        family.MakeIndependent: CHILD,
    }
    for kind, fact in lives.items():
        refused = given(*PATHS[IN_PROGRESS], fact).when(COMMANDS[ending.CloseIncident], by(LEAD))
        assert LIFE[kind].words in refused.decided.detail
