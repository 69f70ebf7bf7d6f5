from dataclasses import replace
from datetime import timedelta

import pytest
from an_incident import (
    AFFECTED,
    AGENT,
    CALLER,
    CLOSED,
    COLLEAGUE,
    DAY,
    HOUR,
    IMPORTER,
    LEAD,
    LOGGED,
    MACHINE,
    MONDAY,
    REOPENED,
    RESOLVED,
    STARTED,
    by,
    given,
    just,
    resolved,
)

from deskstream.decider import Role
from deskstream_testing.deciders import DeciderSpecification
from incident.commands.ending import (
    CancelIncident,
    CloseByItself,
    CloseIncident,
    ConfirmResolution,
    ReopenIncident,
    ResolveIncident,
)
from incident.decider import incident_decider
from incident.events.conversation import NoteAdded
from incident.events.ending import IncidentCancelled, IncidentClosed
from incident.terms import STARTER_POLICY, Closure, ProcessPolicy, ResolutionCode

AN_INSTANT = timedelta(microseconds=1)
WINDOW_ENDS = MONDAY + STARTER_POLICY.reopening_window
CLOSES = MONDAY + STARTER_POLICY.closes_after
AGAIN = REOPENED.reason


def test_solved_at_first_contact():
    given(LOGGED).when(
        ResolveIncident(code=ResolutionCode.FIXED, text=RESOLVED.text), by(AGENT)
    ).then(just(resolved(MONDAY + HOUR)))


@pytest.mark.parametrize("actor", [CALLER, AGENT, LEAD], ids=lambda actor: actor.role)
def test_reopened_to_the_very_end_of_the_window(actor):
    given(LOGGED, RESOLVED).when(ReopenIncident(reason=AGAIN), by(actor, WINDOW_ENDS)).then(
        REOPENED
    )


def test_after_the_window_a_new_incident_is_linked_to_it():
    for actor in (CALLER, LEAD):
        given(LOGGED, RESOLVED).when(
            ReopenIncident(reason=AGAIN), by(actor, WINDOW_ENDS + AN_INSTANT)
        ).then_refused("reopening-window-over", naming="log a new incident that follows INC0001234")


def test_the_window_begins_anew_with_each_resolution():
    resolved_again = resolved(MONDAY + 10 * DAY)
    given(LOGGED, RESOLVED, REOPENED, resolved_again).when(
        ReopenIncident(reason=AGAIN), by(CALLER, WINDOW_ENDS + DAY)
    ).then(REOPENED)


def test_a_closed_incident_is_reopened_by_a_lead_only_and_within_the_window():
    closed = given(LOGGED, RESOLVED, CLOSED)
    closed.when(ReopenIncident(reason=AGAIN), by(LEAD)).then(REOPENED)
    closed.when(ReopenIncident(reason=AGAIN), by(CALLER)).then_refused(
        "not-yours-to-do", naming="Only a lead or an importer"
    )
    closed.when(ReopenIncident(reason=AGAIN), by(AGENT)).then_refused("not-yours-to-do")
    closed.when(ReopenIncident(reason=AGAIN), by(LEAD, WINDOW_ENDS + AN_INSTANT)).then_refused(
        "reopening-window-over"
    )


@pytest.mark.parametrize("actor", [CALLER, AFFECTED], ids=["caller", "affected"])
def test_who_suffered_confirms_the_resolution(actor):
    given(LOGGED, RESOLVED).when(ConfirmResolution(), by(actor)).then(
        IncidentClosed(how=Closure.CONFIRMED)
    )


@pytest.mark.parametrize("actor", [COLLEAGUE, AGENT, LEAD], ids=lambda actor: actor.role)
def test_nobody_else_confirms_it(actor):
    given(LOGGED, RESOLVED).when(ConfirmResolution(), by(actor)).then_refused(
        "not-yours-to-do", naming="Only the caller or the person it was logged for"
    )


def test_a_lead_closes_without_waiting():
    given(LOGGED, RESOLVED).when(CloseIncident(), by(LEAD)).then(
        IncidentClosed(how=Closure.BY_LEAD)
    )


@pytest.mark.parametrize("actor", [CALLER, AGENT, MACHINE], ids=lambda actor: actor.role)
def test_nobody_else_closes_it_without_waiting(actor):
    given(LOGGED, RESOLVED).when(CloseIncident(), by(actor)).then_refused("not-yours-to-do")


