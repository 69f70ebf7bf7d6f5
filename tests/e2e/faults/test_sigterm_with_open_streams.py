"""SIGTERM ends every service within seconds, whatever is open, with nothing half done."""

import asyncio
import os
from contextlib import AsyncExitStack
from signal import SIGCONT, SIGSTOP, SIGTERM

from deskstream_testing.spine import SERVICES

BOUND = 20.0
STREAMS = 5


async def test_services_end_with_live_streams_open_and_writes_under_way(spine, holds):
    over = asyncio.Event()
    opened = asyncio.Semaphore(0)
    async with spine.agent() as ada, AsyncExitStack() as clients, asyncio.TaskGroup() as tasks:
        streams = []
        for name in SERVICES:
            reader = await clients.enter_async_context(spine.stack.client(name, "otto", "owner"))
            streams += [tasks.create_task(_read_to_the_end(reader, opened)) for _ in range(STREAMS)]
        for _ in streams:
            await opened.acquire()
        for _ in range(3):
            tasks.create_task(_log_until(over, ada))
        await spine.grows(20)
        await _all_end(spine)
        await asyncio.gather(*streams)
        await spine.make_whole()
        await spine.grows(20)
        over.set()
    await holds()


async def test_services_end_although_kafka_hangs(spine, holds):
    async with spine.agent() as ada:
        os.kill(spine.stack.kafka.pid, SIGSTOP)
        unsent = await ada.log()
        await _all_end(spine)
        os.kill(spine.stack.kafka.pid, SIGCONT)
        await spine.make_whole()
        await ada.resolve(unsent)
    await holds()


async def _all_end(spine):
    children = {name: spine.stack.services[name].child for name in SERVICES}
    for child in children.values():
        child.process.send_signal(SIGTERM)
    for name, child in children.items():
        assert await child.wait(BOUND) is not None, f"{name} runs on after {BOUND} s"


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
