"""SIGTERM ends every service within seconds, live streams open or not, with nothing half done."""

import asyncio
import os
from signal import SIGCONT, SIGSTOP, SIGTERM

import pytest

from deskstream_testing.spine import SERVICES

BOUND = 20.0


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_with_open_streams_ends_when_told(spine, holds, name):
    over = asyncio.Event()
    child = spine.stack.services[name].child
    async with (
        spine.agent() as ada,
        spine.stack.client(name, "otto", "owner") as reader,
        asyncio.TaskGroup() as tasks,
    ):
        opened = asyncio.Semaphore(0)
        streams = [tasks.create_task(_read_to_the_end(reader, opened)) for _ in range(5)]
        for _ in streams:
            await opened.acquire()
        for _ in range(3):
            tasks.create_task(_log_until(over, ada))
        await spine.grows(20)
        child.process.send_signal(SIGTERM)
        assert await child.wait(BOUND) is not None, f"{name} runs on after {BOUND} s"
        await asyncio.gather(*streams)
        await spine.stack.revive(name)
        await spine.grows(20)
        over.set()
    await holds()


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_ends_when_told_although_kafka_hangs(spine, holds, name):
    child = spine.stack.services[name].child
    async with spine.agent() as ada:
        os.kill(spine.stack.kafka.pid, SIGSTOP)
        unsent = await ada.log()
        child.process.send_signal(SIGTERM)
        assert await child.wait(BOUND) is not None, f"{name} runs on after {BOUND} s"
        os.kill(spine.stack.kafka.pid, SIGCONT)
        await spine.stack.revive(name)
        await ada.resolve(unsent)
    await holds()


async def _read_to_the_end(reader, opened):
    """A stream that is cut off in the middle of an event would raise."""
    headers = {"Accept": "text/event-stream"}
    async with reader.stream("GET", "/events", headers=headers, timeout=BOUND) as answer:
        assert answer.status_code == 200, await answer.aread()
        opened.release()
        text = "".join([part async for part in answer.aiter_text()])
    assert text.endswith("\n\n")


async def _log_until(over, ada):
    while not over.is_set():
        await ada.log()
