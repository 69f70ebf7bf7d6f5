"""A reader of the record skips no event that commits late, and keeps every stream's order."""

import asyncio
import random

import asyncpg
from ledger import LEDGER, MoneyIn, all_events, record, stage
from outside import connected

from deskstream.store import settled_position

STREAMS = [f"account-{number}" for number in range(20)]
WRITERS, EACH = 12, 25


async def write_and_dawdle(pool, chance):
    """Append, wait a little, and only then commit: commits overtake each other."""
    for _ in range(EACH):
        stream = chance.choice(STREAMS)
        async with pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                await stage(connection, stream, MoneyIn(amount=1))
                await asyncio.sleep(chance.uniform(0, 0.005))
            except Exception:  # noqa: BLE001  another writer was first on this stream
                await transaction.rollback()
            else:
                await transaction.commit()


class Reader:
    """Follows the record, up to wherever it is told that it may read."""

    def __init__(self, dsn, may_read_up_to):
        self.dsn = dsn
        self.may_read_up_to = may_read_up_to
        self.seen = []

    async def follow(self, writing):
        async with connected(self.dsn) as connection:
            while True:
                was_writing = not writing.done()
                after = self.seen[-1][0] if self.seen else 0
                up_to = await self.may_read_up_to(connection)
                async for batch in LEDGER.store.feed(connection, after, up_to, batch=50):
                    self.seen += [(one.position, one.stream, one.version) for one in batch]
                if not was_writing:
                    return


async def highest_position(connection):
    """How far one would read who knows no better."""
    return await connection.fetchval("SELECT coalesce(max(position), 0) FROM events")


async def test_readers_see_every_event_in_order_while_commits_overtake_each_other(ledger_dsn, pool):
    readers = [Reader(ledger_dsn, settled_position) for _ in range(2)]
    naive = Reader(ledger_dsn, highest_position)
    writing = asyncio.gather(
        *(write_and_dawdle(pool, random.Random(seed)) for seed in range(WRITERS))
    )
    await asyncio.gather(writing, *(reader.follow(writing) for reader in (*readers, naive)))

    recorded = await all_events(pool)
    for reader in readers:
        assert reader.seen == recorded
        for stream in STREAMS:
            versions = [version for _, name, version in reader.seen if name == stream]
            assert versions == list(range(1, len(versions) + 1))
    assert len(naive.seen) < len(recorded), "no commit was late, so this proved nothing"


async def test_nothing_is_settled_above_a_position_that_is_drawn_and_not_committed(
    ledger_dsn, pool
):
    async with connected(ledger_dsn) as late, connected(ledger_dsn) as reader:
        transaction = late.transaction()
        await transaction.start()
        (first,) = await stage(late, "account-late", MoneyIn(amount=1))
        (second,) = await record(pool, "account-early", MoneyIn(amount=1))
        assert first.position < second.position == await highest_position(reader)

        settling = asyncio.create_task(settled_position(reader))
        await asyncio.wait({settling}, timeout=0.1)
        assert not settling.done()

        await transaction.commit()
        assert await settling == second.position
        assert len(await all_events(reader)) == 2


async def test_a_position_whose_writer_gave_up_holds_nobody_back(ledger_dsn, pool):
    async with connected(ledger_dsn) as giving_up, connected(ledger_dsn) as reader:
        transaction = giving_up.transaction()
        await transaction.start()
        await stage(giving_up, "account-1", MoneyIn(amount=1))
        await transaction.rollback()
        (kept,) = await record(pool, "account-1", MoneyIn(amount=1))
        assert kept.position == 2
        assert await settled_position(reader) == 2


async def test_the_barrier_waits_for_writers_of_this_record_only(
    ledger_dsn, pool, postgres, template
):
    await record(pool, "account-1", MoneyIn(amount=1))
    admin = await asyncpg.connect(postgres.dsn("postgres"))
    await admin.execute(f"CREATE DATABASE another_service TEMPLATE {template}")
    try:
        async with (
            connected(ledger_dsn) as reading,
            connected(ledger_dsn) as writing_elsewhere,
            connected(postgres.dsn("another_service")) as another_service,
            connected(ledger_dsn) as reader,
        ):
            for busy in (reading, writing_elsewhere, another_service):
                await busy.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            await all_events(reading)
            await writing_elsewhere.execute("INSERT INTO leases (name) VALUES ('any')")
            await another_service.execute("LOCK TABLE events IN ROW EXCLUSIVE MODE")
            assert await settled_position(reader) == 1
    finally:
        await admin.execute("DROP DATABASE another_service WITH (FORCE)")
        await admin.close()
