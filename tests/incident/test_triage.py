import pytest
from an_incident import AGENT, ASSIGNED, LOGGED, MONDAY, by, given

from incident.commands.triage import AssignIncident, EscalateIncident, PrioritiseIncident
from incident.events.triage import IncidentAssigned, IncidentEscalated, IncidentPrioritised
from incident.terms import (
    STARTER_MATRIX,
    Assigning,
    EscalationKind,
    Impact,
    PriorityTables,
    Restriction,
    Urgency,
)

GRAVER = PrioritiseIncident(impact=Impact.HIGH, urgency=Urgency.HIGH, tables=PriorityTables())


def test_judged_anew_its_priority_is_looked_up_again():
    given(LOGGED).when(GRAVER).then(
        IncidentPrioritised(impact=Impact.HIGH, urgency=Urgency.HIGH, priority=1, matrix_version=0)
    )


def test_the_same_judgement_changes_nothing():
    same = PrioritiseIncident(impact=LOGGED.impact, urgency=LOGGED.urgency, tables=PriorityTables())
    given(LOGGED).when(same).then_nothing_happened()


def test_the_same_judgement_under_another_matrix_may_change_the_priority():
    everything_first = {impact: dict.fromkeys(Urgency, 1) for impact in Impact}
    matrix = STARTER_MATRIX.model_copy(update={"version": 1, "priorities": everything_first})
    tables = PriorityTables(matrices={"": ((MONDAY, matrix),)})
    command = PrioritiseIncident(impact=LOGGED.impact, urgency=LOGGED.urgency, tables=tables)
    given(LOGGED).when(command).then(
        IncidentPrioritised(
            impact=LOGGED.impact, urgency=LOGGED.urgency, priority=1, matrix_version=1
        )
    )


def test_a_group_and_perhaps_a_person_become_responsible():
    given(LOGGED).when(AssignIncident(group="messaging"), by(AGENT)).then(
        IncidentAssigned(group="messaging")
    )
    given(LOGGED).when(AssignIncident(group="messaging", person="Dana"), by(AGENT)).then(ASSIGNED)


def test_assigning_to_whoever_is_responsible_changes_nothing():
    again = AssignIncident(group="messaging", person="Dana")
    given(LOGGED, ASSIGNED).when(again).then_nothing_happened()
    given(LOGGED, ASSIGNED).when(again.model_copy(update={"person": None})).then(
        IncidentAssigned(group="messaging")
    )


def test_a_functional_escalation_hands_it_to_another_group():
    command = EscalateIncident(
        kind=EscalationKind.FUNCTIONAL, because="It is theirs.", to="network"
    )
    given(LOGGED, ASSIGNED).when(command).then(
        IncidentEscalated(kind=command.kind, because=command.because, to="network"),
        IncidentAssigned(group="network", how=Assigning.ESCALATED),
    )
    given(LOGGED, ASSIGNED).when(command.model_copy(update={"to": None})).then_refused(
        "group-missing", field="to"
    )
    given(LOGGED, ASSIGNED).when(command.model_copy(update={"to": "messaging"})).then_refused(
        "same-group", field="to"
    )


def test_a_hierarchical_escalation_leaves_it_where_it_is():
    command = EscalateIncident(kind=EscalationKind.HIERARCHICAL, because="The board asks.")
    given(LOGGED, ASSIGNED).when(command).then(
        IncidentEscalated(kind=command.kind, because=command.because)
    )


RESTRICTED = LOGGED.model_copy(update={"restricted": Restriction.SECURITY})
HELD = IncidentAssigned(group="security")


@pytest.mark.parametrize(
    "command",
    [
        AssignIncident(group="securty"),
        EscalateIncident(kind=EscalationKind.FUNCTIONAL, because="Theirs.", to="securty"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_misspelt_group_does_not_swallow_a_restricted_incident(command):
    given(RESTRICTED, HELD).when(command, by(AGENT)).then_refused(
        "restricted-stays-in-sight", naming="messaging, security"
    )


@pytest.mark.parametrize("group", ["messaging", "security"])
def test_a_restricted_incident_goes_to_a_group_of_ones_own_or_back(group):
    elsewhere = IncidentAssigned(group="network")
    given(RESTRICTED, HELD, elsewhere).when(AssignIncident(group=group), by(AGENT)).then(
        IncidentAssigned(group=group)
    )
