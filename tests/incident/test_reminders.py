"""A caller who does not answer is reminded twice, and then not waited for any longer."""

from an_incident import (
    AGENT,
    AWAITING_CALLER,
    CALLER,
    DAY,
    IMPORTER,
    LOGGED,
    MACHINE,
    MONDAY,
    REMIND_AT,
    by,
    given,
    just,
    resolved,
)

from deskstream.timer import SetTimer
from incident.commands.conversation import AddComment
from incident.commands.holding import PutOnHold, RemindCaller
from incident.decider.holding import NO_RESPONSE
from incident.events.holding import CallerReminded, IncidentPutOnHold
from incident.policies import due, timers_after
from incident.terms import HoldReason, ResolutionCode

FIRST = CallerReminded(nth=1, next_at=REMIND_AT + 2 * DAY)
SECOND = CallerReminded(nth=2, next_at=REMIND_AT + 4 * DAY)
ASKED = (LOGGED, AWAITING_CALLER)


def reminded_by(now):
    return RemindCaller(), by(MACHINE, now)


def test_an_unanswered_caller_gets_two_reminders_two_days_apart():
    given(*ASKED).when(*reminded_by(REMIND_AT)).then(FIRST)
    given(*ASKED, FIRST).when(*reminded_by(FIRST.next_at)).then(SECOND)


def test_after_the_second_it_is_resolved_for_want_of_a_response():
    told = {"code": ResolutionCode.NO_RESPONSE, "text": NO_RESPONSE}
    given(*ASKED, FIRST, SECOND).when(*reminded_by(SECOND.next_at)).then(
        just(resolved(SECOND.next_at, **told))
    )


def test_a_reminder_that_comes_late_leaves_as_much_time_to_answer():
    late = REMIND_AT + DAY
    given(*ASKED).when(*reminded_by(late)).then(CallerReminded(nth=1, next_at=late + 2 * DAY))


def test_nobody_is_reminded_too_early_or_after_an_answer():
    given(*ASKED, FIRST).when(*reminded_by(REMIND_AT)).then_refused("too-early")
    answered = given(*ASKED).when(AddComment(text="Yes."), by(CALLER)).decided
    given(*ASKED, *answered).when(*reminded_by(REMIND_AT)).then_refused("not-possible-now")


def test_who_promised_a_date_and_whoever_an_import_tells_of_is_not_reminded():
    promised = PutOnHold(reason=HoldReason.AWAITING_CALLER, until=MONDAY + 9 * DAY)
    given(LOGGED).when(promised, by(AGENT)).then(
        IncidentPutOnHold(reason=HoldReason.AWAITING_CALLER, until=promised.until)
    )
    imported = PutOnHold(reason=HoldReason.AWAITING_CALLER)
    hold = IncidentPutOnHold(reason=HoldReason.AWAITING_CALLER)
    given(LOGGED).when(imported, by(IMPORTER)).then(hold)
    given(LOGGED, hold).when(*reminded_by(REMIND_AT)).then_refused("nobody-to-remind")


def test_each_reminder_sets_the_next():
    *_, first = timers_after(AWAITING_CALLER)
    assert (first, due(first.name)) == (SetTimer("reminder", REMIND_AT), RemindCaller())
    assert timers_after(FIRST) == [SetTimer("reminder", FIRST.next_at)]
    assert FIRST.in_words() == "The caller was reminded (reminder 1)."
