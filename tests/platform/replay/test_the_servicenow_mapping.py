from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest

from deskstream_platform.replay.mapping_file import read_mapping
from deskstream_platform.replay.rows import Row, read_rows
from deskstream_platform.replay.steps import Kind
from deskstream_platform.replay.telling import tell
from incident.terms import Status

NINE = datetime(2016, 2, 29, 9, tzinfo=UTC)
MAPPING = read_mapping("servicenow")
CELLS = dict.fromkeys(MAPPING.columns, "") | {
    "impact": "2 - Medium",
    "urgency": "2 - Medium",
    "assignment_group": "Group 1",
    "incident_state": "New",
}


def told(*changes):
    cells, rows = CELLS, []
    for minute, change in enumerate(({}, *changes)):
        cells = cells | change
        at = NINE + timedelta(minutes=minute)
        rows.append(Row(minute + 2, "INC1", at, NINE - timedelta(hours=1), cells))
    return tell(rows, MAPPING)


def kinds(*changes):
    return [step.kind for step in told(*changes).steps][1:]


def states(*names):
    return [{"incident_state": name} for name in names]


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["Active"], [Kind.START]),
        (["Awaiting User Info", "Active"], [Kind.HOLD, Kind.RESUME]),
        (["Awaiting User Info", "Awaiting Problem"], [Kind.HOLD, Kind.HOLD]),
        (["Awaiting User Info", "New", "Active"], [Kind.HOLD, Kind.RESUME]),
        (["Awaiting Problem", "Resolved"], [Kind.HOLD, Kind.RESOLVE]),
        (["Awaiting Evidence", "Closed"], [Kind.HOLD, Kind.RESOLVE, Kind.CLOSE]),
        (["Resolved", "Closed"], [Kind.RESOLVE, Kind.CLOSE]),
        (["Resolved", "Active"], [Kind.RESOLVE, Kind.REOPEN]),
        (["Resolved", "Awaiting Vendor"], [Kind.RESOLVE, Kind.REOPEN, Kind.HOLD]),
        (["Closed", "New"], [Kind.RESOLVE, Kind.CLOSE, Kind.REOPEN]),
        (["-100", "Resolved"], [Kind.RESOLVE]),
    ],
)
def test_states_as_steps(names, wanted):
    assert kinds(*states(*names)) == wanted


def test_what_is_reopened_comes_back_before_it_is_judged_and_assigned_anew():
    back = {"incident_state": "Active", "impact": "1 - High", "assignment_group": "Group 2"}
    assert kinds({"incident_state": "Resolved"}, back) == [
        Kind.RESOLVE,
        Kind.REOPEN,
        Kind.PRIORITISE,
        Kind.ASSIGN,
    ]


def test_what_is_resolved_is_judged_and_assigned_before():
    done = {"incident_state": "Resolved", "urgency": "3 - Low", "assignment_group": ""}
    tale = told(done)
    assert [step.kind for step in tale.steps][1:] == [Kind.PRIORITISE, Kind.ASSIGN, Kind.RESOLVE]
    assert tale.steps[2].fields == {"group": None, "person": None}


def test_another_vendor_is_another_hold():
    steps = told(*states("Awaiting Vendor"), {"vendor": "Vendor 1"}).steps[1:]
    assert [step.fields["supplier"] for step in steps] == ["The vendor", "Vendor 1"]


def test_what_it_is_about_and_linked_with_is_told_when_it_changes():
    found = {"category": "Category 1", "problem_id": "Problem ID 14", "rfc": "CHG0000132"}
    other = {"category": "Category 2", "problem_id": "", "rfc": "CHG0001230"}
    steps = told(found, {"category": ""}, other).steps[1:]
    assert [(step.line, step.kind, step.fields) for step in steps] == [
        (3, Kind.CLASSIFY, {"category": "Category 1"}),
        (3, Kind.LINK, {"kind": "change", "to": "CHG0000132"}),
        (3, Kind.LINK, {"kind": "problem", "to": "Problem ID 14"}),
        (5, Kind.CLASSIFY, {"category": "Category 2"}),
        (5, Kind.UNLINK, {"kind": "change", "to": "CHG0000132"}),
        (5, Kind.UNLINK, {"kind": "problem", "to": "Problem ID 14"}),
        (5, Kind.LINK, {"kind": "change", "to": "CHG0001230"}),
    ]


def test_a_ticket_is_logged_when_it_was_opened():
    assert told().steps[0].at == NINE - timedelta(hours=1)


@pytest.mark.parametrize(
    ("begins", "status", "detail"),
    [
        ("Active", Status.IN_PROGRESS, {}),
        ("Awaiting Evidence", Status.ON_HOLD, {"hold": {"reason": "other", "text": "Evidence"}}),
        (
            "Closed",
            Status.CLOSED,
            {"resolution": {"code": "fixed", "text": "Nothing said"}},
        ),
    ],
)
def test_a_ticket_that_begins_later_is_imported_with_its_state(begins, status, detail):
    rows = [Row(2, "INC1", NINE, NINE - timedelta(hours=1), CELLS | {"incident_state": begins})]
    (imported,) = tell(rows, MAPPING).steps
    assert (imported.kind, imported.at) == (Kind.IMPORT, NINE)
    wanted = {"state": status, "opened_at": NINE - timedelta(hours=1), **detail}
    assert {name: imported.fields[name] for name in wanted} == wanted


def test_the_excerpt_that_ships_is_told_whole():
    path = files("deskstream_platform") / "data" / "incident_log_excerpt.csv.gz"
    tale = tell(read_rows(path, MAPPING), MAPPING)
    assert (tale.tickets, tale.refused) == (300, [])
