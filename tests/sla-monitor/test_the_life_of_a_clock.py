from datetime import timedelta

from a_ticket import (
    CLOSED,
    MONDAY,
    OFFICE,
    REOPENED,
    RESOLVED,
    RESUMED,
    Life,
    agent_said,
    agreement,
    book,
    calendar,
    held,
    logged,
    minute,
)

from sla_monitor import foreign
from sla_monitor.events import (
    BreachCorrected,
    ClockBreached,
    ClockCancelled,
    ClockFinalised,
    ClockWarned,
)
from sla_monitor.terms import Target

RESPONSE = Target.FIRST_RESPONSE


def test_both_clocks_start_when_the_ticket_is_opened():
    life = Life().tell(0, logged())
    assert life.clock(RESPONSE).due_at == minute(60)
    assert life.clock().due_at == minute(240)


def test_a_hold_that_the_agreement_names_pauses_the_resolution_and_not_the_response():
    life = Life().tell(0, logged()).tell(30, held())
    assert life.clock().due_at is None
    assert life.clock(RESPONSE).due_at == minute(60)


def test_resuming_is_exact():
    life = Life().tell(0, logged()).tell(30, held()).tell(75, RESUMED)
    assert life.clock().due_at == minute(240 + 45)


def test_a_hold_that_the_agreement_does_not_name_lets_the_time_run():
    life = Life().tell(0, logged()).tell(30, held("other"))
    assert life.clock().due_at == minute(240)


def test_the_pause_is_looked_at_again_when_the_reason_changes():
    life = Life().tell(0, logged()).tell(30, held()).tell(50, held("other"))
    assert life.clock().due_at == minute(240 + 20)


def test_only_what_an_agent_says_in_public_is_a_response():
    caller = foreign.CommentAdded(speaker="customer")
    machine = foreign.CommentAdded(speaker="machine")
    life = Life().tell(0, logged()).tell(5, caller).tell(6, machine)
    assert life.clock(RESPONSE).open
    assert not life.tell(7, agent_said()).clock(RESPONSE).open


def test_a_resolution_is_a_response_too():
    assert not Life().tell(0, logged()).tell(10, RESOLVED).clock(RESPONSE).open


def test_the_warning_is_dated_when_its_fraction_was_reached():
    life = Life().tell(0, logged()).pass_until(125)
    assert life.last(ClockWarned).time == minute(120)


def test_a_warning_is_given_once():
    life = Life().tell(0, logged()).pass_until(125).tell(130, held()).tell(140, RESUMED)
    assert life.pass_until(200).happened().count("warned") == 1


def test_there_is_no_warning_after_the_stop():
    life = Life().tell(0, logged()).tell(110, RESOLVED).pass_until(1000)
    assert "warned" not in life.happened()


def test_a_warning_that_came_before_a_stop_is_given_though_it_is_seen_later():
    life = Life().tell(0, logged()).tell(130, RESOLVED).pass_until(1000)
    assert "warned" in life.happened()


def test_a_missed_target_is_breached_once_and_dated_when_it_was_due():
    life = Life().tell(0, logged()).pass_until(241).pass_until(500)
    assert life.happened().count("breached") == 1
    breach = life.last(ClockBreached)
    assert (breach.time, breach.due_at) == (minute(240), minute(240))
    assert breach.late_by_seconds == 60


def test_a_stop_exactly_at_the_due_time_is_met():
    life = Life().tell(0, logged()).tell(240, RESOLVED).pass_until(1000).tell(1001, CLOSED)
    assert "breached" not in life.happened()
    assert life.last(ClockFinalised).met


def test_a_stop_after_the_due_time_is_breached_though_the_timer_runs_later():
    life = Life().tell(0, logged()).tell(241, RESOLVED).pass_until(1000)
    assert "breached" in life.happened()


def test_a_pause_after_the_breach_moves_nothing():
    life = Life().tell(0, logged()).pass_until(250).tell(260, held()).tell(300, RESUMED)
    assert life.pass_until(2000).happened().count("breached") == 1


