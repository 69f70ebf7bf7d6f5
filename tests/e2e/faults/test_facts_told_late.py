"""What people tell afterwards counts from when it happened, whatever was made of its absence."""

import asyncio
from datetime import datetime, timedelta

from deskstream_testing.faults import eventually
from deskstream_testing.spine import PROMISES

BOTH = {"first_response", "resolution"}
AT_ONCE, RIGHT_AWAY, SOLUTION = 1, timedelta(milliseconds=1), {"code": "fixed", "text": "Done."}


async def test_a_breach_is_taken_back_when_the_resolution_is_told_late(spine, holds):
    async with spine.agent() as ada:
        overdue = [await ada.log(AT_ONCE) for _ in range(8)]
        await eventually(lambda: breached(spine, overdue), "all are breached")
        await asyncio.gather(*(resolve(spine, ada, one) for one in overdue[:4]))
        await spine.stack.kill("sla-monitor")
        await asyncio.gather(*(resolve(spine, ada, one) for one in overdue[4:]))
        await spine.stack.revive("sla-monitor")
        await holds()
        for one in overdue:
            assert (await ada.client.get(f"/incidents/{one}")).json()["breached"] == []
            told = await spine.clock_events(one)
            for target in BOTH:
                assert told.count(f"clock.breached.v1 {target}") == 1
                assert told.count(f"clock.breach_corrected.v1 {target}") == 1
        assert (await history(ada, overdue[0])).count("was not missed after all") == len(BOTH)


async def test_a_hold_that_is_told_late_stops_the_clock_then(spine, holds):
    async with spine.agent() as ada:
        incident = await ada.log(AT_ONCE)
        await eventually(lambda: breached(spine, [incident]), "it is breached")
        hold = await late(spine, incident) | {"reason": "awaiting_caller"}
        await ada.post(f"/incidents/{incident}/hold", hold)
        await holds()
        item = (await ada.client.get(f"/incidents/{incident}")).json()
    assert item["breached"] == ["first_response"]


async def test_what_is_logged_late_was_due_before_it_was_known(spine, holds):
    async with spine.agent() as ada:
        opened = await spine.now() - timedelta(hours=1)
        told = {"happened_at": opened.isoformat(), "late_because": "The line was down."}
        report = spine.report(AT_ONCE, "It was reported an hour ago") | told
        await spine.stack.kill("sla-monitor")
        overdue = (await ada.post("/incidents", report)).json()["id"]
        solved = (await ada.post("/incidents", report | {"solution": SOLUTION})).json()["id"]
        await spine.stack.revive("sla-monitor")
        await holds()
    assert await spine.breaches(overdue) == BOTH
    assert await spine.breaches(solved) == set()
    async with spine.stack.database("sla-monitor") as monitor:
        due = await monitor.fetchval(
            "SELECT breached_at FROM clocks WHERE ticket = $1 AND target = 'resolution'",
            f"incident-{overdue}",
        )
    assert due == opened + timedelta(seconds=PROMISES[AT_ONCE]["resolution"])


async def breached(spine, incidents):
    return all([await spine.breaches(one) == BOTH for one in incidents])


async def resolve(spine, ada, incident):
    await ada.post(f"/incidents/{incident}/resolution", SOLUTION | await late(spine, incident))


async def late(spine, incident):
    """What says that it happened as soon as it was opened."""
    async with spine.stack.database("incident") as database:
        opened: datetime = await database.fetchval(
            "SELECT opened_at FROM incidents WHERE stream = $1", f"incident-{incident}"
        )
    return {"happened_at": (opened + RIGHT_AWAY).isoformat(), "late_because": "I was on the phone."}


async def history(ada, incident):
    told = (await ada.client.get(f"/incidents/{incident}/history")).json()["items"]
    return " ".join(entry["text"] for entry in told)
