from dataclasses import replace

from an_incident import AGENT, ASSIGNED, LOGGED, by, given

from incident.commands import AssignIncident, EscalateIncident, PrioritiseIncident
from incident.events import IncidentAssigned, IncidentEscalated, IncidentPrioritised
from incident.terms import STARTER_MATRIX, EscalationKind, Impact, Urgency

GRAVER = PrioritiseIncident(by(AGENT), Impact.HIGH, Urgency.HIGH, STARTER_MATRIX)


def test_judged_anew_its_priority_is_looked_up_again():
    given(LOGGED).when(GRAVER).then(
        IncidentPrioritised(impact=Impact.HIGH, urgency=Urgency.HIGH, priority=1, matrix_version=0)
    )


def test_the_same_judgement_changes_nothing():
    same = PrioritiseIncident(by(AGENT), LOGGED.impact, LOGGED.urgency, STARTER_MATRIX)
    given(LOGGED).when(same).then_nothing_happened()


def test_the_same_judgement_under_another_matrix_may_change_the_priority():
    everything_first = {impact: dict.fromkeys(Urgency, 1) for impact in Impact}
    matrix = STARTER_MATRIX.model_copy(update={"version": 1, "priorities": everything_first})
    command = PrioritiseIncident(by(AGENT), LOGGED.impact, LOGGED.urgency, matrix)
    given(LOGGED).when(command).then(
        IncidentPrioritised(
            impact=LOGGED.impact, urgency=LOGGED.urgency, priority=1, matrix_version=1
        )
    )


def test_a_group_and_perhaps_a_person_become_responsible():
    given(LOGGED).when(AssignIncident(by(AGENT), "messaging")).then(
        IncidentAssigned(group="messaging")
    )
    given(LOGGED).when(AssignIncident(by(AGENT), "messaging", "Dana")).then(ASSIGNED)


def test_assigning_to_whoever_is_responsible_changes_nothing():
    again = AssignIncident(by(AGENT), "messaging", "Dana")
    given(LOGGED, ASSIGNED).when(again).then_nothing_happened()
    given(LOGGED, ASSIGNED).when(replace(again, person=None)).then(
        IncidentAssigned(group="messaging")
    )


def test_a_functional_escalation_hands_it_to_another_group():
    command = EscalateIncident(by(AGENT), EscalationKind.FUNCTIONAL, "It is theirs.", "network")
    given(LOGGED, ASSIGNED).when(command).then(
        IncidentEscalated(kind=command.kind, because=command.because, to="network"),
        IncidentAssigned(group="network"),
    )
    given(LOGGED, ASSIGNED).when(replace(command, to=None)).then_refused(
        "group-missing", field="to"
    )
    given(LOGGED, ASSIGNED).when(replace(command, to="messaging")).then_refused(
        "same-group", field="to"
    )


def test_a_hierarchical_escalation_leaves_it_where_it_is():
    command = EscalateIncident(by(AGENT), EscalationKind.HIERARCHICAL, "The board asks.")
    given(LOGGED, ASSIGNED).when(command).then(
        IncidentEscalated(kind=command.kind, because=command.because)
    )