def test_silence_raises_a_suspicion_that_a_timely_stop_clears():
    life = Life().tell(0, logged())
    del life.timers["resolution:breach"]  # the watermark stands still
    life.pass_until(241)
    assert "breach_suspected" in life.happened()
    life.tell(239, RESOLVED).pass_until(1000)
    assert life.happened()[-2:] == ["suspicion_cleared", "stopped"]
    assert "breached" not in life.happened()


def test_what_is_told_afterwards_corrects_a_breach():
    life = Life().tell(0, logged()).pass_until(300).tell(200, RESOLVED)
    assert life.last(BreachCorrected).was_due_at == minute(240)
    assert life.clock().breached_at is None


def test_what_was_done_in_the_very_moment_is_acquitted_too():
    breached = Life().tell(0, logged()).pass_until(300).tell(240, RESOLVED)
    assert breached.clock().breached_at is None
    suspected = Life().tell(0, logged())
    del suspected.timers["resolution:breach"]
    suspected.pass_until(241).tell(240, RESOLVED)
    assert suspected.happened()[-2:] == ["suspicion_cleared", "stopped"]


def test_a_pause_that_is_told_afterwards_corrects_a_breach_and_the_clock_runs_on():
    life = Life().tell(0, logged()).pass_until(300).tell(200, held()).tell(290, RESUMED)
    assert life.clock().due_at == minute(330)
    assert life.pass_until(331).happened().count("breached") == 2


def test_time_between_resolution_and_reopening_does_not_count():
    life = Life().tell(0, logged()).tell(100, RESOLVED).tell(400, REOPENED)
    assert life.clock().due_at == minute(540)
    assert "breached" in life.pass_until(541).happened()


def test_after_the_closure_a_reopening_begins_another_cycle():
    life = Life().tell(0, logged()).tell(100, RESOLVED).tell(200, CLOSED).tell(300, REOPENED)
    assert life.clock().cycle == 2
    assert life.clock().due_at == minute(540)


def test_a_higher_priority_carries_the_time_that_was_used():
    policies = book(
        calendar(),
        agreement(
            targets=[
                {"ticket_type": "incident", "priority": 3, "seconds": {"resolution": 240 * 60}},
                {"ticket_type": "incident", "priority": 1, "seconds": {"resolution": 60 * 60}},
            ]
        ),
    )
    life = Life(policies).tell(0, logged()).tell(20, foreign.IncidentPrioritised(priority=1))
    assert life.clock().due_at == minute(60)


def test_a_new_target_that_leaves_no_time_is_due_at_that_instant():
    policies = book(
        calendar(),
        agreement(
            targets=[
                {"ticket_type": "incident", "priority": 3, "seconds": {"resolution": 240 * 60}},
                {"ticket_type": "incident", "priority": 1, "seconds": {"resolution": 60 * 60}},
            ]
        ),
    )
    life = Life(policies).tell(0, logged()).tell(90, foreign.IncidentPrioritised(priority=1))
    assert life.clock().due_at == minute(90)


def test_a_lower_priority_never_removes_a_breach():
    life = Life().tell(0, logged()).pass_until(300)
    life.tell(310, foreign.IncidentPrioritised(priority=1))
    assert life.clock().breached_at == minute(240)


def test_a_cancelled_ticket_cancels_its_clocks_and_none_is_breached_later():
    life = Life().tell(0, logged()).tell(30, foreign.IncidentCancelled(reason="a mistake"))
    assert life.last(ClockCancelled).reason == "a mistake"
    assert "breached" not in life.pass_until(2000).happened()


def test_only_working_time_counts():
    policies = book(calendar("office", OFFICE), agreement(calendar="office", resolution=480 + 60))
    life = Life(policies).tell(0, logged())
    assert life.clock().due_at == MONDAY + timedelta(days=1, hours=1)
