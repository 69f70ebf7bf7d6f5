"""Why a clock is due when it is: in segments, by whom the ticket was held, as known and as true."""

from dataclasses import replace
from datetime import timedelta

import pytest
from a_monitor import GROUND
from a_ticket import (
    MONDAY,
    OFFICE,
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

from deskstream.envelope import Origin, Recorded
from sla_monitor import foreign
from sla_monitor.events import CODEC
from sla_monitor.queries.explanation import Question, explain
from sla_monitor.terms import Phase, Target

DAY = 24 * 60


def recorded(life, times=None):
    """The facts as stored; each was recorded when it happened, or at the minute given for it."""
    origin = Origin("m", "service", "c")
    return [
        Recorded(
            nth,
            "clock-1",
            nth,
            CODEC.name_of(type(fact)),
            fact,
            fact.time,
            minute(times[nth - 1]) if times else fact.time,
            origin,
        )
        for nth, fact in enumerate(life.facts, 1)
    ]


def explained(life, now=1000, times=None, **question):
    asked = Question(minute(now), **{name: minute(at) for name, at in question.items()})
    return explain(recorded(life, times), life.policies, asked, GROUND)


def resolution(explanation):
    return next(one for one in explanation.clocks if one.target is Target.RESOLUTION)


def stretches(clock):
    return [
        (one.phase, (one.start - MONDAY) / timedelta(minutes=1), one.working_seconds / 60)
        for one in clock.segments
    ]


def test_every_stretch_names_the_event_that_began_it():
    clock = resolution(explained(Life().tell(0, logged()).tell(30, held()).tell(50, RESUMED)))
    assert stretches(clock)[:3] == [("running", 0, 30), ("paused", 30, 20), ("running", 50, 950)]
    assert [one.cause.rpartition("@")[2] for one in clock.segments] == ["1", "2", "3"]


def test_what_the_calendar_closes_is_a_stretch_of_its_own():
    policies = book(calendar("office", OFFICE), agreement(calendar="office", resolution=600))
    clock = resolution(explained(Life(policies).tell(0, logged()), now=DAY + 60))
    assert stretches(clock) == [("running", 0, 480), ("closed", 480, 0), ("running", DAY, 60)]


def test_a_stretch_says_who_held_the_ticket():
    life = Life().tell(0, logged()).tell(10, foreign.IncidentAssigned(group="desk"))
    clock = resolution(explained(life.tell(30, held()), now=60))
    assert [(one.phase, one.held_by.holder, one.held_by.name) for one in clock.segments] == [
        ("running", "group", None),
        ("running", "group", "desk"),
        ("paused", "caller", "Anna"),
    ]


def test_as_it_was_known_at_a_moment():
    life = Life().tell(0, logged()).tell(100, RESOLVED)
    told_later = [0, 0, 400, 400, 400]
    known = explained(life, times=told_later, as_of=300)
    assert resolution(known).phase is Phase.RUNNING
    assert resolution(explained(life, times=told_later)).phase is Phase.STOPPED


def test_as_it_was_true_at_a_moment():
    life = Life().tell(0, logged()).tell(100, RESOLVED)
    told_later = [0, 0, 400, 400, 400]
    assert resolution(explained(life, times=told_later, at=90)).phase is Phase.RUNNING
    true = resolution(explained(life, times=told_later, at=200))
    assert (true.phase, true.elapsed_seconds) == (Phase.STOPPED, 100 * 60)


def test_what_happened_in_the_very_moment_is_true_by_then():
    life = Life().tell(0, logged()).tell(30, held())
    assert resolution(explained(life, at=30)).phase is Phase.PAUSED
    assert resolution(explained(life, at=29.9)).phase is Phase.RUNNING


def test_a_breach_is_no_part_of_the_truth_before_it():
    life = Life().tell(0, logged()).pass_until(300)
    assert resolution(explained(life, at=200)).breached_at is None
    assert resolution(explained(life, at=240)).breached_at == minute(240)


@pytest.mark.parametrize("question", [{"at": -1}, {"as_of": -1}])
def test_before_the_ticket_was_opened_there_is_nothing_to_explain(question):
    assert explained(Life().tell(0, logged()), **question) is None


def test_the_agreements_that_lost_are_those_of_the_day_not_of_today():
    life = Life(book(calendar(), agreement(), agreement("near", service="mail")))
    life.tell(0, logged(service="mail"))
    life.policies = book(calendar(), agreement(), agreement("near", service="mail"), LATECOMER)
    names = {one.name for one in resolution(explained(life)).candidates}
    assert names == {"near", "usual"}


LATECOMER = agreement("latecomer", customer="acme", service="mail")


def test_agreements_for_others_are_named_too():
    life = Life(book(calendar(), agreement(), LATECOMER)).tell(0, logged())
    assert [(one.name, one.lost) for one in explained(life).others] == [
        ("latecomer", "it is for another customer")
    ]


def test_what_was_learnt_only_later_is_not_named_among_them():
    later = replace(LATECOMER, recorded_at=minute(1))
    life = Life(book(calendar(), agreement(), later))
    assert explained(life.tell(0, logged())).others == []
    life = Life(book(calendar(), agreement(), later))
    assert [one.name for one in explained(life.tell(1, logged())).others] == ["latecomer"]


def test_former_cycles_are_explained_too():
    life = Life().tell(0, logged()).tell(10, RESOLVED).tell(20, foreign.IncidentClosed())
    life.tell(30, foreign.IncidentReopened())
    clocks = [one for one in explained(life).clocks if one.target is Target.RESOLUTION]
    assert [(one.cycle, one.phase) for one in clocks] == [(1, Phase.FINAL), (2, Phase.RUNNING)]


def test_the_reason_is_said_in_words_and_in_numbers():
    clock = resolution(explained(Life().tell(0, logged()).tell(30, held()).tell(50, RESUMED), 60))
    assert (clock.due.counted_seconds, clock.due.paused_seconds) == (40 * 60, 20 * 60)
    assert "promises 14400 s" in clock.why
    assert clock.why.endswith(f"So it is due at {minute(260).isoformat()}.")


def test_a_target_that_left_no_time_says_so():
    rows = [
        {"ticket_type": "incident", "priority": 3, "seconds": {"resolution": 240 * 60}},
        {"ticket_type": "incident", "priority": 1, "seconds": {"resolution": 60 * 60}},
    ]
    life = Life(book(calendar(), agreement(targets=rows))).tell(0, logged())
    clock = resolution(explained(life.tell(90, foreign.IncidentPrioritised(priority=1))))
    assert "No time was left" in clock.why


def test_the_agreement_is_called_by_its_name():
    clock = resolution(explained(Life().tell(0, logged())))
    assert clock.why.startswith("Agreement “usual” usual (version 1) promises 14400 s")


def test_a_ticket_is_uncovered_as_long_as_it_truly_was():
    late = agreement("late", valid_from=minute(30).isoformat())
    life = Life(book(calendar(), late)).tell(0, logged(priority=3))
    life.tell(60, foreign.IncidentPrioritised(priority=2))
    assert explained(life, at=50).uncovered == "no agreement in force covers it"
    assert explained(life, at=70).uncovered is None


def test_what_is_agreed_with_one_group_or_supplier_is_named_among_the_others():
    ours = agreement("ours", kind="ola", group="network")
    theirs = agreement("theirs", kind="underpinning", supplier="acme")
    told = explained(Life(book(calendar(), agreement(), ours, theirs)).tell(0, logged()))
    assert [(one.name, one.lost.partition(",")[0]) for one in told.others] == [
        ("ours", "it is with one group"),
        ("theirs", "it is with one supplier"),
    ]
