from datetime import timedelta

import pytest
from an_incident import (
    AGENT,
    AWAITING_CALLER,
    DAY,
    HOUR,
    IMPORTER,
    LOGGED,
    MACHINE,
    MONDAY,
    STARTED,
    by,
    given,
    just,
    resolved,
)

from incident.commands.ending import ResolveIncident
from incident.commands.holding import PutOnHold, ResumeWork, ReturnToQueue
from incident.events.conversation import NoteAdded
from incident.events.holding import IncidentPutOnHold, IncidentResumed
from incident.terms import HoldReason, ResolutionCode, ResumeCause

FRIDAY = MONDAY + 4 * DAY
UNTIL_FRIDAY = IncidentPutOnHold(
    reason=HoldReason.AWAITING_SUPPLIER, supplier="Northwind", until=FRIDAY
)


@pytest.mark.parametrize("so_far", [(LOGGED,), (LOGGED, STARTED)], ids=["new", "in progress"])
def test_work_waits_for_a_reason(so_far):
    given(*so_far).when(PutOnHold(reason=HoldReason.AWAITING_CALLER), by(AGENT)).then(
        AWAITING_CALLER
    )


def test_on_hold_it_can_wait_for_another_reason_but_not_for_just_the_same():
    given(LOGGED, AWAITING_CALLER).when(
        PutOnHold(reason=HoldReason.AWAITING_CHANGE, reference="CHG0000042"), by(AGENT)
    ).then(IncidentPutOnHold(reason=HoldReason.AWAITING_CHANGE, reference="CHG0000042"))
    given(LOGGED, AWAITING_CALLER).when(
        PutOnHold(reason=HoldReason.AWAITING_CALLER), by(AGENT)
    ).then_refused("same-hold", naming="resume", field="reason")


def test_a_history_may_say_again_what_it_waits_for():
    given(LOGGED, AWAITING_CALLER).when(
        PutOnHold(reason=HoldReason.AWAITING_CALLER), by(IMPORTER)
    ).then_nothing_happened()


def test_waiting_for_a_supplier_names_the_supplier_with_its_reference_and_promise():
    command = PutOnHold(
        reason=HoldReason.AWAITING_SUPPLIER, until=FRIDAY, supplier="Northwind", reference="NW-4711"
    )
    given(LOGGED).when(command).then(
        IncidentPutOnHold(
            reason=HoldReason.AWAITING_SUPPLIER,
            until=FRIDAY,
            supplier="Northwind",
            reference="NW-4711",
        )
    )
    given(LOGGED).when(PutOnHold(reason=HoldReason.AWAITING_SUPPLIER), by(AGENT)).then_refused(
        "supplier-missing", field="supplier"
    )


def test_waiting_for_anybody_else_names_no_supplier():
    given(LOGGED).when(
        PutOnHold(reason=HoldReason.AWAITING_CALLER, supplier="Northwind"), by(AGENT)
    ).then_refused("supplier-misplaced", field="supplier")


def test_waiting_for_something_else_says_for_what():
    given(LOGGED).when(PutOnHold(reason=HoldReason.OTHER), by(AGENT)).then_refused(
        "text-missing", field="text"
    )
    given(LOGGED).when(PutOnHold(reason=HoldReason.OTHER, text="The strike."), by(AGENT)).then(
        IncidentPutOnHold(reason=HoldReason.OTHER, text="The strike.")
    )


@pytest.mark.parametrize("earlier", [timedelta(), HOUR])
def test_a_promised_date_lies_after_the_beginning_of_the_hold(earlier):
    now = MONDAY + DAY
    given(LOGGED).when(
        PutOnHold(reason=HoldReason.AWAITING_CALLER, until=now - earlier), by(AGENT, now)
    ).then_refused("promised-date-passed", field="until")


def test_told_late_the_promised_date_may_be_over_by_now():
    noon, now = MONDAY + 3 * HOUR, MONDAY + DAY
    command = PutOnHold(reason=HoldReason.AWAITING_CHANGE, until=noon)
    given(LOGGED).when(command, by(AGENT, now, at=MONDAY + HOUR)).then(
        IncidentPutOnHold(reason=HoldReason.AWAITING_CHANGE, until=noon, at=MONDAY + HOUR)
    )


def test_resumed_by_hand_it_is_in_progress_even_if_work_never_started():
    given(LOGGED, AWAITING_CALLER).when(ResumeWork(), by(AGENT)).then(
        IncidentResumed(cause=ResumeCause.BY_HAND)
    )


def test_a_hold_past_its_promised_date_returns_to_the_queue():
    given(LOGGED, UNTIL_FRIDAY).when(ReturnToQueue(), by(MACHINE, FRIDAY)).then(
        IncidentResumed(cause=ResumeCause.DATE_PASSED, at=FRIDAY)
    )


def test_it_ended_on_its_date_however_late_that_is_noticed():
    given(LOGGED, UNTIL_FRIDAY).when(ReturnToQueue(), by(MACHINE, FRIDAY + DAY)).then(
        IncidentResumed(cause=ResumeCause.DATE_PASSED, at=FRIDAY)
    )


def test_what_was_said_after_its_date_does_not_come_after_its_end():
    said = NoteAdded(text="They will be late.", at=FRIDAY + HOUR)
    given(LOGGED, UNTIL_FRIDAY, said).when(ReturnToQueue(), by(MACHINE, FRIDAY + DAY)).then(
        IncidentResumed(cause=ResumeCause.DATE_PASSED, at=FRIDAY + HOUR)
    )


@pytest.mark.parametrize(
    "different", [{"until": FRIDAY + DAY}, {"supplier": "Southwind"}, {"text": "A new disk."}]
)
def test_a_supplier_promises_another_date_or_is_another(different):
    told = UNTIL_FRIDAY.model_dump(exclude_none=True) | different
    given(LOGGED, UNTIL_FRIDAY).when(PutOnHold(**told), by(AGENT)).then(IncidentPutOnHold(**told))


def test_a_hold_does_not_end_before_its_date_or_without_one():
    an_instant_before = by(MACHINE, FRIDAY - timedelta(microseconds=1))
    given(LOGGED, UNTIL_FRIDAY).when(ReturnToQueue(), an_instant_before).then_refused("too-early")
    given(LOGGED, AWAITING_CALLER).when(ReturnToQueue(), by(MACHINE, FRIDAY)).then_refused(
        "no-promised-date"
    )


def test_a_new_hold_replaces_the_promised_date_of_the_one_before():
    given(LOGGED, UNTIL_FRIDAY, AWAITING_CALLER).when(
        ReturnToQueue(), by(MACHINE, FRIDAY)
    ).then_refused("no-promised-date")


def test_what_is_on_hold_can_be_resolved():
    told = {"code": ResolutionCode.NO_RESPONSE, "text": "The caller never answered."}
    given(LOGGED, AWAITING_CALLER).when(ResolveIncident(**told), by(AGENT)).then(
        just(resolved(MONDAY + HOUR, **told))
    )
