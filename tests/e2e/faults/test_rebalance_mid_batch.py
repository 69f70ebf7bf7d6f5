"""A second monitor joins in the middle of a flood and leaves: each fact moves its clock once."""

import asyncio
from itertools import cycle

import pytest


@pytest.mark.parametrize("leaving", ["in order", "by SIGKILL"])
async def test_members_come_and_go_during_a_flood(spine, holds, leaving):
    over = asyncio.Event()
    async with spine.agent() as ada, asyncio.TaskGroup() as tasks:
        for _ in range(6):
            tasks.create_task(_work_until(over, ada))
        await spine.start_replica("sla-monitor")
        await spine.grows(75)
        if leaving == "in order":
            await spine.stack.services.pop("sla-monitor-2").stop()
        else:
            await spine.stack.kill("sla-monitor-2")
        await spine.grows(75)
        over.set()
    await holds()


async def _work_until(over, ada):
    for priority in cycle([1, 5, 2, 5]):
        if over.is_set():
            return
        incident = await ada.log(priority)
        await ada.hold(incident)
        await ada.comment(incident)
        await ada.resume(incident)
        await ada.resolve(incident)
