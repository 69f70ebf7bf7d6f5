"""An edit reaches new clocks only; applying it to open ones is an order, and is kept."""

from datetime import timedelta

from a_ticket import (
    MONDAY,
    REOPENED,
    RESOLVED,
    RESUMED,
    Life,
    agreement,
    book,
    calendar,
    held,
    logged,
    minute,
)

from deskstream_worktime.stopwatch import Rebase
from sla_monitor.events import TicketReconsidered

HOUR = timedelta(hours=1)
USUAL = agreement()
AMENDED = agreement(resolution=120, version=2, since=MONDAY + HOUR)


def amended(told_at=0):
    life = Life().tell(told_at, logged())
    life.policies = book(calendar(), USUAL, AMENDED)
    return life


def test_an_edit_alone_reaches_no_open_clock():
    assert amended().clock().due_at == minute(240)


def test_an_order_applies_it_and_says_so():
    life = amended().apply(70, "usual")
    assert life.clock().due_at == minute(120)
    assert life.last(TicketReconsidered).applied == "usual"


def test_an_order_can_say_what_becomes_of_the_time_that_was_used():
    assert amended().apply(70, "usual", Rebase.RESTART).clock().due_at == minute(190)


def test_an_order_for_a_calendar_reaches_the_clocks_that_rest_on_it():
    assert amended().apply(70, "always").clock().due_at == minute(120)


def test_an_order_for_another_agreement_reaches_nothing():
    facts = amended().facts
    assert amended().apply(70, "another").facts == facts


def test_an_order_reaches_nothing_that_is_resolved():
    life = amended().tell(65, RESOLVED)
    facts = list(life.facts)
    assert life.apply(70, "usual").facts == facts


def test_an_order_outlives_a_reopening():
    life = amended().apply(70, "usual").tell(80, RESOLVED).tell(90, REOPENED)
    assert (life.clock().promise.agreement.version, life.clock().due_at) == (2, minute(130))


def test_an_order_counts_after_what_has_happened_though_it_was_given_before():
    life = amended().tell(100, held()).apply(70, "usual").tell(110, RESUMED)
    assert life.last(TicketReconsidered).time == minute(100)
    assert life.clock().due_at == minute(130)


def test_an_order_given_twice_does_nothing_more():
    life = amended().apply(70, "usual")
    facts = list(life.facts)
    assert life.apply(80, "usual").facts == facts


def test_an_order_outlives_a_policy_that_was_learnt_late():
    life = amended().apply(70, "usual")
    facts = list(life.facts)
    assert life.know(80, calendar(), USUAL, AMENDED).facts == facts


def test_it_counts_again_in_its_place_behind_what_happened_in_that_moment():
    life = amended().tell(100, held()).apply(100, "usual")
    facts = list(life.facts)
    assert life.know(200, calendar(), USUAL, AMENDED).facts == facts
