"""Clocks that step by more than an hour: of the services' hosts, and of PostgreSQL's."""

import time
from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest

from deskstream_testing.faults import HostClock, eventually, faketime_library
from deskstream_testing.ledger import everything_holds
from deskstream_testing.record import certain_until, read_record
from deskstream_testing.spine import SERVICES, running_spine

LIBRARY = faketime_library()
pytestmark = pytest.mark.skipif(LIBRARY is None, reason="Debian's libfaketime is not installed")
RIGHT = timedelta()
AHEAD, BEHIND = timedelta(minutes=61), timedelta(minutes=-61)
BOTH = {"first_response", "resolution"}


async def test_the_hosts_of_the_services_are_wrong_and_nobody_notices(
    spine, holds, tmp_path, monkeypatch
):
    clock = HostClock(tmp_path, LIBRARY)
    clock.set(RIGHT)
    for name in SERVICES:
        await spine.start_replica(name, **clock.environment)
        await spine.stack.kill(name)
    began = await spine.now()
    for offset in (AHEAD, BEHIND):
        async with spine.agent("incident-2") as ada:
            before = await ada.log(priority=2)
        clock.set(offset)
        # Tokens come from a host that goes wrong with the others, or nobody would get in.
        _let_issuer_be_off_by(offset, monkeypatch)
        async with spine.agent("incident-2") as ada:
            rescued, overdue = await ada.log(priority=2), await ada.log(priority=1)
            await ada.hold(rescued)
            await ada.resume(rescued)
            await ada.resolve(rescued)
            await spine.passed_due(before)
            await everything_holds(spine)
            assert await spine.breaches(rescued) == set()
            assert await spine.breaches(before) == await spine.breaches(overdue) == BOTH
    now = await spine.now()
    for service in SERVICES:
        fresh = [e for e in await read_record(spine.stack, service) if e.recorded_at >= began]
        assert all(entry.recorded_at <= now for entry in fresh)
    monkeypatch.undo()
    await holds()


async def test_the_clock_of_postgresql_steps_and_is_set_right_again(tmp_path):
    """What is recorded bears its times, but watermarks go on at the pace of time that passes."""
    clock = HostClock(tmp_path, LIBRARY)
    clock.set(RIGHT)
    async with running_spine(tmp_path / "spine") as spine:
        await spine.stack.postgres.stop()
        with clock.of_postgres():
            await spine.stack.postgres.start()
        async with spine.agent() as ada:
            for offset in (AHEAD, BEHIND):
                open_before = await ada.log(priority=2)
                await eventually(partial(spine.clock_events, open_before), "its clock runs")
                began = await certain_until(spine.stack)
                clock.set(offset)
                rescued, commented = await ada.log(priority=2), await ada.log(priority=1)
                await ada.resolve(rescued)
                await ada.comment(commented)
                await everything_holds(spine)
                assert await spine.breaches(rescued) == set()
                assert await spine.breaches(open_before) == BOTH
                assert await certain_until(spine.stack) - began < AHEAD
                clock.set(RIGHT)
            open_after = await ada.log(priority=1)
            await everything_holds(spine)
            assert await spine.breaches(open_after) == BOTH


def _let_issuer_be_off_by(offset, monkeypatch):
    off = offset.total_seconds()
    clock = SimpleNamespace(time=lambda: time.time() + off)
    monkeypatch.setattr("deskstream_platform.issuer.time", clock)
