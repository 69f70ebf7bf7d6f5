"""Past its due time and nobody can tell: a breach is suspected, and declared only when certain."""

import pytest

from deskstream_testing.faults import eventually, held_lock

SUSPECTED = "clock.breach_suspected.v1 resolution"
CLEARED = "clock.suspicion_cleared.v1 resolution"
BREACHED = "clock.breached.v1 resolution"


async def test_resolved_in_time_and_silent_since_is_suspected_then_cleared(spine, holds):
    dsn = await spine.stack.postgres.ensure_database("incident")
    async with spine.agent() as ada:
        incident = await ada.log(priority=2)
        await eventually(lambda: spine.clock_events(incident), "its clock runs")
        # Without its row the relay neither publishes nor announces; people go on working.
        async with held_lock(dsn, "SELECT FROM relay FOR UPDATE"):
            await ada.resolve(incident)
            spine.stack.pause("incident")
        await _tells(spine, incident, SUSPECTED)
        assert BREACHED not in await spine.clock_events(incident)
        spine.stack.resume("incident")
        await _tells(spine, incident, CLEARED)
        await holds()

        async def is_noted():
            return await notes(ada, incident) == ["suspected", "suspicion_cleared"]

        await eventually(is_noted, "the ticket's own history tells of both")
    assert BREACHED not in await spine.clock_events(incident)


@pytest.mark.parametrize("silent", ["incident", "catalog"])
async def test_a_breach_is_only_suspected_while_a_service_it_rests_on_is_silent(
    spine, holds, silent
):
    async with spine.agent() as ada:
        incident = await ada.log(priority=1)
        await eventually(lambda: spine.clock_events(incident), "its clock runs")
        spine.stack.pause(silent)
        await _tells(spine, incident, SUSPECTED)
        assert BREACHED not in await spine.clock_events(incident)
        spine.stack.resume(silent)
        await _tells(spine, incident, BREACHED)
        await holds()
    told = await spine.clock_events(incident)
    assert told.count(SUSPECTED) == told.count(BREACHED) == 1
    assert told.index(SUSPECTED) < told.index(BREACHED)
    assert CLEARED not in told


async def notes(ada, incident):
    """What the ticket's own history says of its resolution being overdue."""
    told = (await ada.client.get(f"/incidents/{incident}/history")).json()["items"]
    said = [one["type"] for one in told if "target resolution" in one["text"]]
    return [one.removeprefix("incident.service_level_").removesuffix(".v1") for one in said]


async def _tells(spine, incident, line):
    async def is_told():
        return line in await spine.clock_events(incident)

    await eventually(is_told, f"{line} of {incident}")
