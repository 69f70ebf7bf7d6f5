"""When the ticket changes in what agreements look at, it is decided again what is promised."""

import pytest
from a_ticket import RESOLVED, Life, agent_said, agreement, book, calendar, held, logged, minute

from deskstream_worktime.stopwatch import Rebase
from sla_monitor import foreign
from sla_monitor.events import ClockCancelled, TicketReconsidered, TicketUncovered
from sla_monitor.terms import Target

RESPONSE = Target.FIRST_RESPONSE


def rows(**minutes):
    """A row for each priority: `p1=60` promises a resolution in that many minutes."""
    return [
        {"ticket_type": "incident", "priority": int(name[1]), "seconds": {"resolution": 60 * each}}
        for name, each in minutes.items()
    ]


def prioritised(priority):
    return foreign.IncidentPrioritised(priority=priority)


def life(**definition):
    policies = book(calendar(), agreement(targets=rows(p3=240, p1=60), **definition))
    return Life(policies).tell(0, logged())


def test_carry_takes_the_time_that_was_used_along():
    assert life().tell(20, prioritised(1)).clock().due_at == minute(60)


def test_what_a_lead_has_set_counts_and_not_what_was_looked_up():
    overridden = foreign.IncidentPrioritised(priority=3, overridden=1)
    assert life().tell(20, overridden).clock().due_at == minute(60)
    elsewhere = foreign.IncidentReclassified(priority=3, overridden=1, service="pay")
    assert life().tell(20, elsewhere).clock().due_at == minute(60)


def test_a_major_incident_is_promised_what_is_promised_for_those_while_it_is_one():
    majors = {"ticket_type": "incident", "priority": 1, "major": True}
    targets = [*rows(p3=240, p1=60), {**majors, "seconds": {"resolution": 60 * 30}}]
    declared = Life(book(calendar(), agreement(targets=targets))).tell(0, logged())
    declared = declared.tell(20, foreign.MajorDeclared())
    assert declared.clock().due_at == minute(30)
    assert declared.tell(25, foreign.MajorStoodDown()).clock().due_at == minute(240)


def test_what_is_classified_anew_belongs_to_another_service_and_customer():
    told = life().tell(20, foreign.IncidentReclassified(priority=1, service="pay"))
    assert told.clock().due_at == minute(60)
    (known,) = [fact for fact in told.facts if isinstance(fact, TicketReconsidered)]
    assert (known.subject.service, known.subject.priority) == ("pay", 1)


def test_restart_begins_afresh():
    restarted = life(on_change={"resolution": "restart"}).tell(20, prioritised(1))
    assert restarted.clock().due_at == minute(80)


def test_retroactive_counts_all_running_time_since_the_start_but_not_the_pauses():
    paused = life(on_change={"resolution": "retroactive"}).tell(10, held())
    resumed = paused.tell(15, foreign.IncidentResumed())
    assert resumed.tell(20, prioritised(1)).clock().due_at == minute(65)


def test_a_pause_that_was_banked_counts_after_a_restart_too():
    paused = life(on_change={"resolution": "restart"}).tell(10, held()).tell(20, prioritised(1))
    assert paused.clock().due_at is None
    assert paused.tell(30, foreign.IncidentResumed()).clock().due_at == minute(90)


def test_the_same_priority_chooses_nothing_again():
    told = life()
    told.policies = book(calendar(), agreement(resolution=30, version=2))
    assert told.tell(20, prioritised(3)).clock().due_at == minute(240)
    assert not [fact for fact in told.facts if isinstance(fact, TicketReconsidered)]


def test_a_fraction_that_is_already_past_warns_once_at_the_change():
    warned = life().tell(40, prioritised(1)).pass_until(55)
    assert warned.happened().count("warned") == 1
    assert warned.last(type(warned.facts[-1])).time == minute(40)


def test_a_fraction_that_was_warned_of_is_not_warned_of_again():
    warned = life().pass_until(130).tell(131, prioritised(1)).pass_until(1000)
    assert warned.happened().count("warned") == 1


def test_what_would_come_in_the_very_moment_of_the_change_belongs_to_the_new_promise():
    urgent = Life(book(calendar(), agreement(targets=rows(p1=60, p3=240))))
    urgent.tell(0, logged(priority=1)).tell(30, prioritised(3)).pass_until(100)
    assert "warned" not in urgent.happened()
    urgent = Life(book(calendar(), agreement(targets=rows(p1=60, p3=240))))
    urgent.tell(0, logged(priority=1)).tell(60, prioritised(3)).pass_until(200)
    assert "breached" not in urgent.happened()


