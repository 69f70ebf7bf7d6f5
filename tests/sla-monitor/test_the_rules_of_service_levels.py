"""What moves a clock and what does not, rule by rule; what has a page of its own is told there."""

import pytest
from a_ticket import (
    CLOSED,
    MONITOR,
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

from deskstream.decider import Occasion
from sla_monitor import foreign
from sla_monitor.commands import DeclareBreach, SuspectBreach
from sla_monitor.decider import CLOCKS
from sla_monitor.events import (
    CODEC,
    ClockBreached,
    ClockCancelled,
    ClockFinalised,
    ClockResumed,
    TicketReconsidered,
)
from sla_monitor.policies import clocks_of
from sla_monitor.terms import Phase, Target

HOUR, DAY = 60, 24 * 60
IN_OFFICE_HOURS = book(calendar("always", OFFICE), agreement(response=60, resolution=8 * HOUR))
WHOLE_LIFE = [
    (0, logged()),
    (10, foreign.IncidentAssigned(group="desk")),
    (20, agent_said()),
    (30, held()),
    (90, RESUMED),
    (200, RESOLVED),
    (210, REOPENED),
    (400, RESOLVED),
    (500, CLOSED),
]


def lived(*turns, policies=None):
    life = Life(policies or book())
    for at, event in turns:
        life.tell(at, event)
    return life


class TestAClockIsAFold:
    def test_the_same_events_give_the_same_facts_to_the_byte(self):
        first, again = (lived(*WHOLE_LIFE).facts for _ in range(2))
        assert [CODEC.encode(fact) for fact in first] == [CODEC.encode(fact) for fact in again]

    def test_when_it_is_told_changes_nothing_about_when_it_was_so(self):
        seen_at_once, seen_in_the_end = lived(*WHOLE_LIFE[:5]), Life()
        for at, event in WHOLE_LIFE[:5]:
            seen_in_the_end.tell(at, event)
        seen_at_once.pass_until(1000)
        seen_in_the_end.pass_until(5000)
        assert seen_at_once.clock().breached_at == seen_in_the_end.clock().breached_at
        assert seen_at_once.clock().breached_at == minute(300)


class TestTheStreamOfATicket:
    def test_it_has_the_uuid_of_the_tickets_own(self):
        ticket = "incident-01a208f5-4d40-7526-ab44-4e7d847eb58e"
        assert clocks_of(ticket) == "clock-01a208f5-4d40-7526-ab44-4e7d847eb58e"

    def test_all_targets_and_cycles_are_in_it(self):
        life = lived(*WHOLE_LIFE, (600, REOPENED))
        assert {(clock.target, clock.cycle) for clock in life.state.all_cycles()} == {
            (Target.FIRST_RESPONSE, 1),
            (Target.RESOLUTION, 1),
            (Target.RESOLUTION, 2),
        }


class TestWhatIsPromisedIsChosenAgain:
    @pytest.mark.parametrize(
        "event",
        [
            agent_said(),
            foreign.CommentAdded(speaker="customer"),
            foreign.IncidentAssigned(group="desk"),
            held(),
            RESOLVED,
        ],
        ids=lambda event: type(event).__name__,
    )
    def test_not_because_of_what_agreements_do_not_look_at(self, event):
        policies = book()
        life = lived((0, logged()), policies=policies)
        life.policies = book(calendar(), agreement(resolution=30, version=2))
        life.tell(10, event)
        assert not [fact for fact in life.facts if isinstance(fact, TicketReconsidered)]
        assert life.clock().promise.seconds == 240 * 60

    @pytest.mark.parametrize(
        "event",
        [
            foreign.IncidentPrioritised(priority=1),
            foreign.IncidentReclassified(priority=3, service="mail", organisation=None),
            foreign.IncidentReclassified(priority=3, service=None, organisation="acme"),
            foreign.MajorDeclared(),
        ],
        ids=["priority", "service", "organisation", "major"],
    )
    def test_because_of_each_of_those_that_they_look_at(self, event):
        life = lived((0, logged()))
        life.policies = book(calendar(), agreement(resolution=300, version=2))
        life.tell(10, event)
        assert life.clock().promise.agreement.version == 2


class TestFirstResponse:
    def test_it_runs_from_the_opening_to_an_agents_first_public_word(self):
        life = lived((0, logged()), (40, agent_said()))
        clock = life.clock(Target.FIRST_RESPONSE)
        assert (clock.phase, clock.due_at) == (Phase.STOPPED, minute(60))

    def test_it_does_not_pause(self):
        life = lived((0, logged()), (10, held()), (50, RESUMED))
        assert life.clock(Target.FIRST_RESPONSE).due_at == minute(60)

    def test_a_second_word_is_no_first_one(self):
        life = lived((0, logged()), (40, agent_said()), (50, agent_said()))
        assert life.happened(Target.FIRST_RESPONSE) == ["started", "stopped"]


class TestWhatComesToNothing:
    @pytest.mark.parametrize(
        ("event", "because"),
        [
            (foreign.IncidentCancelled(reason="a mistake"), "a mistake"),
            (foreign.IncidentMerged(into={"number": "INC0000007"}), "merged into INC0000007"),
            (
                foreign.IncidentConverted(reason="wants a chair"),
                "converted to a request: wants a chair",
            ),
        ],
        ids=["cancelled", "merged", "converted"],
    )
    def test_its_clocks_are_cancelled_with_the_reason_and_are_never_breached(self, event, because):
        life = lived((0, logged()), (10, event)).pass_until(1000)
        assert life.last(ClockCancelled).reason == because
        assert {clock.phase for clock in life.state.clocks.values()} == {Phase.CANCELLED}
        assert not [fact for fact in life.facts if isinstance(fact, ClockBreached)]

    def test_what_was_breached_before_stays_so(self):
        life = lived((0, logged())).pass_until(250)
        life.tell(260, foreign.IncidentConverted(reason="wants a chair"))
        assert life.clock().breached_at == minute(240)


class TestWorkingTime:
    def test_a_target_that_uses_up_a_day_is_due_when_it_closes(self):
        assert lived((0, logged()), policies=IN_OFFICE_HOURS).clock().due_at == minute(8 * HOUR)

    def test_what_is_opened_at_night_begins_to_count_in_the_morning(self):
        life = lived((12 * HOUR, logged()), policies=IN_OFFICE_HOURS)
        assert life.clock(Target.FIRST_RESPONSE).due_at == minute(DAY + HOUR)

    def test_a_pause_counts_as_far_as_it_lies_in_working_time(self):
        night = lived((0, logged()), (9 * HOUR, held()), (20 * HOUR, RESUMED))
        assert night.clock().breached_at is None
        office = book(calendar("always", OFFICE), agreement(resolution=10 * HOUR))
        life = lived((0, logged()), (7 * HOUR, held()), (DAY + HOUR, RESUMED), policies=office)
        assert life.clock().due_at == minute(DAY + 4 * HOUR)
        assert life.last(ClockResumed).due_at == minute(DAY + 4 * HOUR)

    def test_a_pause_that_lies_outside_of_it_moves_nothing(self):
        office = book(calendar("always", OFFICE), agreement(resolution=10 * HOUR))
        life = lived((0, logged()), (9 * HOUR, held()), (20 * HOUR, RESUMED), policies=office)
        assert life.clock().due_at == minute(DAY + 2 * HOUR)


class TestResolutionStopsAndClosureMakesFinal:
    def test_between_them_it_goes_on_when_it_is_reopened_and_may_yet_breach(self):
        life = lived((0, logged()), (200, RESOLVED), (1000, REOPENED)).pass_until(1039)
        assert life.clock().breached_at is None
        assert life.pass_until(1041).clock().breached_at == minute(1040)

    def test_a_stop_exactly_when_it_is_due_is_met(self):
        life = lived((0, logged()), (240, RESOLVED), (300, CLOSED))
        assert life.last(ClockFinalised).met

    def test_a_stop_a_moment_later_is_not(self):
        life = lived((0, logged()), (240.001, RESOLVED), (300, CLOSED))
        assert not life.last(ClockFinalised).met


class TestABreach:
    def test_it_comes_once_a_target_and_cycle(self):
        life = lived((0, logged())).pass_until(500).pass_until(900)
        breaches = [fact.target for fact in life.facts if isinstance(fact, ClockBreached)]
        assert sorted(breaches) == [Target.FIRST_RESPONSE, Target.RESOLUTION]

    def test_it_says_when_it_was_due_when_that_was_seen_and_how_late(self):
        breach = lived((0, logged())).pass_until(250).last(ClockBreached)
        assert (breach.due_at, breach.detected_at) == (minute(240), minute(250))
        assert breach.late_by_seconds == 600

    def test_the_next_cycle_may_be_breached_again(self):
        life = lived((0, logged())).pass_until(250)
        life.tell(260, RESOLVED).tell(270, CLOSED).tell(300, REOPENED).pass_until(600)
        again = [
            (fact.cycle, fact.due_at)
            for fact in life.facts
            if isinstance(fact, ClockBreached) and fact.target is Target.RESOLUTION
        ]
        assert again == [(1, minute(240)), (2, minute(540))]

    def test_a_suspicion_comes_once_and_goes_with_the_breach(self):
        life = lived((0, logged()))
        del life.timers["resolution:breach"]
        life.pass_until(250)
        assert life.clock().suspected
        assert asked(life, SuspectBreach(target=Target.RESOLUTION)) == []
        life.facts += asked(life, DeclareBreach(target=Target.RESOLUTION))
        assert life.clock().breached_at == minute(240)
        assert not life.clock().suspected

    def test_nothing_is_missed_of_what_was_cancelled_meanwhile(self):
        life = lived((0, logged()), (260, RESOLVED)).know(300, calendar())
        assert life.clock().phase is Phase.CANCELLED
        assert asked(life, DeclareBreach(target=Target.RESOLUTION)) == []
        assert asked(life, SuspectBreach(target=Target.RESOLUTION)) == []


def asked(life, command):
    return CLOCKS.decide(command, Occasion(MONITOR, minute(300)), life.state)
