"""Whoever hangs inside a transaction is ended by the server, and all that waited goes on."""

import asyncio
import signal

import asyncpg
import pytest
from ledger import PARTITIONS, MoneyIn, all_events, record, stage
from outside import child, connected, running, until

from deskstream.database import TRANSIENT
from deskstream.gate import WriteGate
from deskstream.relay import Horizon, Relay
from deskstream.store import settled_position
from deskstream.topics import events_topic
from deskstream_testing.topics import read_topic


async def test_a_stopped_writer_holds_the_barrier_no_longer_than_the_server_allows(
    ledger_dsn, pool, fresh_name, bootstrap
):
    service = fresh_name("ledger")
    relay = Relay(service, ledger_dsn, bootstrap, PARTITIONS, 1, Horizon(), WriteGate())
    async with (
        child("hanging-writer", dsn=ledger_dsn, stream="account-1") as writer,
        connected(ledger_dsn) as reader,
        running(relay),
    ):
        writer.signal(signal.SIGSTOP)
        (told,) = await record(pool, "account-2", MoneyIn(amount=1))
        settling = asyncio.create_task(settled_position(reader))
        await asyncio.wait({settling}, timeout=0.2)
        assert not settling.done()
        assert await settling == told.position

        async def published():
            return relay.horizon.position >= told.position and relay._announced is not None

        await until(published, "the relay goes on, and the watermark with it")
        assert relay.horizon.watermark > told.recorded_at
    arrivals = await read_topic(bootstrap, events_topic(service))
    assert [one.stream for one in arrivals] == ["account-2"]
    assert await all_events(pool) == [(told.position, "account-2", 1)]


async def test_the_stream_that_it_held_can_be_written_again(ledger_dsn, pool):
    async with child("hanging-writer", dsn=ledger_dsn, stream="account-1") as writer:
        writer.signal(signal.SIGSTOP)
        async with asyncio.timeout(30):
            await write_as_soon_as_possible(pool, "account-1")
    assert [version for _, _, version in await all_events(pool)] == [1]


async def write_as_soon_as_possible(pool, stream):
    while True:
        try:
            return await record(pool, stream, MoneyIn(amount=1))
        except asyncpg.LockNotAvailableError:
            continue


async def write_for_ever(pool, stream):
    async with pool.acquire() as connection, connection.transaction():
        await stage(connection, stream, MoneyIn(amount=1))
        while True:
            await connection.execute("SELECT pg_sleep(0.05)")


async def test_a_transaction_that_never_comes_to_an_end_is_ended_even_if_it_is_busy(pool):
    with pytest.raises(TRANSIENT):
        await write_for_ever(pool, "account-1")
    assert await all_events(pool) == []
    await record(pool, "account-1", MoneyIn(amount=1))
