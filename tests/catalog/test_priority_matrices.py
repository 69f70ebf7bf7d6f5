from datetime import UTC, datetime
from uuid import UUID

import pytest

from catalog.definitions.commands import Define, Redefine, Retire
from catalog.definitions.terms import Surroundings
from catalog.matrices.decider import DECIDER
from catalog.matrices.events import PriorityMatrixRetired, PriorityMatrixSet
from catalog.matrices.terms import EVERYONE, MatrixDefinition, matrix_id
from deskstream.decider import Actor, Occasion, Role
from deskstream_testing.deciders import DeciderSpecification

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
BY_THE_OWNER = Occasion(Actor("Olga", Role.OWNER), NOW)
given = DeciderSpecification(DECIDER, usual=BY_THE_OWNER).given

HARBOUR = UUID(int=1)
ALONE = Surroundings(own=EVERYONE)
WITH_HARBOUR = Surroundings(own=HARBOUR, standing={HARBOUR})
USUAL = ((1, 2, 3), (2, 3, 4), (3, 4, 5))
STRICT = ((1, 1, 2), (1, 2, 3), (2, 3, 4))
LEVELS = ("high", "medium", "low")


def matrix(rows=USUAL, customer=None):
    table = {
        impact: dict(zip(LEVELS, row, strict=False))
        for impact, row in zip(LEVELS, rows, strict=False)
    }
    return MatrixDefinition.model_validate(
        {"name": "Ours", "customer": customer, "priorities": table}
    )


def set_(definition, surroundings=ALONE):
    return Define(definition=definition, surroundings=surroundings)


def replace(definition, effective_from=None):
    return Redefine(definition=definition, surroundings=ALONE, effective_from=effective_from)


SET = PriorityMatrixSet(version=1, effective_from=NOW, definition=matrix())
STRICTER = PriorityMatrixSet(version=2, effective_from=NEW_YEAR, definition=matrix(STRICT))


def test_a_matrix_is_set_once_and_then_replaced():
    given().when(set_(matrix())).then(SET)
    given(SET).when(set_(matrix(STRICT))).then_refused("priority-matrix-exists", naming="Ours")
    given(SET).when(replace(matrix(STRICT), NEW_YEAR)).then(STRICTER)


def test_the_same_priorities_are_no_new_version():
    given(SET).when(replace(matrix())).then_nothing_happened()


def test_only_what_is_set_can_be_replaced():
    given().when(replace(matrix())).then_refused("unknown-priority-matrix")


def test_a_matrix_retires_and_a_new_version_brings_it_back():
    retire = Retire(reason="All alike.", surroundings=ALONE, ends_at=NEW_YEAR)
    retired = PriorityMatrixRetired(ends_at=NEW_YEAR, reason="All alike.")
    given(SET).when(retire).then(retired)
    given(SET, retired).when(retire).then_refused("priority-matrix-retired", naming="2027-01-01")
    given(SET, retired).when(replace(matrix(), NEW_YEAR)).then(
        PriorityMatrixSet(version=2, effective_from=NEW_YEAR, definition=matrix())
    )


def test_a_customer_may_have_a_matrix_of_its_own_and_only_one():
    own = matrix(STRICT, HARBOUR)
    given().when(set_(own, WITH_HARBOUR)).then(
        PriorityMatrixSet(version=1, effective_from=NOW, definition=own)
    )
    assert matrix_id(HARBOUR) == HARBOUR
    assert matrix_id(None) == EVERYONE


def test_the_customer_must_be_known():
    own = set_(matrix(STRICT, HARBOUR))
    given().when(own).then_refused("unknown-organisation", naming=str(HARBOUR), field="customer")


def test_a_matrix_stays_with_its_customer():
    another = replace(matrix(STRICT, HARBOUR))
    given(SET).when(another).then_refused("customer-is-fixed", field="customer")


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ((), "priorities.high.high"),
        (((1, 2, 3), (2, 3, 4)), "priorities.low.high"),
        (((1, 2, 3), (2, 3), (3, 4, 5)), "priorities.medium.low"),
    ],
)
def test_a_matrix_has_no_holes(rows, field):
    holed = matrix(rows)
    given().when(set_(holed)).then_refused("matrix-incomplete", field=field)
    given(SET).when(replace(holed)).then_refused("matrix-incomplete", field=field)


@pytest.mark.parametrize("priority", [-1, 0, 6])
def test_priorities_go_from_1_to_5(priority):
    impossible = matrix(((1, 2, 3), (2, priority, 4), (3, 4, 5)))
    given().when(set_(impossible)).then_refused(
        "priority-out-of-range", naming=f"{priority} is no", field="priorities.medium.medium"
    )


def test_its_history_reads_in_plain_words():
    assert STRICTER.in_words() == (
        "Version 2, in force from 2027-01-01 00:00:00 UTC: “Ours”: by high, medium, low urgency, "
        "high impact P1, P1, P2; medium impact P1, P2, P3; low impact P2, P3, P4"
    )
