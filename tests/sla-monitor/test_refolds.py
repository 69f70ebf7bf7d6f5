"""What becomes of open tickets when a policy that reaches back is copied, over a real database."""

from datetime import timedelta

import pytest
from a_monitor import Told
from a_ticket import MONDAY, RESOLVED, agreement, calendar, held, logged, minute

from sla_monitor import foreign

SHORTER = agreement(resolution=120, version=2, since=MONDAY - timedelta(hours=1))


async def test_open_tickets_are_reckoned_again(told):
    await told.ticket("incident-1", (0, logged()))
    await told.ticket("incident-2", (5, logged()), (10, held()))
    await told.policy(SHORTER)
    await told.work()
    assert await told.due() == {"incident-1": minute(120), "incident-2": None}


HANDED_OVER = [(0, logged()), (60, foreign.IncidentAssigned(group="desk"))]
AT_SUPPLIER = [
    (0, logged()),
    (60, foreign.IncidentPutOnHold(reason="awaiting_supplier", supplier="Acme")),
]


@pytest.mark.parametrize(
    ("kind", "target", "turns"),
    [("ola", "ownership", HANDED_OVER), ("underpinning", "supplier", AT_SUPPLIER)],
)
async def test_what_groups_and_suppliers_promised_before_they_had_the_ticket_is_reckoned_too(
    told, kind, target, turns
):
    await told.work()
    await told.ticket("incident-1", *turns)
    promised = agreement("theirs", kind=kind, response=None, resolution=90, since=minute(30))
    await told.policy(promised)
    await told.work()
    assert await told.due(target) == {"incident-1": minute(60 + 90)}


async def test_the_rows_and_the_timers_follow(told):
    await told.ticket("incident-1", (0, logged()), (200, RESOLVED))
    await told.policy(SHORTER)
    await told.work()
    row = await told.pool.fetchrow("SELECT * FROM clocks WHERE target = 'resolution'")
    assert (row["phase"], row["agreement_version"], row["seconds"]) == ("stopped", 2, 7200)
    due = await told.pool.fetchval("SELECT due_at FROM timers WHERE name = 'resolution:breach'")
    assert due == minute(120)


async def test_tickets_from_before_are_left_alone(told):
    await told.ticket("incident-1", (-120, logged()))
    await told.policy(SHORTER)
    before = await told.told()
    await told.work()
    assert await told.told() == before


async def test_it_goes_on_where_it_was(told, monkeypatch):
    monkeypatch.setattr("sla_monitor.jobs.refolding.CHUNK", 2)
    for nth in range(5):
        await told.ticket(f"incident-{nth}", (nth, logged()))
    await told.policy(SHORTER)

    async def dies_later(_):
        if await told.pool.fetchval("SELECT count(*) FROM events") > 14:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await told.work(dies_later)
    await told.work()
    assert set((await told.due()).values()) == {minute(120 + nth) for nth in range(5)}
    refolded = "SELECT count(*) FROM events WHERE type = 'clock.refolded.v1'"
    assert await told.pool.fetchval(refolded) == 5 * 2


async def test_a_policy_told_again_is_no_news(told):
    await told.ticket("incident-1", (0, logged()))
    await told.policy(SHORTER)
    await told.work()
    before = await told.told()
    await told.policy(SHORTER)
    await told.work()
    assert await told.told() == before


async def test_nothing_is_reckoned_while_the_copies_are_made_anew(told):
    await told.ticket("incident-1", (0, logged()))
    await told.policy(SHORTER)
    told.known = False
    await told.work()
    assert (await told.due())["incident-1"] == minute(240)


async def test_a_ticket_that_came_before_every_policy_is_covered_in_the_end(monitor):
    told = Told(monitor.pool)
    await told.ticket("incident-1", (0, logged()))
    assert await told.due() == {}
    await told.policy(calendar())
    await told.policy(agreement())
    await told.work()
    assert await told.due() == {"incident-1": minute(240)}
    assert await told.pool.fetchval("SELECT uncovered FROM tickets") is None
