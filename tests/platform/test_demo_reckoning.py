from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from deskstream_platform.demo.excerpt import EXCERPT, INCIDENTS, first_incidents
from deskstream_platform.demo.outcome import (
    attainment,
    busiest,
    differing_instants,
    figures,
    median_span,
    on_kafka,
    side_by_side,
)
from deskstream_platform.demo.reckoning import Phase, Promise, reckon
from deskstream_platform.demo.stream import Arrival
from deskstream_platform.replay.mapping_file import read_mapping
from deskstream_platform.replay.rows import read_rows
from deskstream_platform.replay.steps import Kind, Step
from deskstream_platform.replay.telling import tell

NINE = datetime(2016, 2, 29, 9, tzinfo=UTC)
PROMISE = Promise({1: 4, 3: 8}, frozenset({"awaiting_caller"}), Decimal("0.75"))
WAIT_FOR_CALLER = {"reason": "awaiting_caller"}


def after(seconds):
    return NINE + timedelta(seconds=seconds)


def step(seconds, kind, ticket="INC1", **fields):
    return Step(ticket, 1, 2, after(seconds), kind, "ann", fields)


def logged(priority=3, **fields):
    return step(0, Kind.LOG, priority=priority, **fields)


def reckoned(*steps, now):
    (one,) = reckon(steps, PROMISE, after(now)).values()
    return one


def told(*steps, now):
    (clock,) = reckoned(*steps, now=now).cycles
    moments = (clock.warning.reached_at, clock.target.reached_at)
    return [at and (at - NINE).total_seconds() for at in moments]


def test_time_runs_out():
    assert told(logged(), now=6) == [None, None]
    assert told(logged(), now=6.001) == [6, None]
    assert told(logged(), now=8) == [6, None]
    assert told(logged(), now=8.001) == [6, 8]


def test_what_is_resolved_exactly_when_it_is_due_is_met():
    assert told(logged(), step(8, Kind.RESOLVE), now=20) == [6, None]
    assert told(logged(), step(8.000001, Kind.RESOLVE), now=20) == [6, 8]


def test_waiting_for_the_caller_does_not_count():
    hold, resume = step(2, Kind.HOLD, **WAIT_FOR_CALLER), step(5, Kind.RESUME)
    assert told(logged(), hold, now=100) == [None, None]
    assert told(logged(), hold, resume, now=100) == [9, 11]
    assert reckoned(logged(), hold, resume, now=100).waited == timedelta(seconds=3)
    assert reckoned(logged(), hold, now=100).waited == timedelta(seconds=98)


def test_other_waits_count():
    hold = step(2, Kind.HOLD, reason="awaiting_problem")
    assert told(logged(), hold, now=100) == [6, 8]
    assert not reckoned(logged(), hold, now=100).waited


def test_another_reason_to_wait_lets_time_run_again():
    first = step(2, Kind.HOLD, **WAIT_FOR_CALLER)
    second = step(5, Kind.HOLD, reason="awaiting_problem")
    assert told(logged(), first, second, now=99) == [9, 11]


def test_time_between_resolution_and_reopening_does_not_count():
    course = (logged(), step(3, Kind.RESOLVE), step(50, Kind.REOPEN))
    assert told(*course, now=100) == [53, 55]
    assert reckoned(*course, now=100).reopenings == 1


def test_what_is_reopened_after_its_closure_is_promised_anew():
    closed = (logged(priority=1), step(5, Kind.RESOLVE), step(6, Kind.CLOSE))
    one = reckoned(*closed, step(10, Kind.REOPEN), now=100)
    assert [clock.target.reached_at for clock in one.cycles] == [after(4), after(14)]
    assert [clock.phase for clock in one.cycles] == [Phase.FINAL, Phase.RUNNING]


def test_a_new_priority_carries_the_time_used():
    assert told(logged(), step(2, Kind.PRIORITISE, priority=1), now=100) == [3, 4]
    assert told(logged(priority=1), step(2, Kind.PRIORITISE, priority=3), now=100) == [6, 8]


def test_a_new_priority_that_leaves_no_time_is_missed_then():
    judged = step(5, Kind.PRIORITISE, priority=1)
    assert told(logged(), judged, now=6) == [5, 5]
    assert told(logged(), judged, step(5, Kind.RESOLVE), now=6) == [None, None]


def test_a_breach_stands_whatever_comes_after():
    course = (logged(1), step(5, Kind.PRIORITISE, priority=3), step(6, Kind.RESOLVE))
    assert told(*course, now=100) == [3, 4]


@pytest.mark.parametrize(
    ("course", "status", "phase"),
    [
        ([], "new", Phase.RUNNING),
        ([Kind.START], "in_progress", Phase.RUNNING),
        ([Kind.HOLD], "on_hold", Phase.PAUSED),
        ([Kind.HOLD, Kind.ASSIGN], "on_hold", Phase.PAUSED),
        ([Kind.HOLD, Kind.RESUME], "in_progress", Phase.RUNNING),
        ([Kind.RESOLVE], "resolved", Phase.STOPPED),
        ([Kind.RESOLVE, Kind.REOPEN], "in_progress", Phase.RUNNING),
        ([Kind.RESOLVE, Kind.CLOSE], "closed", Phase.FINAL),
    ],
)
def test_states(course, status, phase):
    steps = [
        step(second, kind, **(WAIT_FOR_CALLER if kind is Kind.HOLD else {}))
        for second, kind in enumerate(course, 1)
    ]
    one = reckoned(logged(), *steps, now=7)
    assert (one.status, one.cycles[-1].phase, one.priority) == (status, phase, 3)


