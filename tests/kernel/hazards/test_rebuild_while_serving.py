"""A projection is made anew while writers write it: no row is lost, doubled or half-done."""

import asyncio

import pytest
from ledger import CODEC, LEDGER, SOMEBODY, Balances, MoneyIn, record, stage
from outside import connected, is_waiting_for_a_lock, until

from deskstream.aggregate import Aggregate
from deskstream.codec import UnknownType
from deskstream.operating import rebuild as rebuilding
from deskstream.operating.rebuild import CannotSwitch, rebuild
from deskstream.store import Answer, Appendix

STREAMS = [f"account-{number}" for number in range(12)]
TOLD = """
SELECT stream, sum(coalesce((data ->> 'amount')::int, 0)), count(*)
FROM events GROUP BY stream ORDER BY stream
"""


async def balances(pool):
    rows = await pool.fetch("SELECT account, balance, entries FROM balances ORDER BY account")
    return [tuple(row) for row in rows]


async def told_by_the_events(pool):
    return [tuple(row) for row in await pool.fetch(TOLD)]


async def write(pool, times=1):
    for _ in range(times):
        for stream in STREAMS:
            await record(pool, stream, MoneyIn(amount=3))


class Writers:
    """Write until they are told to stop."""

    def __init__(self, pool):
        self.pool = pool
        self.stopping = False
        self.written = 0

    async def run(self):
        await asyncio.gather(*(self._write(stream) for stream in STREAMS))

    async def _write(self, stream):
        while not self.stopping:
            await record(self.pool, stream, MoneyIn(amount=3))
            self.written += 1


async def test_no_row_is_lost_or_doubled_while_many_write(ledger_dsn, pool):
    writers = Writers(pool)
    writing = asyncio.create_task(writers.run())
    for _ in range(4):
        goal = writers.written + 100

        async def more_is_written(goal=goal):
            return writers.written > goal

        await until(more_is_written, "more is written")
        await pool.execute("UPDATE balances SET balance = balance + 1000000 WHERE entries % 2 = 0")
        assert await rebuild(ledger_dsn, [LEDGER], "balances") > 0
    writers.stopping = True
    await writing
    assert await balances(pool) == await told_by_the_events(pool)


async def test_those_who_write_at_the_moment_of_the_switch_are_in_the_new_rows(ledger_dsn, pool):
    await write(pool)
    async with (
        connected(ledger_dsn) as reader,
        connected(ledger_dsn) as watcher,
        connected(ledger_dsn) as with_its_row,
        connected(ledger_dsn) as without_its_row,
    ):
        await reader.execute("BEGIN; LOCK TABLE balances IN ROW EXCLUSIVE MODE")
        making = asyncio.create_task(rebuild(ledger_dsn, [LEDGER], "balances"))
        await until(
            lambda: is_waiting_for_a_lock(watcher, statement="LOCK TABLE public"),
            "the rebuild has read what there was and wants to switch",
        )
        for writer in (with_its_row, without_its_row):
            await writer.execute("BEGIN")
        await stage(with_its_row, "account-0", MoneyIn(amount=5))
        told = await LEDGER.store.append(
            without_its_row, [Appendix("account-1", 1, [MoneyIn(amount=7)], SOMEBODY)]
        )
        await reader.execute("ROLLBACK")
        await with_its_row.execute("COMMIT")
        await making
        await Balances().apply(without_its_row, told)
        await without_its_row.execute("COMMIT")
    assert await balances(pool) == await told_by_the_events(pool)


async def test_a_rebuild_that_fails_changes_nothing(ledger_dsn, pool):
    class BrokenBalances(Balances):
        async def apply(self, connection, events):
            await super().apply(connection, events)
            raise ArithmeticError

    await write(pool)
    rows = await balances(pool)
    broken = Aggregate(LEDGER.decider, CODEC, (BrokenBalances(),))
    with pytest.raises(ArithmeticError):
        await rebuild(ledger_dsn, [broken], "balances")
    assert await balances(pool) == rows
    await write(pool)
    assert await balances(pool) == await told_by_the_events(pool)


async def test_a_rebuild_that_never_gets_the_table_changes_nothing(ledger_dsn, pool, monkeypatch):
    monkeypatch.setattr(rebuilding, "ATTEMPTS", 2)
    await write(pool)
    rows = await balances(pool)
    async with connected(ledger_dsn) as reader:
        await reader.execute("BEGIN; LOCK TABLE balances IN ACCESS SHARE MODE")
        with pytest.raises(CannotSwitch):
            await rebuild(ledger_dsn, [LEDGER], "balances")
    assert await balances(pool) == rows


async def test_two_rebuilds_at_once_do_not_spoil_each_others_rows(ledger_dsn, pool):
    await write(pool, times=5)
    async with connected(ledger_dsn) as reader, connected(ledger_dsn) as watcher:
        await reader.execute("BEGIN; LOCK TABLE balances IN ROW EXCLUSIVE MODE")
        first = asyncio.create_task(rebuild(ledger_dsn, [LEDGER], "balances"))
        await until(
            lambda: is_waiting_for_a_lock(watcher, statement="LOCK TABLE public"),
            "the first rebuild wants to switch",
        )
        second = asyncio.create_task(rebuild(ledger_dsn, [LEDGER], "timers"))
        await asyncio.wait({second}, timeout=0.3)
        await reader.execute("ROLLBACK")
        await asyncio.gather(first, second)
    await write(pool)
    assert await balances(pool) == await told_by_the_events(pool)


async def test_an_event_that_nobody_knows_is_an_error_and_not_left_out(ledger_dsn, pool):
    await write(pool)
    await pool.execute("UPDATE events SET type = 'money.burnt.v1' WHERE position = 3")
    rows = await balances(pool)
    with pytest.raises(UnknownType, match=r"money\.burnt\.v1"):
        await rebuild(ledger_dsn, [LEDGER], "balances")
    assert await balances(pool) == rows


async def test_writers_with_a_key_outwait_a_switch(ledger_dsn, pool):
    """The short patience with which they wait for the same key is not for the projection."""
    async with connected(ledger_dsn) as switching, connected(ledger_dsn) as watcher:
        await switching.execute("BEGIN; LOCK TABLE balances IN ACCESS EXCLUSIVE MODE")

        async def write_with_a_key():
            async with pool.acquire() as connection, connection.transaction():
                answer = Answer(b"key", b"body", 201, {}, "account-1")
                told = [Appendix("account-1", 0, [MoneyIn(amount=7)], SOMEBODY)]
                events = await LEDGER.store.append(connection, told, [answer])
                assert await connection.fetchval("SHOW lock_timeout") == "2s"
                await Balances().apply(connection, events)

        writing = asyncio.create_task(write_with_a_key())
        await until(
            lambda: is_waiting_for_a_lock(watcher, statement="INSERT INTO balances"),
            "the writer waits for the projection",
        )
        await switching.execute("ROLLBACK")
        await writing
    assert await balances(pool) == await told_by_the_events(pool)


async def test_indexes_and_constraints_keep_their_names(ledger_dsn, pool):
    async def names():
        rows = await pool.fetch(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname"
        )
        constraints = await pool.fetch(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
        )
        return [tuple(row) for row in (*rows, *constraints)]

    before = await names()
    for projection in ("balances", "timers"):
        await rebuild(ledger_dsn, [LEDGER], projection)
    assert await names() == before
