"""Kafka killed: writes are acknowledged all the same, and afterwards everything comes in order."""

import os
from signal import SIGSTOP

from deskstream_testing.faults import eventually


async def test_writes_go_on_while_kafka_is_dead(spine, holds):
    async with spine.agent() as ada:
        breached, rescued, paused = [await ada.log(priority=2) for _ in range(3)]
        await eventually(lambda: spine.clock_events(paused), "the clocks run")
        await spine.stack.kafka.kill()
        late = await ada.log(priority=2)
        await ada.resolve(rescued)
        await ada.hold(paused)
        await ada.comment(paused)
        await spine.passed_due(late)
        await ada.resume(paused)
        await ada.resolve(paused)
        await spine.stack.kafka.start()
        await holds()
    assert await spine.breaches(breached) == {"first_response", "resolution"}
    assert await spine.breaches(late) == {"first_response", "resolution"}
    assert await spine.breaches(rescued) == set()
    assert await spine.breaches(paused) == set()


async def test_writes_go_on_while_kafka_hangs(spine, holds):
    async with spine.agent() as ada:
        open_before, rescued = await ada.log(priority=2), await ada.log(priority=2)
        await eventually(lambda: spine.clock_events(rescued), "the clocks run")
        os.kill(spine.stack.kafka.pid, SIGSTOP)
        open_since = await ada.log(priority=2)
        await ada.resolve(rescued)
        await spine.passed_due(open_since)
        await holds()
    assert await spine.breaches(open_before) == {"first_response", "resolution"}
    assert await spine.breaches(open_since) == {"first_response", "resolution"}
    assert await spine.breaches(rescued) == set()
