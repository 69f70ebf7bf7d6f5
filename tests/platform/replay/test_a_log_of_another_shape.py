from datetime import UTC, datetime

import pytest

from deskstream_platform.replay.rows import read_rows
from deskstream_platform.replay.steps import Kind
from deskstream_platform.replay.telling import tell
from incident.terms import Status

MARCH, APRIL = 3, 4


def at(month, day, hour, minute=0, second=0):
    return datetime(2024, month, day, hour, minute, second, tzinfo=UTC)


@pytest.fixture
def tale(another_log, another_mapping):
    return tell(read_rows(another_log, another_mapping), another_mapping)


def life(tale, ticket):
    return [(step.at, step.kind, step.fields) for step in tale.steps if step.ticket == ticket]


RESUMED = (at(MARCH, 31, 11), Kind.RESUME, {})
HIGH = {"impact": "high", "urgency": "medium", "priority": 2}
MEDIUM = {"impact": "medium", "urgency": "medium", "priority": 3}
LOW = {"impact": "low", "urgency": "medium", "priority": 4}


def test_a_whole_life(tale):
    assert life(tale, "HD-7") == [
        (
            at(MARCH, 30, 21, 50),
            Kind.LOG,
            {"title": "Printer on fire", "caller": "Zoë", "channel": "self_service", **HIGH},
        ),
        (at(MARCH, 30, 22, 10), Kind.ASSIGN, {"group": "Facilities", "person": None}),
        (at(MARCH, 31, 0, 59, 30), Kind.ASSIGN, {"group": "Facilities", "person": "ben"}),
        (at(MARCH, 31, 0, 59, 30), Kind.START, {}),
        (
            at(MARCH, 31, 1),
            Kind.HOLD,
            {"reason": "awaiting_supplier", "supplier": "The supplier"},
        ),
        (at(MARCH, 31, 7), Kind.HOLD, {"reason": "awaiting_caller"}),
        RESUMED,
        (
            at(MARCH, 31, 12),
            Kind.RESOLVE,
            {"code": "fixed", "text": "extinguished,\nand replaced"},
        ),
        (at(APRIL, 2, 7), Kind.CLOSE, {}),
    ]


def test_a_life_of_which_the_beginning_is_missing(tale):
    assert life(tale, "HD-8") == [
        (
            at(MARCH, 30, 23, 15),
            Kind.IMPORT,
            {
                "title": "Mailbox full",
                "caller": "Ida",
                "channel": "self_service",
                "group": "Messaging",
                "person": "ben",
                "state": "on_hold",
                "opened_at": at(MARCH, 30, 23, 15),
                "hold": {"reason": "awaiting_caller"},
                **LOW,
            },
        ),
        (at(MARCH, 31, 1), Kind.PRIORITISE, MEDIUM),
        (at(MARCH, 31, 1), Kind.RESUME, {}),
        (at(MARCH, 31, 8), Kind.RESOLVE, {"code": "fixed", "text": "emptied"}),
        (at(MARCH, 31, 13), Kind.REOPEN, {"reason": "It was not over."}),
        (at(APRIL, 1, 7), Kind.RESOLVE, {"code": "fixed", "text": "archived so"}),
        (at(APRIL, 1, 7), Kind.CLOSE, {}),
    ]


def test_what_the_process_cannot_accept_is_listed_and_the_rest_goes_on(tale):
    assert [(one.line, one.reason) for one in tale.refused] == [
        (16, "Status is 'Gone', Sub-status is '', for which the mapping has no state."),
        (19, "HD-9 is cancelled, and the process knows no way from there to closed."),
    ]
    assert [kind for _, kind, _ in life(tale, "HD-9")] == [Kind.LOG, Kind.CANCEL]
    assert (tale.tickets, tale.rows) == (3, 17)


def test_what_was_a_request_is_converted(another_mapping, told, another_log):
    meanings = [
        one.model_copy(update={"state": Status.CONVERTED}) if one.state is Status.CANCELLED else one
        for one in another_mapping.state.meanings
    ]
    state = another_mapping.state.model_copy(update={"meanings": tuple(meanings)})
    requests = another_mapping.model_copy(update={"state": state})
    tale = told(another_log.read_bytes(), requests)
    _, (_, kind, fields) = life(tale, "HD-9")
    assert (kind, fields) == (Kind.CONVERT, {"reason": "It was a request."})


def test_steps_come_in_the_order_of_time_then_of_lines(tale):
    assert [step.at for step in tale.steps] == sorted(step.at for step in tale.steps)
    three = [(step.line, step.ticket) for step in tale.steps if step.at == at(MARCH, 31, 1)]
    assert three == [(6, "HD-7"), (7, "HD-8"), (7, "HD-8")]


def test_the_same_log_gives_the_same_steps_and_a_longer_one_begins_with_them(
    told, another_log, tale
):
    whole = another_log.read_bytes()
    begun = b"".join(whole.splitlines(keepends=True)[:9])
    numbered = {(step.ticket, step.sequence): step for step in tale.steps}
    assert told(whole).steps == tale.steps
    shorter = told(begun).steps
    assert len(shorter) > 5
    assert all(numbered[step.ticket, step.sequence] == step for step in shorter)


def test_closed_directly_can_be_refused(another_mapping, told, another_log):
    ending = another_mapping.ending.model_copy(update={"closed_directly": "refuse"})
    strict = another_mapping.model_copy(update={"ending": ending})
    tale = told(another_log.read_bytes(), strict)
    assert [one.line for one in tale.refused] == [16, 17, 19]
    assert life(tale, "HD-8")[-1][1] is Kind.REOPEN
