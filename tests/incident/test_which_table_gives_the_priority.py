"""An organisation's own table, or its nearest ancestor's, everyone's, the one to start with."""

import pytest
from an_incident import AGENT, DAY, HOUR, LOGGED, MONDAY, by, given, log

from incident.decider.priority import table_for
from incident.terms import STARTER_MATRIX, PriorityMatrix, PriorityTables


def table(version: int) -> PriorityMatrix:
    return STARTER_MATRIX.model_copy(update={"version": version})


OWN, ABOVE, OF_ALL, NEXT = table(1), table(2), table(3), table(4)
LONG_AGO, TOMORROW = MONDAY - 30 * DAY, MONDAY + DAY


def chosen(tables, organisation="acme", at=MONDAY):
    return table_for(tables, organisation, at).version


def test_without_any_it_is_the_one_to_start_with():
    assert chosen(PriorityTables()) == STARTER_MATRIX.version
    assert chosen(PriorityTables(), organisation=None) == STARTER_MATRIX.version


def test_the_nearest_is_chosen():
    parents = {"acme": ((LONG_AGO, "group"),), "group": ((LONG_AGO, "holding"),)}
    everyone, holding = {"": ((LONG_AGO, OF_ALL),)}, {"holding": ((LONG_AGO, ABOVE),)}
    own = {"acme": ((LONG_AGO, OWN),)}
    assert chosen(PriorityTables(parents, everyone)) == OF_ALL.version
    assert chosen(PriorityTables(parents, everyone | holding)) == ABOVE.version
    assert chosen(PriorityTables(parents, everyone | holding | own)) == OWN.version
    assert chosen(PriorityTables(parents, everyone | holding), None) == OF_ALL.version


@pytest.mark.parametrize(("at", "version"), [(MONDAY, 1), (TOMORROW, 4), (LONG_AGO - DAY, 0)])
def test_a_table_holds_from_its_time(at, version):
    tables = PriorityTables(matrices={"acme": ((LONG_AGO, OWN), (TOMORROW, NEXT))})
    assert chosen(tables, at=at) == version


@pytest.mark.parametrize(("at", "version"), [(MONDAY, 1), (TOMORROW, 3)])
def test_where_a_table_has_ended_the_next_nearest_counts(at, version):
    ended = {"acme": ((LONG_AGO, OWN), (TOMORROW, None)), "": ((LONG_AGO, OF_ALL),)}
    assert chosen(PriorityTables(matrices=ended), at=at) == version


@pytest.mark.parametrize(("at", "version"), [(MONDAY, 2), (TOMORROW, 3)])
def test_a_customer_who_moves_later_has_the_old_parents_table_until_then(at, version):
    parents = {"acme": ((LONG_AGO, "holding"), (TOMORROW, "others"))}
    matrices = {"holding": ((LONG_AGO, ABOVE),), "others": ((LONG_AGO, OF_ALL),)}
    assert chosen(PriorityTables(parents, matrices), at=at) == version


def test_parents_in_a_ring_end():
    parents = {"acme": ((LONG_AGO, "group"),), "group": ((LONG_AGO, "acme"),)}
    assert chosen(PriorityTables(parents)) == STARTER_MATRIX.version


def test_what_is_told_afterwards_has_the_table_of_then():
    tables = PriorityTables(matrices={"acme": ((MONDAY, NEXT),)})
    before = by(AGENT, MONDAY + HOUR, at=MONDAY - HOUR)
    logged = LOGGED.model_copy(update={"at": MONDAY - HOUR})
    given().when(log(tables=tables), before).then(logged)
    given().when(log(tables=tables), by(AGENT)).then(
        LOGGED.model_copy(update={"matrix_version": NEXT.version})
    )
