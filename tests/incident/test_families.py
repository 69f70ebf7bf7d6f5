"""Incidents of different callers that have one fault behind them."""

from datetime import timedelta

import pytest
from an_incident import (
    AGENT,
    CANCELLED,
    CHILD,
    CLOSED,
    CONVERTED,
    DAY,
    HOUR,
    ITSELF,
    LOGGED,
    MACHINE,
    MONDAY,
    OTHERS,
    REOPENED,
    RESOLVED,
    STARTED,
    TWIN,
    by,
    given,
    just,
    resolved,
)

from deskstream.decider import Intent
from incident.commands.conversion import ConvertToRequest
from incident.commands.ending import CancelIncident, ReopenIncident
from incident.commands.family import (
    BecomeChild,
    LeaveParent,
    MakeDependent,
    MakeIndependent,
    NoteChildLeft,
    ResolveWithParent,
    TakeChild,
)
from incident.decider.family import NOT_FOR_OTHERS
from incident.decider.state import Alone, Parent
from incident.events.family import (
    BecameChild,
    ChildLeft,
    LeftParent,
    MadeDependent,
    MadeIndependent,
    TookChild,
)
from incident.policies import resolving_with, taking_leave
from incident.terms import ResolutionCode

INDEPENDENT = BecameChild(parent=OTHERS.ref, independent=True)
TOOK = TookChild(child=OTHERS.ref)
LEFT = LeftParent(parent=OTHERS.ref)
TOLD = "The certificate was renewed."


def with_parent(at=MONDAY + HOUR, **different):
    """Its parent was resolved at this moment."""
    parent = OTHERS.model_copy(update=different)
    return ResolveWithParent(parent=parent, resolved_at=at, code=ResolutionCode.FIXED, text=TOLD)


def test_an_incident_becomes_a_child_and_the_other_its_parent():
    given(LOGGED).when(BecomeChild(parent=OTHERS.ref)).then(CHILD)
    given(LOGGED).when(BecomeChild(parent=OTHERS.ref, independent=True)).then(INDEPENDENT)
    given(LOGGED).when(TakeChild(child=OTHERS.ref)).then(TOOK)


def test_a_child_has_one_parent():
    given(LOGGED, CHILD).when(BecomeChild(parent=TWIN.ref)).then_refused(
        "child-already", naming="INC0000077"
    )


def test_there_is_one_level():
    given(LOGGED, TOOK).when(BecomeChild(parent=TWIN.ref)).then_refused(
        "has-children", naming="INC0001234 has 1 children"
    )
    given(LOGGED, CHILD).when(TakeChild(child=TWIN.ref)).then_refused(
        "parent-is-child", naming="make it a child of that one", field="parent"
    )


def test_nobody_is_their_own_parent():
    given(LOGGED).when(BecomeChild(parent=ITSELF.ref)).then_refused("itself", field="parent")
    given(LOGGED).when(TakeChild(child=ITSELF.ref)).then_refused("itself", field="parent")


def test_a_child_leaves_and_its_parent_hears_of_it():
    given(LOGGED, CHILD).when(LeaveParent()).then(LEFT)
    leaving = taking_leave(ITSELF.ref, LEFT)
    assert leaving == Intent(f"incident-{OTHERS.id}", NoteChildLeft(child=ITSELF.ref))
    given(LOGGED, TOOK).when(NoteChildLeft(child=OTHERS.ref), by(MACHINE)).then(
        ChildLeft(child=OTHERS.ref)
    )


def test_a_child_that_left_is_noted_once():
    given(LOGGED).when(NoteChildLeft(child=OTHERS.ref), by(MACHINE)).then_nothing_happened()


def test_a_parent_that_all_children_have_left_may_become_a_child():
    left = ChildLeft(child=OTHERS.ref)
    assert given(LOGGED, TOOK, TOOK, left).state.family == Parent(1)
    assert given(LOGGED, TOOK, left).state.family == Alone()
    given(LOGGED, TOOK, left).when(BecomeChild(parent=OTHERS.ref)).then(CHILD)


