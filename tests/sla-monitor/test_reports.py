"""What reports say of the lives of tickets."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from a_monitor import AUDITOR, GROUND, message
from a_ticket import (
    CLOSED,
    RESOLVED,
    RESUMED,
    TICKET,
    Life,
    agreement,
    book,
    calendar,
    held,
    logged,
    minute,
)

from deskstream.access import Principal
from deskstream.decider import Role
from sla_monitor import foreign
from sla_monitor.projections import copy_tickets
from sla_monitor.queries.reports import AttainmentQuery, HeldQuery, attainment, times_held
from sla_monitor.terms import Target

YEAR = {"since": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}


def met(**rest):
    return Life().tell(0, logged(**rest)).tell(50, RESOLVED).tell(60, CLOSED)


def missed(until=300):
    life = Life().tell(0, logged()).pass_until(until - 1)
    return life.tell(until, RESOLVED).tell(until + 1, CLOSED)


def cancelled():
    return Life().tell(0, logged()).tell(5, foreign.IncidentCancelled(reason="no"))


async def report(monitor, reader=AUDITOR, **asked):
    query = AttainmentQuery(**{**YEAR, "target": ["resolution"], **asked})
    return (await attainment(monitor.pool, reader, query, GROUND)).lines


async def test_attainment_is_met_by_met_and_breached_and_the_cancelled_stand_beside(monitor):
    for life in (met(), met(), missed(), cancelled()):
        await monitor.keep(life)
    [line] = await report(monitor)
    assert (line.met, line.breached, line.cancelled) == (2, 1, 1)
    assert line.attainment == Decimal("0.6666")


async def test_a_period_without_an_outcome_has_no_attainment(monitor):
    await monitor.keep(cancelled())
    [line] = await report(monitor)
    assert line.attainment is None


async def test_a_clock_counts_in_the_period_of_its_final_stop(monitor):
    late = missed(until=60 * 24 * 40)
    await monitor.keep(late)
    [line] = await report(monitor)
    assert line.period.isoformat() == "2026-02-01T00:00:00+00:00"


async def test_what_is_resolved_and_not_closed_counts_nowhere_yet(monitor):
    await monitor.keep(Life().tell(0, logged()).tell(50, RESOLVED))
    assert await report(monitor) == []


async def test_periods_begin_when_they_do_in_the_zone_that_is_asked_for(monitor):
    await monitor.keep(met())
    [line] = await report(monitor, per="day", zone="Asia/Tokyo")
    assert line.period.isoformat() == "2026-01-04T15:00:00+00:00"


async def test_every_cycle_counts(monitor):
    again = met().tell(70, foreign.IncidentReopened()).tell(400, RESOLVED).tell(401, CLOSED)
    await monitor.keep(again)
    [line] = await report(monitor)
    assert (line.met, line.breached) == (1, 1)


async def test_imported_clocks_can_be_left_out(monitor):
    await monitor.keep(met())
    told = Life(source="import:1").tell(0, logged()).tell(50, RESOLVED).tell(60, CLOSED)
    await monitor.keep(told)
    counts = [(await report(monitor, imported=one))[0].met for one in (None, False, True)]
    assert counts == [2, 1, 1]


async def test_uncovered_tickets_stand_beside_where_both_can_be_counted(monitor):
    await monitor.keep(met(service="mail"))
    await monitor.keep(Life(book(calendar())).tell(0, logged(service="mail")))
    [line] = await report(monitor, by="service", target=[])
    assert (line.value, line.met, line.uncovered) == ("mail", 2, 1)


async def test_lateness_is_that_of_seeing_a_breach(monitor):
    await monitor.keep(missed())
    [line] = await report(monitor)
    assert line.lateness.worst == pytest.approx(59 * 60)


async def test_a_correction_after_the_end_stands_beside(monitor):
    later = met().know(70, calendar(), agreement(resolution=10, version=2))
    await monitor.keep(later)
    [line] = await report(monitor)
    assert (line.met, line.breached, line.corrected) == (1, 0, 1)


async def test_a_report_counts_only_what_its_reader_may_see(monitor):
    await monitor.keep(met())
    stranger = Principal("rick", Role.REQUESTER, expires_at=0.0)
    anna = Principal("Anna", Role.REQUESTER, expires_at=0.0)
    assert await report(monitor, reader=stranger) == []
    assert (await report(monitor, reader=anna))[0].met == 1


async def test_time_is_held_by_the_group_the_caller_and_the_supplier(monitor):
    life = Life().tell(0, logged()).tell(10, foreign.IncidentAssigned(group="desk"))
    life.tell(20, held()).tell(50, RESUMED)
    life.tell(60, foreign.IncidentPutOnHold(reason="awaiting_supplier", supplier="Acme"))
    life.tell(100, RESUMED).tell(110, RESOLVED)
    await monitor.keep(life)
    query = HeldQuery(**YEAR)
    lines = (await times_held(monitor.pool, AUDITOR, query, GROUND)).lines
    assert {(one.holder, one.name): one.seconds / 60 for one in lines} == {
        ("group", None): 10,
        ("group", "desk"): 30,
        ("caller", "Anna"): 30,
        ("supplier", "Acme"): 40,
    }


async def test_time_held_counts_only_what_lies_in_the_span(monitor):
    await monitor.keep(Life().tell(0, logged()).tell(60, RESOLVED))
    query = HeldQuery(since=minute(30).isoformat(), until=minute(45).isoformat())
    [line] = (await times_held(monitor.pool, AUDITOR, query, GROUND)).lines
    assert line.seconds == 15 * 60


async def test_a_row_is_what_the_facts_say(monitor):
    life = Life().tell(0, logged(priority=2)).pass_until(130)
    await monitor.keep(life)
    row = await monitor.pool.fetchrow("SELECT * FROM clocks WHERE target = 'resolution'")
    clock = life.clock(Target.RESOLUTION)
    assert (row["due_at"], row["warned"]) == (clock.due_at, Decimal("0.5"))
    assert (row["phase"], row["priority"], row["calendar"]) == ("running", 2, "always")


async def test_what_groups_promise_each_other_leaves_a_ticket_uncovered(monitor):
    ours = agreement("ours", kind="ola", response=None)
    life = Life(book(calendar(), ours)).tell(0, logged())
    await monitor.keep(life.tell(10, foreign.IncidentAssigned(group="desk")))
    because = await monitor.pool.fetchval("SELECT uncovered FROM tickets")
    assert because == "no agreement in force covers it"


@pytest.mark.parametrize(
    ("source", "late_by", "number"), [("live", 120, 1), ("live", 5, 0), ("import:1", 120, 0)]
)
async def test_what_was_dated_back_is_counted_beside(monitor, source, late_by, number):
    await monitor.keep(met())
    recorded = minute(50) + timedelta(seconds=late_by)
    resolved = message(TICKET, 2, "incident.resolved.v2", {}, minute(50))
    async with monitor.pool.acquire() as connection:
        told = replace(resolved, recorded_at=recorded, provenance=source)
        await copy_tickets(connection, [told])
    [line] = await report(monitor)
    assert (line.met, line.told_afterwards) == (1, number)
