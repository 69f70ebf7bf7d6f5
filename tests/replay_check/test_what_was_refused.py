import csv

import pytest
from log import in_time_order
from refusals import read_refusals, refused_of, without


def rows(*told):
    """Ten minutes apart: group, priority and state."""
    return [
        {
            "line": str(nth),
            "sys_updated_at": f"29/2/2016 09:{10 * nth}",
            "assignment_group": group,
            "priority": priority,
            "incident_state": state,
        }
        for nth, (group, priority, state) in enumerate(told)
    ]


LIFE = rows(
    ("A", "3", "New"),
    ("B", "3", "Active"),
    ("B", "1", "Active"),
    ("C", "1", "Awaiting Vendor"),
    ("B", "1", "Active"),
)


def said(found, column):
    return [row[column] for row in found]


def test_what_was_not_refused_is_as_it_was():
    assert without(LIFE, {}) == in_time_order(LIFE)


def test_a_refused_group_is_not_told_again_until_there_is_another():
    left = without(LIFE, {"1": {"assign"}})
    assert said(left, "assignment_group") == ["A", "A", "A", "C", "B"]
    assert said(left, "incident_state") == said(LIFE, "incident_state")


@pytest.mark.parametrize("what", ["hold", "state"])
def test_a_refused_state_leaves_the_one_before(what):
    left = without(LIFE, {"3": {what}})
    assert said(left, "incident_state") == ["New", "Active", "Active", "Active", "Active"]


def test_a_refused_priority_leaves_the_one_before():
    assert said(without(LIFE, {"2": {"prioritise"}}), "priority") == ["3"] * 5


def test_a_refused_row_says_nothing():
    assert without(LIFE, {"1": {"row"}}) == [LIFE[0], *LIFE[2:]]


def test_of_what_did_not_open_there_is_nothing():
    assert without(LIFE, {"0": {"log"}, "1": {"assign"}}) == []


def test_a_row_in_a_state_that_nothing_explains_is_no_excuse():
    strange = rows(("A", "3", "New"), ("A", "3", "-100"))
    assert refused_of(strange, {"1": {"row"}}) == []
    assert refused_of(LIFE, {"1": {"assign", "start"}, "9": {"hold"}}) == ["assign", "start"]


def test_the_report_is_read(tmp_path):
    report = tmp_path / "refused.csv"
    with report.open("w", newline="") as file:
        csv.writer(file).writerows(
            [
                ("line", "reason"),
                (7, "INC1, assign: It is over. (closed)"),
                (7, "INC1 is new, and the process knows no way from there to closed."),
                (8, "incident_state is '-100', for which the mapping has no state."),
            ]
        )
    assert read_refusals(report) == {"7": {"assign", "state"}, "8": {"row"}}
