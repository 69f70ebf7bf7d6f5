"""Killed when the effect is there and the progress is not: nothing lost, nothing twice."""

import os
from signal import SIGCONT, SIGSTOP

from deskstream_testing.faults import eventually, held_lock

TOPIC = "itsm.incident.events.v1"


async def test_the_relay_killed_between_publish_and_mark(spine, holds):
    dsn = await spine.stack.postgres.ensure_database("incident")
    async with spine.agent() as ada, spine.stack.database("incident") as database:
        os.kill(spine.stack.kafka.pid, SIGSTOP)
        incident = await ada.log()
        await eventually(lambda: _sees_all(database), "the relay has the event in hand")
        # From here on it can send, and cannot mark what was sent.
        async with held_lock(dsn, "SELECT FROM relay FOR UPDATE") as lock:
            os.kill(spine.stack.kafka.pid, SIGCONT)
            await eventually(lambda: _times_on_the_topic(spine, incident), "Kafka has the event")
            # Its watermark waits in the same line.
            await eventually(lambda: lock.is_waited_for(2), "the relay is about to mark it")
            await spine.stack.kill("incident")
            await lock.disperse()
        logged = await _events_of(database, incident)
        assert await _unmarked(database) == logged
        await spine.stack.revive("incident")
    await holds()
    assert await _times_on_the_topic(spine, incident) == logged, "its tail tells what was sent"


async def test_the_monitor_killed_between_effect_and_progress(spine, holds):
    dsn = await spine.stack.postgres.ensure_database("sla-monitor")
    async with spine.agent() as ada, spine.stack.database("sla-monitor") as database:
        # Timers are written last: after the events and rows, before the progress.
        async with held_lock(dsn, "LOCK TABLE timers IN EXCLUSIVE MODE") as lock:
            incident = await ada.log(priority=2)
            await eventually(lock.is_waited_for, "the monitor has written all but its progress")
            await spine.stack.kill("sla-monitor")
            await lock.disperse()
        assert (
            await database.fetchval(
                "SELECT count(*) FROM events WHERE stream = $1", f"clock-{incident}"
            )
            == 0
        )
        await spine.stack.revive("sla-monitor")
        await spine.passed_due(incident)
        await holds()
    told = await spine.clock_events(incident)
    assert told.count("clock.started.v1 resolution") == 1
    assert told.count("clock.breached.v1 resolution") == 1


async def _sees_all(database):
    return await database.fetchval(
        "SELECT safe_position >= (SELECT max(position) FROM events) FROM relay"
    )


async def _events_of(database, incident):
    stream = f"incident-{incident}"
    return await database.fetchval("SELECT count(*) FROM events WHERE stream = $1", stream)


async def _unmarked(database):
    return await database.fetchval("SELECT count(*) FROM events, relay WHERE position > published")


async def _times_on_the_topic(spine, incident):
    arrivals = await spine.stack.topic(TOPIC)
    return sum(arrival.stream == f"incident-{incident}" for arrival in arrivals)
