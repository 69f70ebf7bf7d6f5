from datetime import UTC, datetime

import pytest
from a_catalogue import KNOWN
from an_incident import (
    AWAITING_CALLER,
    CANCELLED,
    CLOSED,
    LIVES,
    LOGGED,
    MACHINE,
    MONDAY,
    REMIND_AT,
    REOPENED,
    RESOLVED,
    STARTED,
    by,
    given,
)

from deskstream.decider import Intent
from deskstream.timer import ClearTimer, SetTimer
from incident.commands.ending import CloseByItself
from incident.commands.holding import ReturnToQueue
from incident.commands.service_levels import (
    NoteBreachCorrection,
    NoteServiceLevelBreach,
    NoteServiceLevelWarning,
    NoteSuspicion,
    NoteSuspicionCleared,
)
from incident.events.ending import IncidentClosed
from incident.events.holding import IncidentPutOnHold, IncidentResumed
from incident.foreign import (
    CLOCKS,
    CLOCKS_IGNORED,
    ClockBreachCorrected,
    ClockBreached,
    ClockSuspected,
    ClockSuspicionCleared,
    ClockWarned,
)
from incident.policies import due, intents_after, timers_after
from incident.terms import STARTER_POLICY, Closure, HoldReason, ResumeCause, Status

OURS, ANOTHERS = "incident-0197a3c2", "change-0197a3c2"
DUE = datetime(2026, 1, 5, 17, tzinfo=UTC)
CLOSES = MONDAY + STARTER_POLICY.closes_after
WAITS_NO_MORE = [ClearTimer("end_of_hold"), ClearTimer("reminder")]
PROMISED = IncidentPutOnHold(reason=HoldReason.AWAITING_CALLER, until=DUE)


def warned(ticket=OURS):
    return ClockWarned(ticket=ticket, target="resolution", fraction=0.75, due_at=DUE)


def suspected(ticket=OURS):
    return ClockSuspected(ticket=ticket, target="resolution", cycle=1, due_at=DUE)


def cleared(ticket=OURS):
    return ClockSuspicionCleared(ticket=ticket, target="resolution", cycle=1)


def breached(ticket=OURS):
    return ClockBreached(
        ticket=ticket,
        target="resolution",
        cycle=1,
        due_at=DUE,
        detected_at=DUE,
        late_by_seconds=0.5,
    )


def corrected(ticket=OURS):
    return ClockBreachCorrected(ticket=ticket, target="resolution", cycle=1)


@pytest.mark.parametrize(
    ("event", "command"),
    [
        (warned(), NoteServiceLevelWarning(target="resolution", fraction=0.75, due_at=DUE)),
        (suspected(), NoteSuspicion(target="resolution", cycle=1, due_at=DUE)),
        (cleared(), NoteSuspicionCleared(target="resolution", cycle=1)),
        (
            breached(),
            NoteServiceLevelBreach(
                target="resolution", cycle=1, due_at=DUE, detected_at=DUE, late_by_seconds=0.5
            ),
        ),
        (corrected(), NoteBreachCorrection(target="resolution", cycle=1)),
    ],
    ids=["warned", "suspected", "cleared", "breached", "corrected"],
)
def test_what_the_clock_says_is_taken_into_the_history(event, command):
    assert intents_after(event) == [Intent(OURS, command)]


@pytest.mark.parametrize("event", [warned(), breached()], ids=["warned", "breached"])
def test_it_says_who_is_known_and_whether_its_history_is_still_told(event):
    (intent,) = intents_after(event, still_told=True, parties=KNOWN)
    assert (intent.command.still_told, intent.command.parties) == (True, KNOWN)


@pytest.mark.parametrize("told", [warned, suspected, cleared, breached, corrected])
def test_the_clocks_of_other_tickets_are_no_concern(told):
    assert intents_after(told(ANOTHERS)) == []


def test_nothing_is_both_handled_and_ignored():
    assert not CLOCKS_IGNORED & CLOCKS.stored_names


@pytest.mark.parametrize(
    ("fact", "changes"),
    [
        (LOGGED, []),
        (STARTED, []),
        (PROMISED, [SetTimer("end_of_hold", DUE), ClearTimer("reminder")]),
        (AWAITING_CALLER, [ClearTimer("end_of_hold"), SetTimer("reminder", REMIND_AT)]),
        (IncidentResumed(cause=ResumeCause.BY_HAND), WAITS_NO_MORE),
        (CANCELLED, WAITS_NO_MORE),
        (RESOLVED, [*WAITS_NO_MORE, SetTimer("closing", CLOSES)]),
        (REOPENED, [ClearTimer("closing")]),
        (CLOSED, [ClearTimer("closing")]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_to_happen_by_itself_after_a_fact(fact, changes):
    stored = fact.model_copy(update={"at": MONDAY})
    assert list(timers_after(stored)) == changes


def test_a_timer_becomes_a_command():
    assert due("closing") == CloseByItself()
    assert due("end_of_hold") == ReturnToQueue()


def test_the_command_of_a_timer_is_possible_when_the_timer_is_due():
    *_, closing = timers_after(RESOLVED)
    given(*LIVES[Status.RESOLVED]).when(due(closing.name), by(MACHINE, closing.due_at)).then(
        IncidentClosed(how=Closure.AUTOMATICALLY, at=closing.due_at)
    )
    returning, _ = timers_after(PROMISED)
    given(LOGGED, PROMISED).when(due(returning.name), by(MACHINE, returning.due_at)).then(
        IncidentResumed(cause=ResumeCause.DATE_PASSED, at=returning.due_at)
    )
