import pytest
from an_incident import (
    AFFECTED,
    AGENT,
    AWAITING_CALLER,
    CALLER,
    COLLEAGUE,
    IMPORTER,
    LEAD,
    LOGGED,
    MACHINE,
    STARTED,
    by,
    given,
)

from deskstream.decider import Actor, Role
from incident.commands.conversation import AddComment, AddNote
from incident.events import CODEC
from incident.events.conversation import CommentAdded, NoteAdded
from incident.events.family import ChildLeft, TookChild
from incident.events.holding import IncidentPutOnHold, IncidentResumed
from incident.events.major import MajorReviewed, MajorUpdateOverdue, ManagementNotified
from incident.events.merging import NoteMoved, WorkMoved
from incident.events.triage import EscalationTold, IncidentEscalated
from incident.events.watching import IncidentUnwatched, IncidentWatched
from incident.events.work import WorkRecorded
from incident.terms import HoldReason, ResumeCause, Speaker

CALLER_WHO_IS_AN_AGENT = Actor("Anna", Role.AGENT)
RESUMED = IncidentResumed(cause=ResumeCause.CALLER_REPLIED)


def said(speaker: Speaker = Speaker.CUSTOMER) -> CommentAdded:
    return CommentAdded(text="It works.", speaker=speaker)


@pytest.mark.parametrize("speaker", [AGENT, LEAD], ids=lambda actor: actor.role)
def test_what_staff_say_is_an_agents_comment(speaker):
    given(LOGGED).when(AddComment(text="It works."), by(speaker)).then(said(Speaker.AGENT))


@pytest.mark.parametrize("machine", [MACHINE, IMPORTER], ids=lambda actor: actor.name)
def test_what_a_machine_says_is_automatic_and_no_agents_comment(machine):
    given(LOGGED).when(AddComment(text="It works."), by(machine)).then(said(Speaker.MACHINE))


@pytest.mark.parametrize("speaker", [CALLER, AFFECTED, COLLEAGUE], ids=lambda actor: actor.name)
def test_what_customers_say_is_neither(speaker):
    given(LOGGED).when(AddComment(text="It works."), by(speaker)).then(said())


def test_an_agent_who_is_the_caller_does_not_answer_themself():
    given(LOGGED).when(AddComment(text="It works."), by(CALLER_WHO_IS_AN_AGENT)).then(said())


@pytest.mark.parametrize(
    "speaker",
    [CALLER, AFFECTED, COLLEAGUE, CALLER_WHO_IS_AN_AGENT],
    ids=["caller", "affected", "colleague", "caller who is an agent"],
)
def test_the_customers_answer_ends_a_hold_that_awaits_it(speaker):
    given(LOGGED, STARTED, AWAITING_CALLER).when(AddComment(text="It works."), by(speaker)).then(
        said(), RESUMED
    )


def test_what_others_say_does_not_end_a_hold_that_awaits_the_caller():
    waiting = given(LOGGED, AWAITING_CALLER)
    waiting.when(AddComment(text="It works."), by(AGENT)).then(said(Speaker.AGENT))
    waiting.when(AddComment(text="It works."), by(MACHINE)).then(said(Speaker.MACHINE))


@pytest.mark.parametrize(
    "reason", [reason for reason in HoldReason if reason is not HoldReason.AWAITING_CALLER]
)
def test_the_customers_answer_ends_no_other_hold(reason):
    given(LOGGED, IncidentPutOnHold(reason=reason)).when(
        AddComment(text="It works."), by(CALLER)
    ).then(said())


def test_a_note_is_for_staff_only():
    given(LOGGED).when(AddNote(text="The disk is full."), by(AGENT)).then(
        NoteAdded(text="The disk is full.")
    )


def test_customers_are_shown_everything_but_what_is_for_staff():
    assert {fact for fact in CODEC.names.values() if fact.internal} == {
        NoteAdded,
        IncidentEscalated,
        EscalationTold,
        IncidentWatched,
        IncidentUnwatched,
        WorkRecorded,
        WorkMoved,
        NoteMoved,
        TookChild,
        ChildLeft,
        ManagementNotified,
        MajorUpdateOverdue,
        MajorReviewed,
    }


@pytest.mark.parametrize("speaker", Speaker)
def test_an_importer_tells_what_others_said(speaker):
    given(LOGGED).when(AddComment(text="It works.", speaker=speaker), by(IMPORTER)).then(
        said(speaker)
    )


def test_a_history_tells_itself_whether_work_went_on_after_an_answer():
    given(LOGGED, AWAITING_CALLER).when(
        AddComment(text="It works.", speaker=Speaker.CUSTOMER), by(IMPORTER)
    ).then(said())


@pytest.mark.parametrize("actor", [CALLER, AGENT, MACHINE], ids=lambda actor: actor.role)
def test_nobody_else_speaks_for_others(actor):
    given(LOGGED).when(AddComment(text="Yes.", speaker=Speaker.AGENT), by(actor)).then_refused(
        "speaker-is-you", field="speaker"
    )
