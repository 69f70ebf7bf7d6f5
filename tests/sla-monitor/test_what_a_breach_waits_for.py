"""Which timers run for a clock, and what each of them waits for besides its time."""

from datetime import timedelta

import pytest
from a_ticket import CLOSED, RESOLVED, RESUMED, TICKET, Life, held, logged, minute

from deskstream.timer import Basis
from sla_monitor import foreign

RESTS_ON = (TICKET, "agreement-usual", "calendar-always")
OF_RESOLUTION = {"resolution:breach", "resolution:suspicion", "resolution:warning"}


def of_resolution(life):
    return {name: one for name, one in life.timers.items() if name in OF_RESOLUTION}


def test_a_breach_waits_until_all_from_before_is_read_of_the_ticket_and_its_policies():
    breach = Life().tell(0, logged()).timers["resolution:breach"]
    assert (breach.due_at, breach.basis, breach.depends) == (
        minute(240),
        Basis.FRONTIER,
        RESTS_ON,
    )


def test_a_suspicion_comes_after_two_seconds_of_silence_by_the_databases_clock():
    suspicion = Life().tell(0, logged()).timers["resolution:suspicion"]
    assert suspicion.due_at == minute(240) + timedelta(seconds=2)
    assert (suspicion.basis, suspicion.depends) == (Basis.DATABASE, RESTS_ON)


def test_a_warning_waits_like_a_breach():
    warning = Life().tell(0, logged()).timers["resolution:warning"]
    assert (warning.due_at, warning.basis, warning.depends) == (
        minute(120),
        Basis.FRONTIER,
        RESTS_ON,
    )


def test_what_an_import_tells_is_never_merely_suspected():
    life = Life(source="import:0198f1a0").tell(0, logged())
    assert set(of_resolution(life)) == {"resolution:breach", "resolution:warning"}


def test_while_a_clock_stands_still_nothing_is_due_and_then_later():
    life = Life().tell(0, logged()).tell(60, held())
    assert of_resolution(life) == {}
    life.tell(90, RESUMED)
    assert {name: one.due_at for name, one in of_resolution(life).items()} == {
        "resolution:warning": minute(150),
        "resolution:breach": minute(270),
        "resolution:suspicion": minute(270) + timedelta(seconds=2),
    }


@pytest.mark.parametrize("at", [200, 240])
def test_what_is_resolved_in_time_waits_for_no_breach_any_more(at):
    life = Life().tell(0, logged()).tell(at, RESOLVED)
    assert not {"resolution:breach", "resolution:suspicion"} & set(life.timers)


def test_what_is_resolved_too_late_is_breached_though_nobody_has_seen_it_yet():
    life = Life().tell(0, logged()).tell(241, RESOLVED)
    assert life.timers["resolution:breach"].due_at == minute(240)


@pytest.mark.parametrize(
    "end", [foreign.IncidentCancelled(reason="a mistake"), CLOSED], ids=["cancelled", "closed"]
)
def test_what_has_ended_waits_for_nothing(end):
    life = Life().tell(0, logged()).tell(10, end)
    assert life.timers == {}


def test_a_breach_that_was_told_is_waited_for_no_longer():
    life = Life().tell(0, logged()).pass_until(241)
    assert not {"resolution:breach", "resolution:suspicion"} & set(life.timers)
