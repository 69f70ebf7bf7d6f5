import pytest
from an_incident import (
    BREACHED,
    ESCALATED,
    LIVES,
    LOGGED,
    MACHINE,
    MONDAY,
    OPEN,
    RESOLVED,
    by,
    given,
)

from incident.commands.service_levels import (
    NoteBreachCorrection,
    NoteServiceLevelBreach,
    NoteServiceLevelWarning,
)
from incident.events.service_levels import ServiceLevelBreachCorrected, ServiceLevelWarned
from incident.terms import Status

CORRECTED = ServiceLevelBreachCorrected(target="first_response", cycle=1)
CORRECT = NoteBreachCorrection(target="first_response", cycle=1)


def breach(cycle: int = 1) -> NoteServiceLevelBreach:
    return NoteServiceLevelBreach(
        target="first_response", cycle=cycle, due_at=MONDAY, detected_at=MONDAY, late_by_seconds=0.2
    )


@pytest.mark.parametrize("status", Status)
def test_a_warning_becomes_part_of_the_history(status):
    given(*LIVES[status]).when(
        NoteServiceLevelWarning(target="resolution", fraction=0.75, due_at=MONDAY), by(MACHINE)
    ).then(ServiceLevelWarned(target="resolution", fraction=0.75, due_at=MONDAY))


@pytest.mark.parametrize("status", OPEN)
def test_a_breach_is_escalated_while_something_can_still_be_done(status):
    given(*LIVES[status]).when(breach(), by(MACHINE)).then(BREACHED, ESCALATED)


@pytest.mark.parametrize("status", OPEN)
def test_a_breach_of_a_history_that_is_still_told_calls_nobody(status):
    still_told = breach().model_copy(update={"still_told": True})
    given(*LIVES[status]).when(still_told, by(MACHINE)).then(BREACHED)


@pytest.mark.parametrize("status", [status for status in Status if status not in OPEN])
def test_a_breach_that_comes_to_light_later_is_only_noted(status):
    given(*LIVES[status]).when(breach(), by(MACHINE)).then(BREACHED)


def test_a_breach_is_noted_once_per_cycle():
    given(LOGGED, BREACHED, ESCALATED).when(breach(), by(MACHINE)).then_nothing_happened()
    given(LOGGED, BREACHED, ESCALATED).when(breach(cycle=2), by(MACHINE)).then(
        BREACHED.model_copy(update={"cycle": 2}), ESCALATED
    )


def test_a_breach_that_was_none_is_corrected_once():
    given(LOGGED, BREACHED, RESOLVED).when(CORRECT, by(MACHINE)).then(CORRECTED)
    given(LOGGED, BREACHED, RESOLVED, CORRECTED).when(CORRECT, by(MACHINE)).then_nothing_happened()
    given(LOGGED).when(CORRECT, by(MACHINE)).then_nothing_happened()