@pytest.mark.parametrize(
    ("command", "ended"),
    [
        (CancelIncident(reason=CANCELLED.reason), CANCELLED),
        (ConvertToRequest(reason=CONVERTED.reason), CONVERTED),
    ],
    ids=["cancelled", "converted"],
)
def test_a_child_that_ends_unresolved_leaves_its_parent(command, ended):
    given(LOGGED, CHILD).when(command).then(LEFT, ended)


def test_a_child_that_is_over_does_not_tie_its_parent_for_ever():
    given(LOGGED, CHILD, RESOLVED, CLOSED).when(LeaveParent()).then(LEFT)


@pytest.mark.parametrize("command", [LeaveParent(), MakeIndependent(), MakeDependent()])
def test_who_is_no_child_has_nothing_to_leave(command):
    given(LOGGED).when(command).then_refused("no-child")
    given(LOGGED, CHILD, LEFT).when(command).then_refused("no-child")


def test_a_child_is_made_independent_and_dependent_again():
    given(LOGGED, CHILD).when(MakeIndependent()).then(MadeIndependent())
    given(LOGGED, INDEPENDENT).when(MakeIndependent()).then_nothing_happened()
    given(LOGGED, INDEPENDENT).when(MakeDependent()).then(MadeDependent())
    given(LOGGED, CHILD).when(MakeDependent()).then_nothing_happened()


def test_a_child_is_resolved_as_of_when_its_parent_was():
    told = resolved(MONDAY + HOUR, text=TOLD)
    given(LOGGED, STARTED, CHILD).when(with_parent(), by(MACHINE, MONDAY + 2 * HOUR)).then(told)


def test_a_child_is_not_resolved_before_what_happened_to_it_last():
    later = STARTED.model_copy(update={"at": MONDAY + 2 * HOUR})
    given(LOGGED, later, CHILD).when(with_parent(), by(MACHINE, MONDAY + DAY)).then(
        resolved(MONDAY + 2 * HOUR, text=TOLD)
    )


@pytest.mark.parametrize(
    "so_far",
    [
        (LOGGED,),
        (LOGGED, INDEPENDENT),
        (LOGGED, CHILD, MadeIndependent()),
        (LOGGED, CHILD, LEFT),
        (LOGGED, BecameChild(parent=TWIN.ref)),
        (LOGGED, CHILD, RESOLVED),
    ],
    ids=["no child", "independent", "made independent", "left", "another's", "resolved"],
)
def test_what_is_not_its_child_or_goes_its_own_way_stays_open(so_far):
    given(*so_far).when(with_parent(), by(MACHINE)).then_nothing_happened()


@pytest.mark.parametrize(
    "parent", [{"organisation": "globex"}, {"organisation": None}, {"restricted": True}]
)
def test_what_was_said_elsewhere_or_to_few_is_not_said_to_a_child(parent):
    given(LOGGED, CHILD).when(with_parent(**parent), by(MACHINE, MONDAY + 2 * HOUR)).then(
        resolved(MONDAY + HOUR, text=NOT_FOR_OTHERS)
    )


def test_two_whose_organisation_nobody_told_are_not_of_one():
    of_nobody = LOGGED.model_copy(update={"organisation": None})
    given(of_nobody, CHILD).when(with_parent(organisation=None), by(MACHINE)).then(
        resolved(MONDAY + HOUR, text=NOT_FOR_OTHERS)
    )


def test_a_child_that_is_reopened_leaves_its_parent():
    given(LOGGED, CHILD, RESOLVED).when(
        ReopenIncident(reason=REOPENED.reason), by(AGENT, MONDAY + DAY)
    ).then(REOPENED, LEFT)


def test_a_parents_resolution_asks_the_same_of_its_children():
    assert resolving_with(OTHERS, resolved(MONDAY + HOUR)) == with_parent()
    with pytest.raises(TypeError, match="WorkStarted resolves no child"):
        resolving_with(OTHERS, just(STARTED))


def test_making_a_family_does_not_stand_in_the_way_of_what_is_told_late():
    late = CHILD.model_copy(update={"at": MONDAY + timedelta(hours=3)})
    assert given(LOGGED, late).state.told_until == MONDAY
