"""A projection that is told everything again comes to the same rows."""

from datetime import UTC, datetime, timedelta

import pytest
from consuming import copy_rows, ends_of
from outside import event, publish, running, story, until
from test_poison_event import Hospital, order

from deskstream.consuming.localcopy import LocalCopy
from deskstream.operating.rewind import rewind
from deskstream_platform.places import CLOCKS_DIFFER, Place, offsets_at

STREAMS = [f"account-{number}" for number in range(7)]


async def catch_up(group):
    await group.caught_up(await ends_of(group))


async def read_again(group, offsets):
    before = await group.pool.fetchval("SELECT sum(epoch) FROM progress")
    async with group.pool.acquire() as connection, connection.transaction():
        await rewind(connection, group.name, offsets, ("ada", "to see"))

    async def taken_up():
        epochs = await group.pool.fetchval("SELECT sum(epoch) FROM progress")
        return epochs >= before + 2 * len(offsets)

    await until(taken_up, "the owner has noticed")
    await catch_up(group)


@pytest.mark.parametrize("to", ["the beginning", "a position", "a time"])
async def test_the_rows_are_the_same_again(group, to):
    told = story(*STREAMS, versions=8)
    await publish(group.bootstrap, group.topic, told[:30])
    moment = datetime.now(UTC) + CLOCKS_DIFFER
    await publish(group.bootstrap, group.topic, [*told[30:40], *told[20:]])
    async with running(group.member(copy_rows)):
        await catch_up(group)
        rows = await group.copies()
        if to == "the beginning":
            offsets = await offsets_at(group.bootstrap, group.partitions(), Place())
            await read_again(group, offsets)
        else:
            await group.pool.execute("UPDATE copies SET body = 'wrong' WHERE version > 5")
            await group.pool.execute("DELETE FROM copies WHERE version > 6")
            place = Place(position=31) if to == "a position" else Place(time=moment)
            offsets = await offsets_at(group.bootstrap, group.partitions(), place)
            assert any(offsets.values())
            await read_again(group, offsets)
        assert await group.copies() == rows


async def test_a_time_by_another_clock_than_the_brokers_leaves_nothing_out(group):
    await publish(group.bootstrap, group.topic, story(*STREAMS, versions=2))
    ahead = datetime.now(UTC) + timedelta(seconds=30)
    found = await offsets_at(group.bootstrap, group.partitions(), Place(time=ahead))
    assert set(found.values()) == {0}


async def test_a_position_is_found_before_repeats_that_came_later(group):
    """A former owner's repeats end below positions that its successor had published long since."""
    told = story("account-1", versions=8)
    await publish(group.bootstrap, group.topic, [*told[:5], *told[:3], *told[5:]])
    found = await offsets_at(group.bootstrap, group.partitions(), Place(position=4))
    assert 3 in found.values()


async def test_what_lies_before_a_parked_event_is_in_the_rows_again(group):
    hospital = Hospital("account-1", 3)

    async def copy(connection, messages):
        if hospital.sick in {(one.stream, one.version) for one in messages}:
            raise ArithmeticError
        await copy_rows(connection, messages)

    await publish(group.bootstrap, group.topic, story(*STREAMS, versions=5))
    async with running(group.member(copy)):
        await catch_up(group)
        rows, parked = await group.copies(), await group.parked()
        offsets = await offsets_at(group.bootstrap, group.partitions(), Place())
        await read_again(group, offsets)
        assert await group.copies() == rows
        assert await group.parked() == parked


async def test_who_holds_a_copy_in_memory_learns_of_a_retried_event(group):
    hospital = Hospital("account-1", 1)

    async def copy(connection, messages):
        if hospital.sick in {(one.stream, one.version) for one in messages}:
            raise ArithmeticError
        await copy_rows(connection, messages)

    async def count(database):
        return await database.fetchval("SELECT count(*) FROM copies")

    held = LocalCopy(group.name, count)
    await publish(group.bootstrap, group.topic, [event("account-1", 1, 1)])
    async with running(group.member(copy)):
        await catch_up(group)
        assert await held.get(group.pool) == 0
        hospital.repair()
        assert await order(group, "retry", "account-1", 1) == "done"
        assert await held.get(group.pool) == 1
