"""A history is interrupted and resumed, and services are killed meanwhile: it is told once."""

import asyncio
import io
from collections import Counter
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from uuid import UUID, uuid5

import pytest
from rich.console import Console

from deskstream_platform.replay import batches
from deskstream_platform.replay.client import Client
from deskstream_platform.replay.replaying import Replay
from deskstream_platform.replay.steps import Kind, Step
from deskstream_testing.record import read_record

TICKETS, PRIORITY = 120, 2
SECOND = timedelta(seconds=1)
RESOLUTION = {"code": "fixed", "text": "It was restarted."}
IN_THE_RECORD = {
    "incident.logged.v1": TICKETS,
    "incident.put_on_hold.v1": TICKETS // 3,
    "incident.resumed.v1": TICKETS // 3,
    "incident.resolved.v2": TICKETS,
    "incident.closed.v1": TICKETS,
}


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch):
    monkeypatch.setattr(batches, "MOST_STEPS", 12)


async def test_interrupted_and_resumed_it_is_told_once(spine, holds):
    steps = history(spine, await spine.now() - timedelta(hours=1))
    async with replay(spine, steps) as first, interrupted(first):
        await come_to(first, len(steps) // 4)
        await spine.stack.kill("incident")
        await spine.stack.revive("incident")
        await come_to(first, len(steps) // 2)
        await spine.stack.kill("sla-monitor")
    assert first.told < len(steps)
    async with replay(spine, steps) as second:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(tell(second))
            await spine.stack.kill("incident")
            await spine.stack.revive("incident")
        await spine.stack.revive("sla-monitor")
        await second.end()
    async with replay(spine, steps) as third:
        await tell(third)
        kept = await third.client.get(f"/imports/{third.identity}")
    assert (kept["done"], kept["refused"]) == (len(steps), 0)
    assert (third.told, third.outcomes.total()) == (len(steps), 0)
    streams = {f"incident-{uuid5(UUID(first.identity), one.ticket)}" for one in steps}
    record = await read_record(spine.stack, "incident")
    told = Counter(one.type for one in record if one.stream in streams)
    assert {name: told[name] for name in IN_THE_RECORD} == IN_THE_RECORD
    await holds()


def history(spine, since):
    """Lives of tickets beside each other; some are resolved in time, some late, some were held."""
    steps = []
    for nth in range(TICKETS):
        opened, ticket = since + nth * SECOND, f"OLD{nth}"
        life = [(0, Kind.LOG, spine.report(PRIORITY, f"Told of {ticket}"))]
        if nth % 3 == 0:
            life += [(1, Kind.HOLD, {"reason": "awaiting_caller"}), (3, Kind.RESUME, {})]
        life += [(5 + nth % 7, Kind.RESOLVE, RESOLUTION), (20, Kind.CLOSE, {})]
        for sequence, (after, kind, fields) in enumerate(life, start=1):
            at = opened + after * SECOND
            steps.append(Step(ticket, sequence, 0, at, kind, "their desk", fields))
    return sorted(steps, key=lambda step: (step.at, step.ticket))


@asynccontextmanager
async def replay(spine, steps):
    token = spine.stack.token("replay", "service", scopes=("import",))
    async with Client(spine.stack.services["incident"].url, lambda: token) as client:
        yield Replay(client, steps, Console(file=io.StringIO()))


async def tell(run):
    await run.tell(await run.begin("their history", "We move."))


@asynccontextmanager
async def interrupted(run):
    """It is told meanwhile, and broken off where it is at the end."""
    telling = asyncio.create_task(tell(run))
    try:
        yield
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


async def come_to(run, steps):
    async with asyncio.timeout(60):
        while run.told < steps:
            await asyncio.sleep(0.005)
