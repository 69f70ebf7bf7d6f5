"""Of two who write the same version of a stream one is told that somebody else was first."""

import asyncio

import pytest
from ledger import (
    LEDGER,
    SOMEBODY,
    THEN,
    MoneyIn,
    PayOut,
    Record,
    all_events,
    record,
    stage,
)
from outside import connected, is_waiting_for_a_lock, until

from deskstream.aggregate import UnitOfWork
from deskstream.database import TRANSIENT
from deskstream.store import Appendix, VersionConflict

# Who takes the streams in another order may meet the other in a deadlock, which one survives.
LATE = (VersionConflict, *TRANSIENT)


async def test_who_waits_for_the_version_of_another_is_refused_when_that_one_commits(
    ledger_dsn, pool
):
    await record(pool, "account-1", MoneyIn(amount=1))
    async with (
        connected(ledger_dsn) as first,
        connected(ledger_dsn) as second,
        connected(ledger_dsn) as watcher,
    ):
        for writer in (first, second):
            await writer.execute("BEGIN")
        await stage(first, "account-1", MoneyIn(amount=10))
        waiting = asyncio.create_task(stage(second, "account-1", MoneyIn(amount=100)))
        await until(lambda: is_waiting_for_a_lock(watcher), "the second waits for the first")
        await first.execute("COMMIT")
        with pytest.raises(VersionConflict):
            await waiting
        await second.execute("ROLLBACK")
    assert [version for _, _, version in await all_events(pool)] == [1, 2]
    assert await pool.fetchval("SELECT balance FROM balances") == 11


async def test_who_waits_for_another_that_gives_up_goes_on(ledger_dsn, pool):
    async with (
        connected(ledger_dsn) as first,
        connected(ledger_dsn) as second,
        connected(ledger_dsn) as watcher,
    ):
        for writer in (first, second):
            await writer.execute("BEGIN")
        await stage(first, "account-1", MoneyIn(amount=10))
        waiting = asyncio.create_task(stage(second, "account-1", MoneyIn(amount=100)))
        await until(lambda: is_waiting_for_a_lock(watcher), "the second waits for the first")
        await first.execute("ROLLBACK")
        await waiting
        await second.execute("COMMIT")
    assert await pool.fetchval("SELECT balance FROM balances") == 100


async def test_a_rule_of_the_domain_holds_against_many_at_once(pool):
    """Only seven of ten: decisions are made on the state that they are recorded on."""
    await record(pool, "account-1", MoneyIn(amount=70))

    async def pay_out():
        while True:
            try:
                async with pool.acquire() as connection, connection.transaction():
                    unit = UnitOfWork(LEDGER, connection)
                    await unit.load(["account-1"])
                    unit.decide("account-1", PayOut(10), THEN, SOMEBODY)
                    return await unit.save()
            except VersionConflict:
                continue

    done = await asyncio.gather(*(pay_out() for _ in range(10)))
    assert sum(1 for events in done if events) == 7
    assert await pool.fetchval("SELECT balance FROM balances") == 0
    assert [version for _, _, version in await all_events(pool)] == list(range(1, 9))


async def test_several_streams_are_recorded_together_or_not_at_all(pool):
    """Transfers to and fro between the same accounts: the sum never changes."""
    accounts = [f"account-{number}" for number in range(4)]
    for account in accounts:
        await record(pool, account, MoneyIn(amount=100))

    async def transfer(source, target):
        while True:
            try:
                async with pool.acquire() as connection, connection.transaction():
                    unit = UnitOfWork(LEDGER, connection)
                    await unit.load([source, target])
                    unit.decide(source, PayOut(5), THEN, SOMEBODY)
                    unit.decide(target, Record([MoneyIn(amount=5)]), THEN, SOMEBODY)
                    await unit.save()
                    return
            except LATE:
                continue

    # Half of them in one order of the streams, half in the other.
    pairs = [(accounts[n % 4], accounts[(n + 1 + n // 4 % 3) % 4]) for n in range(24)]
    await asyncio.gather(*(transfer(*pair) for pair in pairs))
    assert await pool.fetchval("SELECT sum(balance) FROM balances") == 400
    for account in accounts:
        versions = [version for _, stream, version in await all_events(pool) if stream == account]
        assert versions == list(range(1, len(versions) + 1))


async def test_one_late_stream_voids_the_others_too(pool):
    await record(pool, "account-1", MoneyIn(amount=1))
    late = [
        Appendix("account-2", 0, [MoneyIn(amount=7)], SOMEBODY),
        Appendix("account-1", 0, [MoneyIn(amount=7)], SOMEBODY),
    ]
    with pytest.raises(VersionConflict):
        async with pool.acquire() as connection, connection.transaction():
            await LEDGER.store.append(connection, late)
    assert await all_events(pool) == [(1, "account-1", 1)]


async def test_several_commands_on_one_stream_build_on_each_other(pool):
    async with pool.acquire() as connection, connection.transaction():
        unit = UnitOfWork(LEDGER, connection)
        await unit.load(["account-1", "account-2"])
        unit.decide("account-1", Record([MoneyIn(amount=5)]), THEN, SOMEBODY)
        unit.decide("account-2", Record([MoneyIn(amount=1)]), THEN, SOMEBODY)
        unit.decide("account-1", PayOut(5), THEN, SOMEBODY)
        events = await unit.save()
    assert [(one.stream, one.version) for one in events] == [
        ("account-1", 1),
        ("account-2", 1),
        ("account-1", 2),
    ]
    assert [one.position for one in events] == sorted(one.position for one in events)


async def test_nothing_is_recorded_on_a_version_that_the_stream_has_not_reached(pool):
    await record(pool, "account-1", MoneyIn(amount=1))
    ahead = [Appendix("account-1", 5, [MoneyIn(amount=7)], SOMEBODY)]
    with pytest.raises(VersionConflict):
        async with pool.acquire() as connection, connection.transaction():
            await LEDGER.store.append(connection, ahead)
    assert await all_events(pool) == [(1, "account-1", 1)]