def test_a_downgrade_never_removes_a_breach():
    breached = Life(book(calendar(), agreement(targets=rows(p1=60, p3=240))))
    breached.tell(0, logged(priority=1)).pass_until(70).tell(80, prioritised(3))
    assert breached.clock().breached_at == minute(60)
    assert breached.pass_until(2000).happened().count("breached") == 1


def test_a_breach_that_the_old_priority_had_earned_is_told_though_it_is_noticed_later():
    late = Life(book(calendar(), agreement(targets=rows(p1=60, p3=240))))
    late.tell(0, logged(priority=1)).tell(80, prioritised(3))
    assert late.clock().breached_at == minute(60)


def test_when_nothing_is_promised_any_more_the_clock_is_cancelled():
    gone = life().tell(20, prioritised(2))
    assert gone.last(ClockCancelled).reason == "nothing is promised for it any more"
    assert gone.last(TicketUncovered).because == "usual has no row for its priority"


def test_what_is_promised_for_the_first_time_begins_to_run_then():
    covered = Life(book(calendar(), agreement(targets=rows(p1=60)))).tell(0, logged())
    assert not covered.state.clocks
    covered.tell(30, prioritised(1))
    assert covered.clock().due_at == minute(90)
    assert covered.state.uncovered is None


def test_what_stays_uncovered_is_not_told_again():
    uncovered = Life(book(calendar(), agreement(targets=rows(p1=60)))).tell(0, logged())
    uncovered.tell(10, prioritised(2)).tell(20, prioritised(4))
    assert len([fact for fact in uncovered.facts if isinstance(fact, TicketUncovered)]) == 1


def test_what_begins_to_run_while_the_ticket_waits_stands_still():
    covered = Life(book(calendar(), agreement(targets=rows(p1=60)))).tell(0, logged())
    covered.tell(10, held()).tell(30, prioritised(1))
    assert covered.clock().due_at is None
    assert covered.tell(50, foreign.IncidentResumed()).clock().due_at == minute(110)


def test_a_first_response_is_not_promised_to_who_was_answered_already():
    covered = Life(book(calendar(), agreement(priorities=(1,)))).tell(0, logged())
    covered.tell(10, agent_said()).tell(30, prioritised(1))
    assert set(covered.state.clocks) == {Target.RESOLUTION}


def test_what_was_chosen_while_the_clock_stood_counts_when_it_is_reopened():
    stopped = life().tell(10, RESOLVED).tell(20, prioritised(1))
    assert stopped.clock().promise.seconds == 240 * 60
    reopened = stopped.tell(30, foreign.IncidentReopened())
    assert reopened.clock().due_at == minute(80)


@pytest.mark.parametrize("major", [True, False])
def test_a_row_for_major_incidents_comes_first_for_them(major):
    targets = [{**rows(p3=30)[0], "major": True}, *rows(p3=240)]
    told = Life(book(calendar(), agreement(targets=targets))).tell(0, logged())
    told.change(5, major=major)
    assert told.clock().due_at == minute(30 if major else 240)


def test_the_agreements_that_lost_are_told_with_the_choice():
    near = agreement("near", service="mail")
    started = Life(book(calendar(), agreement(), near)).tell(0, logged(service="mail")).clock()
    assert [(one.name, one.lost) for one in started.candidates] == [
        ("near", None),
        ("usual", "near is nearer"),
    ]


def test_the_edition_of_the_time_zone_rules_is_told_with_every_due_time():
    policies = book()
    object.__setattr__(policies, "tzdata", "2025b")
    started = Life(policies).tell(0, logged()).facts[0]
    assert started.tzdata == "2025b"


def test_a_rebase_is_told():
    facts = life(on_change={"resolution": "restart"}).tell(20, prioritised(1)).facts
    assert facts[-1].rebase is Rebase.RESTART


def test_what_had_no_time_left_and_was_resolved_at_that_instant_is_due_when_it_is_reopened():
    stopped = life().tell(90, prioritised(1)).tell(90, RESOLVED)
    assert stopped.pass_until(95).clock().breached_at is None
    assert stopped.tell(100, foreign.IncidentReopened()).clock().due_at == minute(100)
