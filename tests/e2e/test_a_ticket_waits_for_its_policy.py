"""Whichever topic is read first, a ticket finds the policies that were set before it."""

import asyncio

import pytest

from deskstream_testing.faults import eventually
from deskstream_testing.stack import running_stack

INCIDENTS, CLOCKS = "itsm.incident.events.v1", "itsm.sla-monitor.events.v1"


@pytest.fixture
async def stack(tmp_path_factory):
    async with running_stack(tmp_path_factory.mktemp("policies")) as stack:
        await stack.start("catalog", "incident", "sla-monitor")
        yield stack


async def test_policies_that_are_copied_late_still_come_first(stack):
    async def told(topic):
        return [one.type for one in await stack.topic(topic)]

    async def policies_are_read():
        async with stack.database("sla-monitor") as monitor:
            return await monitor.fetchval("SELECT count(*) FROM progress") == 12

    await eventually(policies_are_read, "both groups of the monitor read")
    async with stack.database("sla-monitor") as monitor:
        async with monitor.transaction():
            await monitor.execute("LOCK TABLE policies IN EXCLUSIVE MODE")  # none can be copied
            async with stack.client("catalog", "olga", "owner") as catalog:
                (await catalog.post("/starter-set")).raise_for_status()
            async with stack.client("incident") as incident:
                answer = await incident.post("/incidents", json={"title": "Mail is down"})
                assert answer.status_code == 201

            async def arrived():
                return await told(INCIDENTS)

            await eventually(arrived, "the incident on its topic")
            await asyncio.sleep(1)
            assert await told(CLOCKS) == []

        async def started():
            return await told(CLOCKS)

        first = (await eventually(started, "its clocks"))[0]
        assert first == "clock.started.v1"  # and not: that it is covered by no agreement
