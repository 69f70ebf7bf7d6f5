from dataclasses import replace

import check
import dumps
import pytest
from reckoning import Reckoned

ONE = Reckoned("INC1", "Closed", 0, 3600, 60, 1, 0, breached=False, used=3540)
MUST = {"INC1": ONE}


@pytest.mark.parametrize(
    "other",
    [
        {"state": "Resolved"},
        {"to_resolve": 3601},
        {"to_resolve": None},
        {"on_hold": 61},
        {"group_changes": 2},
        {"reopenings": 1},
        {"breached": True},
        {"used": 3541},
    ],
)
def test_a_figure_that_is_another_is_a_fault_and_told(other, capsys):
    assert check.compare(MUST, {"INC1": replace(ONE, **other)}, {}) == 1
    (figure,) = other
    assert f"{figure:24}{0:>8}{1:>8}" in capsys.readouterr().out


def test_an_incident_that_is_missing_differs_in_every_figure():
    assert check.compare(MUST, {}, {}) == len(check.fields(Reckoned))


def test_a_difference_with_a_name_is_no_fault_but_counted(capsys):
    found = {"INC1": replace(ONE, used=1)}
    assert check.compare(MUST, found, {"INC1": "refused"}) == 0
    assert f"{1:>8,}  refused" in capsys.readouterr().out


ROWS = {"incident.incidents": ["(1,new)", "(2,closed)"], "incident.events": ["(7,7)"]}


@pytest.mark.parametrize(
    ("after", "differ"),
    [
        ({"incident.incidents": ["(1,new)", "(2,resolved)"]}, ["(2,closed)", "(2,resolved)"]),
        ({"incident.incidents": ["(1,new)"]}, ["(2,closed)"]),
        ({"incident.incidents": ["(1,new)", "(1,new)", "(2,closed)"]}, ["(1,new)"]),
        ({"incident.events": ["(8,8)"]}, ["(7,7)", "(8,8)"]),
        ({"incident.words": ["(mail)"]}, ["(mail)"]),
    ],
    ids=["another row", "a row less", "a row twice", "an event more", "a table more"],
)
def test_rows_that_are_not_the_same_are_told_by_table(after, differ):
    assert dumps.differences(ROWS, ROWS | after) == {next(iter(after)): differ}
    assert dumps.differences(ROWS, ROWS) == {}