def test_what_a_ticket_is_about_and_linked_to_moves_no_clock():
    about, link = step(1, Kind.CLASSIFY, category="mail"), step(2, Kind.LINK, to="PRB1")
    assert told(logged(), about, link, step(3, Kind.UNLINK), now=9) == told(logged(), now=9)


def test_what_begins_in_the_middle_of_its_life_has_its_time_from_its_opening():
    held = step(5, Kind.IMPORT, priority=3, opened_at=NINE, state="on_hold", hold=WAIT_FOR_CALLER)
    assert told(held, step(7, Kind.RESUME), now=100) == [8, 10]


def test_who_holds_it_is_who_was_named_last():
    course = (logged(group="one"), step(1, Kind.ASSIGN, group="two"))
    assert reckoned(*course, now=2).group == "two"


def life(*steps):
    return reckoned(*steps, now=100)


def test_the_figures_of_a_history():
    missed = life(logged(1, group="one"), step(5, Kind.RESOLVE), step(6, Kind.CLOSE))
    met = life(logged(3, group="two"), step(5, Kind.RESOLVE), step(6, Kind.CLOSE))
    found = figures([missed, met])
    assert found["incidents by state"] == {"closed": 2}
    assert found["incidents by priority"] == {"1": 1, "3": 1}
    assert found["busiest groups"] == {"one": 1, "two": 1, "others": 0}
    assert found["clocks breached"] == {"1": 1}
    assert found["attainment"] == {"1": "0.0000", "3": "1.0000"}
    assert found["warnings on Kafka"] == {"all": 1}


def test_attainment_is_never_rounded_up():
    missed, met = life(logged(1)), life(logged(1), step(1, Kind.RESOLVE))
    clocks = [*missed.cycles, *(2 * met.cycles)]
    assert attainment(clocks) == {"1": "0.6666"}


def test_the_busiest_groups_come_first():
    counts = {"a": 1, "b": 3, "c": 2, "d": 1, "e": 1, "f": 1, "g": 1}
    assert list(busiest(counts).items()) == [
        ("b", 3),
        ("c", 2),
        ("a", 1),
        ("d", 1),
        ("e", 1),
        ("others", 2),
    ]


def test_a_span_is_told_in_days_hours_and_minutes():
    spans = [timedelta(hours=25), timedelta(hours=26), timedelta(hours=99)]
    assert median_span(spans) == "1 d 2 h 0 min"


def arrival(type, stream, seconds):
    return Arrival(
        topic="t",
        partition=0,
        offset=0,
        id=f"{stream}@1",
        type=type,
        stream=stream,
        version=1,
        at=after(seconds),
        recorded_at=after(seconds),
        data={},
    )


WARNED = arrival("clock.warned.v1", "clock-a", 6)
BREACHED = arrival("clock.breached.v1", "clock-a", 8)


def differences(*arrivals, now):
    lives = {"INC1": reckoned(logged(), now=now)}
    return list(differing_instants(arrivals, lives, {"a": "INC1"}))


def test_instants_are_compared_exactly():
    late = arrival("clock.breached.v1", "clock-a", 8.000001)
    assert differences(WARNED, BREACHED, now=9) == []
    assert len(differences(WARNED, late, now=9)) == 1
    assert len(differences(WARNED, now=9)) == 1
    assert len(differences(WARNED, BREACHED, BREACHED, now=9)) == 1
    assert len(differences(WARNED, BREACHED, now=7)) == 1


def test_what_arrived_is_counted():
    assert on_kafka([WARNED, WARNED, BREACHED]) == {
        "warnings on Kafka": {"all": 2},
        "breaches on Kafka": {"all": 1},
        "reopenings on Kafka": {"all": 0},
    }


def test_a_figure_that_only_one_side_has_differs():
    expected = figures([life(logged(), step(1, Kind.RESOLVE))])
    product = expected | {"clocks by phase": {"stopped": 1, "paused": 2}}
    odd = [one for one in side_by_side(product, expected) if not one.agrees]
    assert [(one.value, one.product, one.reckoned) for one in odd] == [("paused", 2, 0)]


def test_the_excerpt_holds_the_first_incidents_whole():
    mapping = read_mapping("servicenow")
    tale = tell(read_rows(EXCERPT, mapping), mapping)
    assert (tale.rows, tale.tickets, tale.refused) == (2040, INCIDENTS, [])
    promise = Promise(dict.fromkeys(range(1, 6), 8), frozenset(), Decimal("0.75"))
    lives = reckon(tale.steps, promise, datetime(2017, 1, 1, tzinfo=UTC))
    assert {life.status for life in lives.values()} == {"closed"}


def test_first_incidents_are_those_whose_numbers_come_first():
    log = "number,state\n3,a\n3,b\n1,a\n2,a\n1,b\n"
    assert first_incidents(log, 2) == "number,state\n3,a\n3,b\n1,a\n1,b\n"
