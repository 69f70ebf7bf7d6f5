from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from deskstream_platform.demo.excerpt import INCIDENTS, excerpt_rows, first_incidents
from deskstream_platform.demo.outcome import (
    dated,
    differing_instants,
    differing_refusals,
    figures,
    side_by_side,
)
from deskstream_platform.demo.reckoning import Fact, Phase, Promise, impossible, reckon
from deskstream_platform.demo.story import EXPECTED, Story
from deskstream_platform.demo.stream import Arrival, Stream, out_of_order, read_line
from deskstream_platform.demo.telling import Refused, Sent, Told
from deskstream_platform.demo.translation import Act, Deed, Row, matrix_of, translate

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
PROMISE = Promise({1: 4, 3: 8}, frozenset({"awaiting_caller"}), Decimal("0.75"))
WAIT_FOR_CALLER = {"reason": "awaiting_caller"}


def after(seconds):
    return NINE + timedelta(seconds=seconds)


def fact(seconds, deed, body=None, priority=None):
    return Fact(Act("INC1", seconds, deed, "ann", body, priority), after(seconds))


def logged(priority=3):
    return fact(0, Deed.LOG, priority=priority)


def reckoned(*facts, now):
    return reckon(facts, PROMISE, after(now))


def told(*facts, now):
    one = reckoned(*facts, now=now)
    return [at and (at - NINE).total_seconds() for at in (one.warned_at, one.breached_at)]


def test_time_runs_out():
    assert told(logged(), now=6) == [None, None]
    assert told(logged(), now=6.001) == [6, None]
    assert told(logged(), now=8) == [6, None]
    assert told(logged(), now=8.001) == [6, 8]


def test_what_is_resolved_exactly_when_it_is_due_is_met():
    assert told(logged(), fact(8, Deed.RESOLVE), now=20) == [6, None]
    assert told(logged(), fact(8.000001, Deed.RESOLVE), now=20) == [6, 8]


def test_waiting_for_the_caller_does_not_count():
    hold, resume = fact(2, Deed.HOLD, WAIT_FOR_CALLER), fact(5, Deed.RESUME)
    assert told(logged(), hold, now=100) == [None, None]
    assert told(logged(), hold, resume, now=100) == [9, 11]


def test_other_waits_count():
    hold = fact(2, Deed.HOLD, {"reason": "awaiting_problem"})
    assert told(logged(), hold, now=100) == [6, 8]


def test_another_reason_to_wait_lets_time_run_again():
    first, second = WAIT_FOR_CALLER, {"reason": "awaiting_problem"}
    assert told(logged(), fact(2, Deed.HOLD, first), fact(5, Deed.HOLD, second), now=99) == [9, 11]


def test_time_between_resolution_and_reopening_does_not_count():
    course = (logged(), fact(3, Deed.RESOLVE), fact(50, Deed.REOPEN))
    assert told(*course, now=100) == [53, 55]


def test_a_new_priority_carries_the_time_used():
    assert told(logged(), fact(2, Deed.PRIORITISE, priority=1), now=100) == [3, 4]
    assert told(logged(priority=1), fact(2, Deed.PRIORITISE, priority=3), now=100) == [6, 8]


def test_a_new_priority_that_leaves_no_time_is_missed_at_once():
    assert told(logged(), fact(5, Deed.PRIORITISE, priority=1), now=5) == [5, 5]


def test_a_breach_stands_whatever_comes_after():
    course = (logged(priority=1), fact(5, Deed.PRIORITISE, priority=3), fact(6, Deed.RESOLVE))
    assert told(*course, now=100) == [3, 4]


@pytest.mark.parametrize(
    ("course", "status", "phase"),
    [
        ([], "new", Phase.RUNNING),
        ([Deed.START], "in_progress", Phase.RUNNING),
        ([Deed.HOLD], "on_hold", Phase.PAUSED),
        ([Deed.HOLD, Deed.ASSIGN], "on_hold", Phase.PAUSED),
        ([Deed.HOLD, Deed.RESUME], "in_progress", Phase.RUNNING),
        ([Deed.RESOLVE], "resolved", Phase.STOPPED),
        ([Deed.RESOLVE, Deed.REOPEN], "in_progress", Phase.RUNNING),
        ([Deed.RESOLVE, Deed.CLOSE], "closed", Phase.FINAL),
    ],
)
def test_states(course, status, phase):
    facts = [fact(second, deed, WAIT_FOR_CALLER) for second, deed in enumerate(course, 1)]
    one = reckoned(logged(), *facts, now=7)
    assert (one.status, one.phase, one.priority) == (status, phase, 3)


