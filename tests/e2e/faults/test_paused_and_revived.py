"""A process stopped and woken: another takes over meanwhile, and the revived one does no harm."""

import asyncio
import os
from signal import SIGCONT, SIGSTOP

from aiokafka.admin import AIOKafkaAdminClient

from deskstream_testing.faults import eventually


async def test_a_revived_relay_can_only_repeat_truths(spine, holds):
    """It wakes with events in its hands that its successor has published long since."""
    async with spine.agent() as ada, spine.stack.database("incident") as database:
        await spine.start_replica("incident")
        owner, other = await _owner_and_other(spine, database)
        os.kill(spine.stack.kafka.pid, SIGSTOP)
        await asyncio.gather(*(ada.log() for _ in range(60)))
        await eventually(lambda: _sees_all(database), "the relay has the events in hand")
        spine.stack.pause(owner)
        os.kill(spine.stack.kafka.pid, SIGCONT)
        async with spine.agent(other) as successor:
            late = await successor.log()
            await successor.comment(late)
        await eventually(lambda: _all_published(database), "the successor has published")
        spine.stack.resume(owner)
        async with spine.agent(owner) as revived:
            await revived.resolve(late)
        await holds()


async def test_a_monitor_stopped_past_a_due_time_breaches_once(spine, holds):
    async with spine.agent() as ada:
        await spine.start_replica("sla-monitor")
        await eventually(lambda: _both_own_partitions(spine), "the monitors share the partitions")
        overdue = [await ada.log(priority=1) for _ in range(8)]
        rescued = [await ada.log(priority=3) for _ in range(8)]
        spine.stack.pause("sla-monitor")
        for incident in rescued:
            await ada.resolve(incident)
        await spine.passed_due(overdue[-1])
        await eventually(
            lambda: _are_breached(spine, overdue), "the other monitor has taken everything over"
        )
        spine.stack.resume("sla-monitor")
        await holds()
    for incident in rescued:
        assert await spine.breaches(incident) <= {"first_response"}


async def test_a_stop_that_was_in_time_and_read_late_is_no_breach(spine, holds):
    async with spine.agent() as ada:
        incident = await ada.log(priority=2)
        await eventually(lambda: spine.clock_events(incident), "its clock runs")
        spine.stack.pause("sla-monitor")
        await ada.resolve(incident)
        await spine.passed_due(incident)
        spine.stack.resume("sla-monitor")
        await holds()
    assert await spine.breaches(incident) == set()


async def _owner_and_other(spine, database):
    """Which process owns the relay: a stopped owner's lease stands still."""
    spine.stack.pause("incident")
    before = await _beat(database)
    await asyncio.sleep(1)
    first_owns = await _beat(database) == before
    spine.stack.resume("incident")
    return ("incident", "incident-2") if first_owns else ("incident-2", "incident")


async def _beat(database):
    return await database.fetchval("SELECT beat FROM leases WHERE name = 'relay'")


async def _sees_all(database):
    return await database.fetchval(
        "SELECT safe_position >= (SELECT max(position) FROM events) FROM relay"
    )


async def _all_published(database):
    return await database.fetchval(
        "SELECT published >= (SELECT max(position) FROM events) FROM relay"
    )


async def _both_own_partitions(spine):
    """The second member's joining raised the epoch of every partition once more."""
    return await _members(spine) == 2


async def _members(spine):
    admin = AIOKafkaAdminClient(bootstrap_servers=spine.stack.kafka.bootstrap)
    await admin.start()
    try:
        (answer,) = await admin.describe_consumer_groups(["itsm.sla-monitor.clocks"])
        return len(answer.groups[0][5]) if answer.groups[0][2] == "Stable" else 0
    finally:
        await admin.close()


async def _are_breached(spine, incidents):
    return all([await spine.breaches(one) == {"first_response", "resolution"} for one in incidents])