def test_what_a_former_tool_had_closed_is_closed():
    given(LOGGED, RESOLVED).when(CloseIncident(), by(IMPORTER)).then(
        IncidentClosed(how=Closure.IMPORTED)
    )


@pytest.mark.parametrize("late", [timedelta(), DAY])
def test_it_closes_by_itself_at_its_time_however_late_that_is_noticed(late):
    given(LOGGED, RESOLVED).when(CloseByItself(), by(MACHINE, CLOSES + late)).then(
        IncidentClosed(how=Closure.AUTOMATICALLY, at=CLOSES)
    )


def test_what_was_said_after_its_time_does_not_come_after_its_end():
    said = NoteAdded(text="I look again.", at=CLOSES + HOUR)
    given(LOGGED, RESOLVED, said).when(CloseByItself(), by(MACHINE, CLOSES + DAY)).then(
        IncidentClosed(how=Closure.AUTOMATICALLY, at=CLOSES + HOUR)
    )


def test_it_does_not_close_by_itself_too_early():
    given(LOGGED, RESOLVED).when(CloseByItself(), by(MACHINE, CLOSES - AN_INSTANT)).then_refused(
        "too-early"
    )


def test_reopened_and_resolved_again_it_waits_again():
    resolved_again = resolved(MONDAY + DAY)
    given(LOGGED, RESOLVED, REOPENED, resolved_again).when(
        CloseByItself(), by(MACHINE, CLOSES)
    ).then_refused("too-early")


def test_reopened_it_does_not_close_by_itself():
    given(LOGGED, RESOLVED, REOPENED).when(CloseByItself(), by(MACHINE, CLOSES)).then_refused(
        "not-possible-now"
    )


@pytest.mark.parametrize("role", [Role.OWNER, Role.AUDITOR])
def test_who_only_reads_incidents_does_nothing_to_their_own(role):
    reader = replace(CALLER, role=role)
    given(LOGGED).when(CancelIncident(reason="Never mind."), by(reader)).then_refused(
        "not-yours-to-do"
    )
    given(LOGGED, RESOLVED).when(ConfirmResolution(), by(reader)).then_refused("not-yours-to-do")


IMPATIENT = ProcessPolicy(reopening_window=timedelta(days=2), closes_after=timedelta(days=1))


def test_an_organisation_sets_its_own_times():
    impatient = DeciderSpecification(incident_decider(IMPATIENT), usual=by(AGENT)).given
    soon = {"closes_at": MONDAY + DAY + HOUR, "reopenable_until": MONDAY + 2 * DAY + HOUR}
    impatient(LOGGED).when(ResolveIncident(code=RESOLVED.code, text=RESOLVED.text)).then(
        just(resolved(**soon))
    )


def test_times_that_are_set_later_move_no_resolution_that_was_there():
    patient_then = DeciderSpecification(incident_decider(IMPATIENT)).given(LOGGED, RESOLVED)
    patient_then.when(ReopenIncident(reason=AGAIN), by(CALLER, WINDOW_ENDS)).then(REOPENED)
    patient_then.when(CloseByItself(), by(MACHINE, CLOSES - AN_INSTANT)).then_refused("too-early")
    patient_then.when(CloseByItself(), by(MACHINE, CLOSES)).then(
        IncidentClosed(how=Closure.AUTOMATICALLY, at=CLOSES)
    )


@pytest.mark.parametrize("so_far", [(LOGGED,), (LOGGED, STARTED)], ids=["new", "in progress"])
def test_cancelled_with_a_reason(so_far):
    given(*so_far).when(CancelIncident(reason="It was my cable."), by(CALLER)).then(
        IncidentCancelled(reason="It was my cable.")
    )


def test_an_importer_tells_of_a_reopening_that_another_tool_allowed():
    late = MONDAY + 60 * DAY
    reopened = ReopenIncident(reason=REOPENED.reason)
    closed = given(LOGGED, STARTED, RESOLVED, CLOSED)
    closed.when(reopened, by(LEAD, late)).then_refused("reopening-window-over")
    closed.when(reopened, by(IMPORTER, late, at=late)).then(
        REOPENED.model_copy(update={"at": late})
    )