def acts(*deeds):
    return [Act("INC1", 0, deed, "ann") for deed in deeds]


@pytest.mark.parametrize(
    ("course", "refused"),
    [
        ([Deed.RESOLVE, Deed.CLOSE], []),
        ([Deed.CLOSE], [Deed.CLOSE]),
        ([Deed.HOLD, Deed.START], [Deed.START]),
        ([Deed.RESOLVE, Deed.ASSIGN, Deed.CLOSE, Deed.HOLD], [Deed.ASSIGN, Deed.HOLD]),
        ([Deed.RESOLVE, Deed.REOPEN, Deed.START, Deed.RESOLVE], [Deed.START]),
        ([Deed.RESUME, Deed.REOPEN], [Deed.RESUME, Deed.REOPEN]),
    ],
)
def test_what_the_process_must_refuse(course, refused):
    assert [act.deed for act in impossible(acts(Deed.LOG, *course))] == refused


def test_a_refusal_that_was_not_reckoned_is_seen():
    one = tale({"incident_state": "Active"})
    assert list(differing_refusals(one, Told())) == []
    refused = Told(refused=[Refused(one.acts[1], "It is closed.")])
    assert list(differing_refusals(one, refused)) == ["INC1: refused was START, reckoned nothing"]


CELLS = {
    "number": "INC1",
    "sys_updated_at": "29/2/2016 12:00",
    "sys_updated_by": "Updated by 1",
    "incident_state": "New",
    "impact": "2 - Medium",
    "urgency": "2 - Medium",
    "priority": "3 - Moderate",
    "assignment_group": "Group 1",
    "category": "Category 1",
    "subcategory": "?",
    "u_symptom": "?",
    "caller_id": "Caller 1",
    "contact_type": "Phone",
    "vendor": "?",
    "resolved_by": "Resolved by 1",
    "closed_code": "code 1",
}


def tale(*changes, days=40):
    cells, rows = dict(CELLS), []
    for change in ({}, *changes):
        cells = cells | change
        rows.append(cells)
    return translate(rows, days)


def deeds(*changes):
    return [act.deed for act in tale(*changes).acts]


def states(*names):
    return [{"incident_state": name} for name in names]


def test_the_first_row_logs_and_later_ones_tell_what_changed():
    assert deeds() == [Deed.LOG]
    assert deeds({"impact": "1 - High"}) == [Deed.LOG, Deed.PRIORITISE]
    assert deeds({"assignment_group": "Group 2"}) == [Deed.LOG, Deed.ASSIGN]
    assert deeds({"assignment_group": "?"}, {"category": "Category 2"}) == [Deed.LOG]
    assert tale({}, {}).silent == 2


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["Active"], [Deed.START]),
        (["Awaiting User Info", "Active"], [Deed.HOLD, Deed.RESUME]),
        (["Awaiting User Info", "Awaiting Problem"], [Deed.HOLD, Deed.HOLD]),
        (["Awaiting User Info", "New"], [Deed.HOLD, Deed.RESUME]),
        (["Awaiting Problem", "Resolved"], [Deed.HOLD, Deed.RESOLVE]),
        (["Resolved", "Closed"], [Deed.RESOLVE, Deed.CLOSE]),
        (["Resolved", "Active"], [Deed.RESOLVE, Deed.REOPEN]),
        (["Closed", "New"], [Deed.CLOSE, Deed.REOPEN]),
    ],
)
def test_states_of_the_log_as_deeds(names, wanted):
    assert deeds(*states(*names)) == [Deed.LOG, *wanted]


