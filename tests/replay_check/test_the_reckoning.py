from datetime import UTC, datetime

import pytest
from contradictions import classes_of
from promise import PAUSED, RUNNING, STOPPED, Agreement, Clock
from reckoning import reckon
from working_hours import WorkingHours

WEEKDAYS, WEEKEND = ("mon", "tue", "wed", "thu", "fri"), ("sat", "sun")
ROUND_THE_CLOCK = {
    "timezone": "America/Sao_Paulo",
    "hours": {day: [["00:00", "24:00"]] for day in (*WEEKDAYS, *WEEKEND)},
    "holidays": ["2016-03-03"],
}
OFFICE = ROUND_THE_CLOCK | {
    "hours": {day: [["09:00", "17:00"]] for day in WEEKDAYS} | {day: [] for day in WEEKEND}
}
AGREEMENT = Agreement(
    {
        "calendar": ROUND_THE_CLOCK,
        "seconds": {"1": 600, "3": 3600},
        "pauses_on": ["Awaiting User Info"],
    }
)
HOUR = 3600
CELLS = {
    "number": "INC1",
    "incident_state": "New",
    "opened_at": "29/2/2016 09:00",
    "sys_created_at": "?",
    "sys_updated_at": "29/2/2016 09:10",
    "sys_mod_count": "0",
    "assignment_group": "?",
    "priority": "3 - Moderate",
    "reassignment_count": "0",
    "reopen_count": "0",
    "made_sla": "true",
    "active": "true",
    "resolved_at": "29/2/2016 09:40",
    "closed_at": "?",
}


def at(month, day, hour, minute=0):
    return int(datetime(2016, month, day, hour, minute, tzinfo=UTC).timestamp())


def rows(*changes):
    """Ten minutes apart."""
    cells, found = CELLS, []
    for nth, change in enumerate(({}, *changes)):
        hour, minute = divmod(10 + 10 * nth, 60)
        updated = f"29/2/2016 {9 + hour:02}:{minute:02}"
        cells = cells | {"sys_updated_at": updated, "sys_mod_count": str(nth)} | change
        found.append(cells)
    return found


def states(*names):
    return rows(*({"incident_state": name} for name in names))


def reckoned(found):
    return reckon(found, AGREEMENT, at(2, 29, 12))


def test_a_life():
    one = reckoned(states("Active", "Awaiting User Info", "Resolved", "Closed"))
    assert (one.state, one.opened, one.to_resolve) == ("Closed", at(2, 29, 9), 40 * 60)
    assert (one.on_hold, one.reopenings, one.used, one.breached) == (600, 0, 30 * 60, False)


def test_the_last_resolution_counts():
    one = reckoned(states("Resolved", "Active", "Awaiting User Info", "Resolved", "Resolved"))
    assert (one.to_resolve, one.reopenings, one.used) == (50 * 60, 1, 30 * 60)


def test_what_is_closed_directly_is_resolved_then():
    assert reckoned(states("Closed")).to_resolve == 20 * 60


def test_after_a_closing_a_promise_begins_anew():
    one = reckoned(states("Resolved", "Closed", "Active", "Closed"))
    assert (one.to_resolve, one.used, one.reopenings) == (50 * 60, 600, 1)


def test_an_incident_opens_with_its_first_row_at_the_latest():
    late = rows({"incident_state": "Resolved"})
    late = [row | {"opened_at": "29/2/2016 09:30"} for row in late]
    assert reckoned(late).to_resolve == 600


def test_rows_are_taken_in_the_order_of_time_and_unexplained_ones_left_out():
    found = states("-100", "Resolved", "Closed")
    assert reckoned([found[2], found[0], found[3], found[1]]) == reckoned(found)
    assert reckoned(found).state == "Closed"


def test_an_unknown_group_counts_as_a_group():
    found = rows({"assignment_group": "A"}, {"assignment_group": "?"}, {}, {"active": "true"})
    assert reckoned(found).group_changes == 2


def test_what_is_still_open_runs_on_and_misses_its_promise():
    one = reckoned(states("Active"))
    assert (one.to_resolve, one.used, one.breached) == (None, 3 * HOUR, True)


