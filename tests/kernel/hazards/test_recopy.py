"""A copy of what other services told is made anew while its group goes on."""

import asyncio

import pytest
from consuming import HANDLED, IGNORED, copy_rows, ends_of, note_effects
from outside import connected, event, is_waiting_for_a_lock, publish, running, story, until
from test_poison_event import Hospital

from deskstream.consuming.localcopy import LocalCopy
from deskstream.consuming.subscription import Subscription
from deskstream.operating.recopy import recopy

STREAMS = [f"account-{number}" for number in range(7)]


async def copy_and_act(connection, messages):
    """What a group does that keeps a copy and lets something follow."""
    await copy_rows(connection, messages)
    await note_effects(connection, messages)


async def catch_up(group):
    await group.caught_up(await ends_of(group))


def anew(group, dsn, handle=copy_rows):
    copy = Subscription("testing", [group.topic], HANDLED, IGNORED, handle, tables=("copies",))
    return recopy(dsn, group.bootstrap, group.name, copy)


async def test_the_rows_are_as_they_should_be_and_nothing_follows_again(group, ledger_dsn):
    told = story(*STREAMS, versions=8)
    await publish(group.bootstrap, group.topic, [*told[:40], *told[20:]])
    async with running(group.member(copy_and_act)):
        await catch_up(group)
        rows, effects, progress = (
            await group.copies(),
            await group.effects(),
            await group.progress(),
        )
        await group.pool.execute("UPDATE copies SET body = 'wrong' WHERE version > 5")
        await group.pool.execute("DELETE FROM copies WHERE version < 3")
        assert await anew(group, ledger_dsn) == len(rows)
        assert await group.copies() == rows
        await publish(group.bootstrap, group.topic, [event(STREAMS[0], 9, 100)])
        await catch_up(group)
    assert len(await group.copies()) == len(rows) + 1
    assert len(await group.effects()) == len(effects) + 1
    assert sum((await group.progress()).values()) == sum(progress.values()) + 1


async def test_what_arrives_meanwhile_is_in_the_rows(group, ledger_dsn):
    told = story(*STREAMS, versions=8)
    await publish(group.bootstrap, group.topic, told[:30])
    async with running(group.member(copy_rows)):
        await catch_up(group)
        async with connected(ledger_dsn) as reader, connected(ledger_dsn) as watcher:
            await reader.execute("BEGIN; LOCK TABLE copies IN ACCESS SHARE MODE")
            making = asyncio.create_task(anew(group, ledger_dsn))
            await until(
                lambda: is_waiting_for_a_lock(watcher, statement="LOCK TABLE public"),
                "it has read what there was and wants to switch",
            )
            await publish(group.bootstrap, group.topic, told[30:])
            await catch_up(group)
            rows = await group.copies()
            await reader.execute("ROLLBACK")
            await making
    assert await group.copies() == rows


async def test_what_is_parked_is_not_in_the_rows_and_stays_parked(group, ledger_dsn):
    hospital = Hospital("account-1", 3)

    async def copy(connection, messages):
        if hospital.sick in {(one.stream, one.version) for one in messages}:
            raise ArithmeticError
        await copy_rows(connection, messages)

    await publish(group.bootstrap, group.topic, story(*STREAMS, versions=5))
    async with running(group.member(copy)):
        await catch_up(group)
        rows, parked = await group.copies(), await group.parked()
        await anew(group, ledger_dsn, copy)
    assert await group.copies() == rows
    assert await group.parked() == parked


async def test_one_that_fails_changes_nothing(group, ledger_dsn):
    async def broken(connection, messages):
        await copy_rows(connection, messages)
        raise ArithmeticError

    await publish(group.bootstrap, group.topic, story(*STREAMS, versions=5))
    async with running(group.member(copy_rows)):
        await catch_up(group)
        rows = await group.copies()
        with pytest.raises(ArithmeticError):
            await anew(group, ledger_dsn, broken)
        assert await group.copies() == rows


async def test_who_holds_a_copy_in_memory_reads_it_again(group, ledger_dsn):
    async def count(database):
        return await database.fetchval("SELECT count(*) FROM copies")

    held = LocalCopy(group.name, count)
    await publish(group.bootstrap, group.topic, story(*STREAMS, versions=2))
    async with running(group.member(copy_rows)):
        await catch_up(group)
        await group.pool.execute("DELETE FROM copies")
        assert await held.get(group.pool) == 0
        await anew(group, ledger_dsn)
        assert await held.get(group.pool) > 0
