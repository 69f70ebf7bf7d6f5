"""An agreement is edited while tickets pour in: a clock keeps what was in force when it began."""

import asyncio
from contextlib import asynccontextmanager
from datetime import datetime

from deskstream_testing.faults import eventually
from deskstream_testing.spine import PROMISES

PRIORITY, CLIENTS = 5, 6
USUAL = PROMISES[PRIORITY]["resolution"]
DOUBLE = 2 * USUAL
DEFINED = {
    *("name", "kind", "customer", "service", "valid_from", "calendar", "targets"),
    *("pauses_on", "warn_at"),
}
PROMISED = "SELECT seconds, started_at FROM clocks WHERE ticket = $1 AND target = 'resolution'"


async def test_each_clock_has_the_version_that_was_in_force_when_it_began(spine, holds):
    async with flood(spine) as logged:
        await spine.grows(40)
        await spine.stack.kill("sla-monitor")
        await spine.grows(40)
        since = await amend(spine, DOUBLE)
        await spine.grows(40)
        await spine.stack.revive("sla-monitor")
        await spine.grows(40)
        until = await amend(spine, USUAL)
        await spine.grows(40)
    async with spine.stack.database("sla-monitor") as monitor:
        promised = [await clock_of(monitor, f"incident-{one}") for one in logged]
    for row in promised:
        in_force = DOUBLE if since <= row["started_at"] < until else USUAL
        assert row["seconds"] == in_force, (row, since, until)
    assert {row["seconds"] for row in promised} == {USUAL, DOUBLE}
    await holds()


@asynccontextmanager
async def flood(spine):
    """Meanwhile incidents are logged as fast as some can; their ids."""
    over, logged = asyncio.Event(), []

    async def log_on(ada):
        while not over.is_set():
            logged.append(await ada.log(PRIORITY))

    async with spine.agent() as ada, asyncio.TaskGroup() as tasks:
        for _ in range(CLIENTS):
            tasks.create_task(log_on(ada))
        yield logged
        over.set()


async def amend(spine, seconds):
    """Promise another resolution from now on; since when."""
    async with spine.stack.client("catalog", "otto", "owner") as owner:
        found = (await owner.get("/agreements", params={"customer": spine.customer})).json()
        (agreement,) = found["items"]
        body = {name: agreement[name] for name in DEFINED}
        for row in body["targets"]:
            if row["priority"] == PRIORITY:
                row["seconds"]["resolution"] = seconds
        answer = await owner.post(f"/agreements/{agreement['id']}/versions", json=body)
    assert answer.is_success, answer.text
    return datetime.fromisoformat(answer.json()["effective_from"])


async def clock_of(monitor, ticket):
    async def is_known():
        return await monitor.fetchrow(PROMISED, ticket)

    return await eventually(is_known, f"{ticket} has a clock")
