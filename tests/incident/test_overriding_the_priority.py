"""A lead sets another priority than the one that was looked up, for a time."""

import pytest
from an_incident import DAY, HOUR, LEAD, LOGGED, MACHINE, MONDAY, OVERRIDDEN, by, given

from deskstream.timer import ClearTimer, SetTimer
from incident.commands.overriding import EndOverride, ExpireOverride, OverridePriority
from incident.commands.triage import PrioritiseIncident
from incident.events.conversation import NoteAdded
from incident.events.overriding import PriorityOverrideEnded
from incident.events.triage import IncidentPrioritised
from incident.policies import due, timers_after
from incident.terms import Impact, PriorityTables, Urgency

UNTIL = OVERRIDDEN.until


def overriding(priority=1, until=UNTIL):
    return OverridePriority(priority=priority, because="The board asks.", until=until)


def test_it_counts_with_reason_and_expiry_beside_what_was_looked_up():
    given(LOGGED).when(overriding(), by(LEAD)).then(OVERRIDDEN)
    incident = given(LOGGED, OVERRIDDEN).state
    assert (incident.priority, incident.looked_up, incident.override.until) == (1, 2, UNTIL)


@pytest.mark.parametrize(
    ("command", "code", "field"),
    [
        (overriding(until=MONDAY), "until-passed", "until"),
        (overriding(until=MONDAY + HOUR), "until-passed", "until"),
        (overriding(priority=2), "same-priority", "priority"),
    ],
)
def test_it_is_another_priority_and_lasts(command, code, field):
    given(LOGGED).when(command, by(LEAD)).then_refused(code, field=field)


def test_it_ends_by_itself_when_its_time_is_over_however_late_that_is_noticed():
    ended = PriorityOverrideEnded(at=UNTIL, priority=2, by_itself=True)
    for noticed in (UNTIL, UNTIL + DAY):
        given(LOGGED, OVERRIDDEN).when(ExpireOverride(), by(MACHINE, noticed)).then(ended)
    given(LOGGED, OVERRIDDEN).when(ExpireOverride(), by(MACHINE)).then_refused("too-early")
    assert given(LOGGED, OVERRIDDEN, ended).state.priority == 2


def test_what_was_said_after_its_time_does_not_come_after_its_end():
    said = NoteAdded(text="I look again.", at=UNTIL + HOUR)
    given(LOGGED, OVERRIDDEN, said).when(ExpireOverride(), by(MACHINE, UNTIL + DAY)).then(
        PriorityOverrideEnded(at=UNTIL + HOUR, priority=2, by_itself=True)
    )


def test_a_lead_ends_it_before():
    ended = PriorityOverrideEnded(priority=2, by_itself=False)
    given(LOGGED, OVERRIDDEN).when(EndOverride(), by(LEAD)).then(ended)
    given(LOGGED).when(EndOverride(), by(LEAD)).then_refused("not-overridden")
    given(LOGGED).when(ExpireOverride(), by(MACHINE)).then_refused("not-overridden")


def test_what_is_looked_up_meanwhile_counts_only_afterwards():
    judged = PrioritiseIncident(impact=Impact.LOW, urgency=Urgency.LOW, tables=PriorityTables())
    anew = IncidentPrioritised(
        impact=Impact.LOW, urgency=Urgency.LOW, priority=5, matrix_version=0, overridden=1
    )
    given(LOGGED, OVERRIDDEN).when(judged).then(anew)
    assert given(LOGGED, OVERRIDDEN, anew).state.priority == 1
    given(LOGGED, OVERRIDDEN, anew).when(EndOverride(), by(LEAD)).then(
        PriorityOverrideEnded(priority=5, by_itself=False)
    )


def test_a_timer_ends_it():
    assert timers_after(OVERRIDDEN) == [SetTimer("override", UNTIL)]
    assert due("override") == ExpireOverride()
    ended = PriorityOverrideEnded(priority=2, by_itself=False)
    assert timers_after(ended) == [ClearTimer("override")]


def test_in_plain_words():
    assert OVERRIDDEN.in_words() == (
        "Priority 1 instead of 2 until 2026-01-06 09:00:00 UTC: The board asks."
    )
    over = PriorityOverrideEnded(priority=2, by_itself=True)
    assert over.in_words() == "Priority 2 again, as it was looked up, for the time is over."
