from dataclasses import replace
from datetime import timedelta

import pytest
from an_incident import (
    AGENT,
    AWAITING_CALLER,
    BREACHED,
    CALLER,
    DAY,
    ESCALATED,
    HOUR,
    IMPORTER,
    LOGGED,
    MINUTE,
    MONDAY,
    RESOLVED,
    STARTED,
    by,
    given,
    just,
    log,
    resolved,
)

from incident.commands.conversation import AddComment
from incident.commands.ending import ResolveIncident
from incident.commands.holding import PutOnHold
from incident.commands.work import StartWork
from incident.events.conversation import CommentAdded, NoteAdded
from incident.events.holding import IncidentResumed
from incident.events.triage import IncidentAssigned
from incident.terms import HoldReason, ResolutionCode, ResumeCause, Speaker

NOW = MONDAY + 10 * DAY
LIMIT = timedelta(days=7)
AN_INSTANT = timedelta(microseconds=1)


RESOLVE = ResolveIncident(code=ResolutionCode.FIXED, text=RESOLVED.text)


def then_of(fact, at, **different):
    return fact.model_copy(update={"at": at, **different})


def test_what_is_told_at_once_is_dated_by_the_database():
    given(LOGGED).when(RESOLVE, by(AGENT, NOW)).then(just(resolved(NOW)))


def test_what_is_told_afterwards_carries_the_time_it_happened():
    an_hour_ago = NOW - HOUR
    told = by(AGENT, NOW, at=an_hour_ago)
    given().when(log(), told).then(then_of(LOGGED, an_hour_ago))
    given(LOGGED).when(RESOLVE, told).then(resolved(an_hour_ago))
    given(LOGGED).when(PutOnHold(reason=HoldReason.AWAITING_CALLER), told).then(
        then_of(AWAITING_CALLER, an_hour_ago, remind_at=an_hour_ago + 2 * DAY)
    )
    given(LOGGED).when(AddComment(text="I am on it."), told).then(
        CommentAdded(text="I am on it.", speaker=Speaker.AGENT, at=an_hour_ago)
    )


def test_every_fact_that_follows_from_it_happened_then():
    told = by(IMPORTER, NOW, at=NOW - HOUR)
    given().when(log(group="messaging"), told).then(
        then_of(LOGGED, NOW - HOUR), IncidentAssigned(group="messaging", at=NOW - HOUR)
    )


def test_it_did_not_happen_in_the_future():
    given(LOGGED).when(RESOLVE, by(AGENT, NOW, at=NOW + AN_INSTANT)).then_refused(
        "in-the-future", field="happened_at"
    )
    given(LOGGED).when(RESOLVE, by(AGENT, NOW, at=NOW)).then(resolved(NOW))


def test_it_did_not_happen_before_what_happened_last():
    now = MONDAY + HOUR
    given(LOGGED).when(RESOLVE, by(AGENT, now, at=MONDAY - AN_INSTANT)).then_refused(
        "before-last-event", field="happened_at"
    )
    given(LOGGED).when(RESOLVE, by(AGENT, now, at=MONDAY)).then(resolved(MONDAY))


def test_an_earlier_time_than_the_last_note_is_refused():
    noted = NoteAdded(text="I look at it.", at=MONDAY + HOUR)
    given(LOGGED, noted).when(
        RESOLVE, by(AGENT, MONDAY + 2 * HOUR, at=MONDAY + 59 * MINUTE)
    ).then_refused("before-last-event")


def test_a_breach_can_be_set_right_by_telling_what_happened_before_it():
    breached = then_of(BREACHED, MONDAY + HOUR)
    escalated = then_of(ESCALATED, MONDAY + HOUR)
    before_it = MONDAY + 30 * MINUTE
    given(LOGGED, breached, escalated).when(
        RESOLVE, by(AGENT, MONDAY + 2 * HOUR, at=before_it)
    ).then(resolved(before_it))


def test_people_remember_only_so_far_back():
    given(LOGGED).when(RESOLVE, by(AGENT, NOW, at=NOW - LIMIT)).then(resolved(NOW - LIMIT))
    given(LOGGED).when(RESOLVE, by(AGENT, NOW, at=NOW - LIMIT - AN_INSTANT)).then_refused(
        "too-long-ago", naming="7 days", field="happened_at"
    )


def test_people_date_back_only_logging_commenting_holding_and_resolving():
    given(LOGGED).when(StartWork(), by(AGENT, NOW, at=NOW - HOUR)).then_refused(
        "cannot-be-told-afterwards", field="happened_at"
    )


def test_callers_date_nothing_back():
    told = by(CALLER, NOW, at=NOW - HOUR)
    given().when(log(), told).then_refused("told-by-staff-only")


@pytest.mark.parametrize("ago", [HOUR, 9 * DAY])
def test_an_importer_tells_whatever_happened_whenever_it_happened(ago):
    given(LOGGED).when(StartWork(), by(IMPORTER, NOW, at=NOW - ago)).then(
        then_of(STARTED, NOW - ago)
    )


def test_an_importer_keeps_to_the_order_of_events_too():
    given(LOGGED).when(StartWork(), by(IMPORTER, NOW, at=MONDAY - HOUR)).then_refused(
        "before-last-event"
    )


def test_an_answer_told_afterwards_ended_the_hold_then():
    caller_who_is_staff = replace(AGENT, name=LOGGED.caller)
    told = by(caller_who_is_staff, MONDAY + 2 * HOUR, at=MONDAY + HOUR)
    given(LOGGED, AWAITING_CALLER).when(AddComment(text="Yes."), told).then(
        CommentAdded(text="Yes.", speaker=Speaker.CUSTOMER, at=MONDAY + HOUR),
        IncidentResumed(cause=ResumeCause.CALLER_REPLIED, at=MONDAY + HOUR),
    )
