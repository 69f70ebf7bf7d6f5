"""A policy applies from its own effective time, whenever the monitor learns of it."""

from datetime import timedelta

from a_ticket import (
    CLOSED,
    MONDAY,
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

from sla_monitor.events import BreachCorrected, ClockRefolded, OutcomeCorrected
from sla_monitor.terms import Target

USUAL = agreement()
SHORTER = agreement(resolution=120, version=2, since=MONDAY - timedelta(hours=1))
LONGER = agreement(resolution=480, version=2, since=MONDAY - timedelta(hours=1))
LATER = agreement(resolution=120, version=2, since=MONDAY + timedelta(hours=1))


def test_a_version_that_held_before_the_start_makes_the_clock_anew():
    life = Life().tell(0, logged()).know(50, calendar(), USUAL, SHORTER)
    assert life.clock().due_at == minute(120)
    assert life.last(ClockRefolded).because == "it is so"


def test_a_version_that_holds_from_later_on_changes_nothing():
    life = Life().tell(0, logged()).know(90, calendar(), USUAL, LATER)
    assert life.happened() == ["started"]


def test_learning_it_twice_changes_nothing_more():
    life = Life().tell(0, logged()).know(50, calendar(), USUAL, SHORTER)
    facts = list(life.facts)
    assert life.know(60, calendar(), USUAL, SHORTER).facts == facts


def test_pauses_keep_their_times_and_causes():
    life = Life().tell(0, logged()).tell(30, held()).tell(50, RESUMED)
    life.know(60, calendar(), USUAL, SHORTER)
    assert life.clock().due_at == minute(140)
    assert [move.at for move in life.clock().moves] == [minute(30), minute(50)]


def test_a_hold_that_only_the_new_version_names_pauses_after_all():
    strict = agreement(pauses_on=["other"], version=2)
    life = Life().tell(0, logged()).tell(30, held("other")).know(60, calendar(), strict)
    assert life.clock().due_at is None


def test_a_ticket_that_was_uncovered_gets_the_clocks_that_it_should_have_had():
    life = Life(book(calendar())).tell(0, logged()).tell(10, agent_said()).tell(30, held())
    life.know(60, calendar(), USUAL)
    assert life.clock().started_at == minute(0)
    assert not life.clock(Target.FIRST_RESPONSE).open
    assert life.state.uncovered is None


def test_a_clock_that_should_never_have_been_is_cancelled():
    life = Life().tell(0, logged()).know(60, calendar(), agreement(priorities=(1,), version=2))
    assert life.happened() == ["started", "cancelled"]
    assert life.state.uncovered


def test_a_breach_that_the_new_version_does_not_know_is_corrected():
    life = Life().tell(0, logged()).pass_until(250).know(260, calendar(), USUAL, LONGER)
    assert life.last(BreachCorrected).was_due_at == minute(240)
    assert life.pass_until(500).clock().breached_at == minute(480)


def test_a_breach_stands_that_would_have_come_earlier_still():
    life = Life().tell(0, logged()).pass_until(250).know(260, calendar(), USUAL, SHORTER)
    assert life.clock().breached_at == minute(240)
    assert life.pass_until(1000).happened().count("breached") == 1


def test_a_breach_stands_that_comes_at_the_same_moment():
    other_warnings = agreement(version=2, warn_at=["0.9"])
    life = Life().tell(0, logged()).pass_until(250).know(260, calendar(), USUAL, other_warnings)
    assert life.clock().promise.agreement.version == 2
    assert "breach_corrected" not in life.happened()


def test_a_suspicion_is_cleared_and_comes_again_by_the_new_due_time():
    life = Life().tell(0, logged())
    del life.timers["resolution:breach"]
    life.pass_until(243).know(260, calendar(), USUAL, LONGER)
    assert "suspicion_cleared" in life.happened()
    assert not life.clock().suspected
    assert life.pass_until(500).clock().breached_at == minute(480)


def test_a_due_time_that_lies_behind_is_breached_at_once():
    life = Life().tell(0, logged()).know(200, calendar(), USUAL, SHORTER).pass_until(200)
    assert life.clock().breached_at == minute(120)


def test_what_was_stopped_in_time_stays_met_under_the_new_version():
    life = Life().tell(0, logged()).tell(100, RESOLVED).know(200, calendar(), USUAL, SHORTER)
    assert life.pass_until(1000).clock().breached_at is None


def test_what_is_final_is_not_rewritten_and_the_correction_stands_beside_it():
    life = Life().tell(0, logged()).tell(200, RESOLVED).tell(210, CLOSED)
    life.know(220, calendar(), USUAL, SHORTER)
    assert life.clock().met is True
    assert life.last(OutcomeCorrected).met is False
    facts = list(life.facts)
    assert life.know(230, calendar(), USUAL, SHORTER).facts == facts


def test_a_warning_that_was_given_is_not_given_again():
    life = Life().tell(0, logged()).pass_until(130).know(131, calendar(), USUAL, LONGER)
    assert life.pass_until(400).happened().count("warned") == 1