def test_an_incident_that_begins_later_in_its_life_is_logged_first():
    rows = [CELLS | {"incident_state": "Awaiting Vendor"}]
    log, hold = translate(rows).acts
    assert (log.deed, hold.deed) == (Deed.LOG, Deed.HOLD)
    assert hold.body == {"reason": "awaiting_supplier", "supplier": "The vendor"}


def test_what_cannot_be_said_is_counted():
    strange = tale(*states("Active", "New", "-100"))
    assert strange.inexpressible == {"Active → New": 1, "New → -100": 1}
    contradictory = translate([CELLS, CELLS, CELLS | {"priority": "1 - Critical"}])
    assert contradictory.inexpressible == {"priority 1 for medium impact with medium urgency": 1}


def test_the_matrix_is_the_logs_own():
    low = {"impact": "3 - Low", "urgency": "3 - Low", "priority": "4 - Low"}
    odd = low | {"priority": "1 - Critical"}
    matrix = matrix_of(Row.of(CELLS | cells) for cells in (low, odd, low))
    assert matrix["low"]["low"] == 4
    assert matrix["high"] == {"high": 1, "medium": 2, "low": 3}


def test_a_day_is_a_second_and_the_tale_ends_with_its_last_day():
    told = tale({"sys_updated_at": "2/3/2016 06:00", "incident_state": "Active"}, days=3)
    assert [act.at for act in told.acts] == [0.5, 2.25]
    assert (told.rows, told.cut) == (2, (0, 0))
    cut = tale({"sys_updated_at": "3/3/2016 00:00", "incident_state": "Active"}, days=3)
    assert (len(cut.acts), cut.rows, cut.cut) == (1, 1, (1, 1))


def test_who_closes_is_a_lead():
    closed = tale({"incident_state": "Closed", "sys_updated_by": "Updated by 2"})
    assert closed.leads == {"Updated by 2"}
    assert closed.people == {"Updated by 1", "Updated by 2"}


def test_the_excerpt_holds_the_first_incidents_whole():
    rows = list(excerpt_rows())
    assert len(rows) == 2040
    assert len({row["number"] for row in rows}) == INCIDENTS
    told = translate(rows)
    assert Counter(act.deed for act in told.acts)[Deed.LOG] == INCIDENTS
    assert told.inexpressible == {}
    assert told.matrix["low"] == {"high": 3, "medium": 4, "low": 4}


def test_first_incidents_are_those_whose_numbers_come_first():
    log = "number,state\n3,a\n3,b\n1,a\n2,a\n1,b\n"
    assert first_incidents(log, 2) == "number,state\n3,a\n3,b\n1,a\n1,b\n"


def sent(deed, version, seconds):
    at = after(seconds)
    return Sent(Act("INC1", seconds, deed, "ann", priority=3), version, at, at)


def entry(version, type, seconds):
    return {"version": version, "type": type, "at": after(seconds).isoformat()}


def test_acts_are_dated_by_the_history():
    history = dated(
        "INC1",
        [sent(Deed.LOG, 2, 0), sent(Deed.START, 3, 1), sent(Deed.ASSIGN, 4, 2)],
        [
            entry(1, "incident.logged.v1", 0.1),
            entry(2, "incident.assigned.v2", 0.1),
            entry(3, "incident.work_started.v1", 1.1),
            entry(4, "incident.service_level_warned.v1", 1.5),
        ],
    )
    assert [one.at for one in history.facts] == [after(0.1), after(1.1)]
    assert history.versions == {1, 3}
    assert history.remarks == []


def test_a_date_outside_of_question_and_answer_is_remarked():
    history = dated("INC1", [sent(Deed.LOG, 1, 0)], [entry(1, "incident.logged.v1", 1)])
    assert "LOG is dated" in history.remarks[0]


def test_an_accepted_act_without_event_is_remarked():
    warned = entry(2, "incident.service_level_warned.v1", 0)
    assert "left no event" in dated("INC1", [sent(Deed.START, 2, 0)], [warned]).remarks[0]


def test_an_act_that_is_not_in_the_history_is_remarked():
    assert "version 2 is not in" in dated("INC1", [sent(Deed.START, 2, 0)], []).remarks[0]