@pytest.mark.parametrize(
    ("turns", "breached"),
    [
        ([(STOPPED, 3600)], False),
        ([(STOPPED, 3601)], True),
        ([(PAUSED, 3600), (RUNNING, 9000), (STOPPED, 9000)], False),
        ([(PAUSED, 3600), (RUNNING, 9000), (STOPPED, 9001)], True),
        ([(PAUSED, 60), (STOPPED, 90_000)], False),
        ([(STOPPED, 60), (RUNNING, 9000), (STOPPED, 9000 + 3540)], False),
        ([(STOPPED, 60), (RUNNING, 9000), (STOPPED, 9000 + 3541)], True),
    ],
)
def test_what_happens_exactly_when_time_is_up_comes_in_time(turns, breached):
    clock = Clock(AGREEMENT, 3, 0)
    for phase, second in turns:
        clock.turn(phase, second)
    assert clock.breached is breached


@pytest.mark.parametrize(("stop", "breached"), [(1200, False), (1201, True)])
def test_a_priority_that_leaves_no_time_is_missed_from_then_on(stop, breached):
    clock = Clock(AGREEMENT, 3, 0)
    clock.retarget(1, 1200)
    clock.turn(STOPPED, stop)
    assert clock.breached is breached


def test_working_hours():
    office = WorkingHours(OFFICE)
    monday, friday = at(2, 29, 12), at(3, 4, 20)
    assert office.between(monday, friday) == 4 * 8 * HOUR
    assert office.between(at(3, 5, 0), at(3, 6, 0)) == 0
    assert office.reach(monday, 8 * HOUR, before=friday) == at(2, 29, 20)
    assert office.reach(monday, 8 * HOUR, before=at(2, 29, 20)) is None
    assert office.reach(at(3, 1, 20), 0, before=friday) == at(3, 2, 12)


def test_a_promise_stays_as_it_was_when_it_was_kept():
    clock = Clock(AGREEMENT, 3, 0)
    clock.turn(STOPPED, 1200)
    clock.retarget(1, 1300)
    clock.turn(RUNNING, 1400)
    clock.turn(STOPPED, 1500)
    assert clock.breached is False


def test_a_window_that_opens_while_the_clocks_skip_an_hour():
    early = {"sun": [["02:30", "04:00"]], **dict.fromkeys((*WEEKDAYS, "sat"), ())}
    berlin = WorkingHours({"timezone": "Europe/Berlin", "hours": early})
    assert berlin.between(at(3, 26, 12), at(3, 27, 12)) == HOUR
    assert berlin.reach(at(3, 26, 12), 0, before=at(3, 27, 12)) == at(3, 27, 1)


def test_a_midnight_that_the_clocks_skip():
    day = WorkingHours(ROUND_THE_CLOCK)
    assert day.between(at(10, 15, 3), at(10, 17, 2)) == 47 * HOUR


@pytest.mark.parametrize(
    ("found", "named"),
    [
        (states("-100", "Resolved"), "rows in the state -100"),
        (states("Closed"), "Closed without having been Resolved"),
        (states("Resolved", "Closed", "Active"), "goes on after it was Closed"),
        (states("Active", "New"), "becomes New again"),
        (states("Resolved", "Awaiting Vendor"), "goes from Resolved to a hold without being taken"),
        (rows({"assignment_group": "A"}), "reassignment_count is not the changes of group"),
        (states("Resolved", "Active"), "reopen_count is not the reopenings"),
        (states("Active", "Resolved"), "resolved_at is not when its rows show it"),
        (states("Resolved")[1:], "begins Resolved or Closed, so that"),
        (rows({"sys_mod_count": "3"}), "sys_mod_count counts updates of which there is no row"),
        (rows({"sys_mod_count": "0"}), "sys_mod_count does not grow with its rows"),
        (rows({"sys_updated_at": "29/2/2016 09:01"}), "its rows run backwards in time"),
        (rows({"sys_updated_at": "29/2/2016 09:10"}), "rows that share incident and minute"),
        (rows({"made_sla": "false"}, {"made_sla": "true"}), "made_sla becomes true again"),
        (rows({"active": "false"}), "active is not the opposite of Closed"),
        ([CELLS | {"opened_at": "29/2/2016 09:11"}], "opened_at is after its first row"),
        ([CELLS | {"sys_created_at": "29/2/2016 09:11"}], "sys_created_at is after its first row"),
        ([CELLS | {"resolved_at": "?"}], "resolved_at is unknown"),
        ([CELLS], "resolved_at is set, though no row shows it"),
        ([CELLS], "is not Closed when the log ends"),
    ],
)
def test_a_contradiction_is_named(found, named):
    assert any(one.startswith(named) for one in classes_of(found))


def test_a_log_without_contradictions_has_none():
    closed = {"incident_state": "Closed", "active": "false", "closed_at": "29/2/2016 09:50"}
    calm = rows({}, {}, {"incident_state": "Resolved"}, closed)
    assert list(classes_of(calm)) == []
