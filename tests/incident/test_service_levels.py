"""What the clocks say of an incident's targets, and who is to know of it."""

from typing import Any

import pytest
from a_catalogue import KNOWN
from an_incident import (
    ASSIGNED,
    BREACHED,
    ESCALATED,
    HOUR,
    LIVES,
    LOGGED,
    MACHINE,
    MONDAY,
    OPEN,
    RESOLVED,
    WARNED,
    by,
    given,
)

from deskstream_testing.deciders import DeciderSpecification
from incident.commands.service_levels import (
    NoteBreachCorrection,
    NoteServiceLevelBreach,
    NoteServiceLevelWarning,
    NoteSuspicion,
    NoteSuspicionCleared,
)
from incident.decider import incident_decider
from incident.events.service_levels import (
    ServiceLevelBreachCorrected,
    ServiceLevelSuspected,
    ServiceLevelSuspicionCleared,
)
from incident.events.triage import EscalationTold, IncidentAssigned, IncidentEscalated
from incident.terms import EscalationKind, Post, ProcessPolicy, Status

CORRECTED = ServiceLevelBreachCorrected(target="first_response", cycle=1)
RUNS_OUT = IncidentEscalated(
    kind=EscalationKind.HIERARCHICAL, because="75% of the time for resolution is used."
)
CORRECT = NoteBreachCorrection(target="first_response", cycle=1)


def breach(cycle: int = 1, **known: Any) -> NoteServiceLevelBreach:
    return NoteServiceLevelBreach(
        target="first_response",
        cycle=cycle,
        due_at=MONDAY,
        detected_at=MONDAY,
        late_by_seconds=0.2,
        **known,
    )


def warning(**known: Any) -> NoteServiceLevelWarning:
    return NoteServiceLevelWarning(target="resolution", fraction=0.75, due_at=MONDAY, **known)


def told(*whom: str) -> list[EscalationTold]:
    return [EscalationTold(kind=EscalationKind.HIERARCHICAL, whom=one) for one in whom]


@pytest.mark.parametrize("status", OPEN)
@pytest.mark.parametrize("known", [{}, {"still_told": True}], ids=["live", "still told"])
def test_what_fires_is_escalated_while_something_can_still_be_done_unless_it_is_still_told(
    status, known
):
    further = ([RUNS_OUT], [ESCALATED]) if not known else ([], [])
    given(*LIVES[status]).when(warning(**known), by(MACHINE)).then(WARNED, *further[0])
    given(*LIVES[status]).when(breach(**known), by(MACHINE)).then(BREACHED, *further[1])


@pytest.mark.parametrize("status", [status for status in Status if status not in OPEN])
def test_what_comes_to_light_later_is_only_noted(status):
    given(*LIVES[status]).when(warning(), by(MACHINE)).then(WARNED)
    given(*LIVES[status]).when(breach(), by(MACHINE)).then(BREACHED)


SUSPECTED = ServiceLevelSuspected(target="first_response", cycle=1, due_at=MONDAY)
CLEARED = ServiceLevelSuspicionCleared(target="first_response", cycle=1)


@pytest.mark.parametrize("status", Status)
def test_what_is_only_suspected_is_noted_and_nobody_is_told(status):
    suspect = NoteSuspicion(target="first_response", cycle=1, due_at=MONDAY)
    given(*LIVES[status]).when(suspect, by(MACHINE)).then(SUSPECTED)
    clear = NoteSuspicionCleared(target="first_response", cycle=1)
    given(*LIVES[status], SUSPECTED).when(clear, by(MACHINE)).then(CLEARED)


def test_what_was_suspected_and_is_certain_then_is_escalated():
    given(LOGGED, ASSIGNED, SUSPECTED).when(breach(parties=KNOWN), by(MACHINE)).then(
        BREACHED, ESCALATED, *told("Dana", "Eve", "Mara")
    )


def test_of_a_warning_who_works_on_it_is_told_and_who_leads_their_group():
    given(LOGGED, ASSIGNED).when(warning(parties=KNOWN), by(MACHINE)).then(
        WARNED, RUNS_OUT, *told("Dana", "Eve")
    )


def test_of_a_breach_the_leads_manager_is_told_besides():
    given(LOGGED, ASSIGNED).when(breach(parties=KNOWN), by(MACHINE)).then(
        BREACHED, ESCALATED, *told("Dana", "Eve", "Mara")
    )


def test_who_has_two_places_is_told_once_and_of_a_place_that_nobody_has_nobody():
    leads_herself = IncidentAssigned(group="network", person="Gus")
    given(LOGGED, leads_herself).when(breach(parties=KNOWN), by(MACHINE)).then(
        BREACHED, ESCALATED, *told("Gus")
    )
    given(LOGGED, IncidentAssigned(group="messaging")).when(
        warning(parties=KNOWN), by(MACHINE)
    ).then(WARNED, RUNS_OUT, *told("Eve"))


def test_an_organisation_sets_who_is_told():
    reticent = ProcessPolicy(told_of_warnings=(), told_of_breaches=(Post.MANAGER,))
    given = DeciderSpecification(incident_decider(reticent), usual=by(MACHINE)).given
    given(LOGGED, ASSIGNED).when(warning(parties=KNOWN)).then(WARNED, RUNS_OUT)
    given(LOGGED, ASSIGNED).when(breach(parties=KNOWN)).then(BREACHED, ESCALATED, *told("Mara"))


def test_an_escalation_does_not_stand_in_the_way_of_what_is_told_late():
    noted = (WARNED, SUSPECTED, CLEARED, RUNS_OUT)
    late = [one.model_copy(update={"at": MONDAY + HOUR}) for one in noted]
    assert given(LOGGED, *late, *told("Dana")).state.told_until == MONDAY


def test_a_breach_is_noted_once_per_cycle():
    given(LOGGED, BREACHED, ESCALATED).when(breach(), by(MACHINE)).then_nothing_happened()
    given(LOGGED, BREACHED, ESCALATED).when(breach(cycle=2), by(MACHINE)).then(
        BREACHED.model_copy(update={"cycle": 2}), ESCALATED
    )


def test_a_breach_that_was_none_is_corrected_once():
    given(LOGGED, BREACHED, RESOLVED).when(CORRECT, by(MACHINE)).then(CORRECTED)
    given(LOGGED, BREACHED, RESOLVED, CORRECTED).when(CORRECT, by(MACHINE)).then_nothing_happened()
    given(LOGGED).when(CORRECT, by(MACHINE)).then_nothing_happened()