def arrival(type="incident.logged.v1", stream="incident-a", version=1, seconds=0.0, **data):
    return Arrival(
        topic="t",
        partition=0,
        offset=0,
        id=f"{stream}@{version}",
        type=type,
        stream=stream,
        version=version,
        at=after(seconds),
        recorded_at=after(seconds),
        data=data,
    )


HISTORIES = {"a": dated("INC1", [sent(Deed.LOG, 1, 0)], [entry(1, "incident.logged.v1", 0)])}


def differences(*arrivals, now):
    return list(differing_instants(arrivals, {"a": reckoned(logged(), now=now)}, HISTORIES))


def test_instants_are_compared_exactly():
    warned = arrival("clock.warned.v1", "clock-a", 2, 6)
    breached = arrival("clock.breached.v1", "clock-a", 3, 8)
    late = arrival("clock.breached.v1", "clock-a", 3, 8.000001)
    assert differences(warned, breached, now=9) == []
    assert len(differences(warned, late, now=9)) == 1
    assert len(differences(warned, now=9)) == 1
    assert len(differences(warned, breached, now=7)) == 1


def test_a_figure_that_only_one_side_has_differs():
    expected = figures([reckoned(logged(), now=1)], HISTORIES)
    product = expected | {"clocks by phase": {"running": 1, "paused": 2}}
    odd = [one for one in side_by_side(product, expected) if not one.agrees]
    assert [(one.value, one.product, one.reckoned) for one in odd] == [("paused", 2, 0)]


HEADERS = (
    "ce_specversion:1.0,ce_id:incident-a@2,ce_type:incident.assigned.v2,"
    "ce_time:2026-11-23T09:00:00+00:00,ce_subject:incident-a,"
    "ce_recordedtime:2026-11-23T09:00:01+00:00,ce_actor:Doe, Jane,ce_streamversion:2,"
    "content-type:application/json"
)


def test_a_line_of_the_console_consumer():
    found = read_line("t", f'Partition:3\tOffset:17\t{HEADERS}\tincident-a\t{{"group": "a\\tb"}}\n')
    assert (found.partition, found.offset, found.version, found.ticket) == (3, 17, 2, "a")
    assert (found.at, found.recorded_at) == (NINE, after(1))
    assert found.data == {"group": "a\tb"}


@pytest.mark.parametrize(
    "line",
    ["[2026-11-23] WARN something\n", "Partition:3\tOffset:17\tNO_HEADERS\tkey\tvalue\n", "\n"],
)
def test_what_is_no_event_is_passed_over(line):
    assert read_line("t", line) is None


async def test_a_stream_takes_each_event_once_and_nothing_old():
    stream, heard = Stream(since=NINE), []
    stream.take(arrival(version=1))
    stream.listen(heard.append)
    stream.take(arrival(version=1))
    stream.take(arrival(version=2, seconds=-1))
    stream.take(arrival(version=3))
    assert [one.version for one in heard] == [1, 3]
    assert not await stream.until(lambda: len(heard) > 2, seconds=0.01)


def test_a_gap_or_a_turn_in_a_stream_is_seen():
    one, two, three = (arrival(version=version) for version in (1, 2, 3))
    assert out_of_order([one, two, three]) == []
    assert len(out_of_order([one, three])) == 1
    assert len(out_of_order([two, one])) == 1


def the_story(kinds):
    stream = Stream(since=NINE)
    for version, (kind, target) in enumerate(kinds, 1):
        stream.take(arrival(kind, "incident-a", version, target=target))
    story = Story(api=None, stream=stream, page=None, stage=StageOfNobody())
    story.ticket = "a"
    return story.differences()


class StageOfNobody:
    customer = "nobody"


def test_a_story_misses_what_did_not_arrive_and_minds_what_came_twice():
    breach = ("clock.breached.v1", "resolution")
    assert the_story(EXPECTED.elements()) == []
    assert the_story((EXPECTED - Counter([breach])).elements()) == [
        "1 of clock.breached.v1 resolution did not arrive"
    ]
    assert the_story((EXPECTED + Counter([breach])).elements()) == [
        "1 of clock.breached.v1 resolution too many arrived"
    ]
    suspicion = ("clock.breach_suspected.v1", "resolution")
    assert the_story((EXPECTED + Counter([suspicion])).elements()) == []
