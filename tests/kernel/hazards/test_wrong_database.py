"""A database that knows less or other than Kafka is not written to."""

import pytest
from ledger import PARTITIONS, MoneyIn, record
from outside import running, until

from deskstream.database import connect_pool
from deskstream.gate import WriteGate
from deskstream.relay import Horizon, Relay
from deskstream.topics import events_topic
from deskstream_testing.topics import read_topic

STREAMS = [f"account-{number}" for number in range(6)]


@pytest.fixture
def service(fresh_name):
    return fresh_name("ledger")


@pytest.fixture
def new_relay(service, bootstrap):
    def make(dsn):
        return Relay(service, dsn, bootstrap, PARTITIONS, 1, Horizon(), WriteGate())

    return make


async def write(pool):
    for stream in STREAMS:
        await record(pool, stream, MoneyIn(amount=1))


async def wait_until_published(pool):
    async def published():
        return await pool.fetchval(
            "SELECT published = (SELECT max(position) FROM events) FROM relay"
        )

    await until(published, "everything is published")


async def wait_until_closed(relay):
    async def closed():
        return relay.gate.reason

    return await until(closed, "the gate closes")


async def places(bootstrap, service):
    arrivals = await read_topic(bootstrap, events_topic(service))
    return [(one.record.partition, one.record.offset, one.message.id) for one in arrivals]


async def test_a_database_restored_to_an_earlier_time_is_noticed_and_published_no_more(
    new_relay, service, bootstrap, ledger_dsn, pool
):
    async with running(new_relay(ledger_dsn)):
        await write(pool)
        await wait_until_published(pool)
    before = await places(bootstrap, service)

    await pool.execute(
        "DELETE FROM events WHERE position > 2; UPDATE relay SET published = 2, safe_position = 2;"
        "ALTER SEQUENCE events_position_seq RESTART WITH 3"
    )
    relay = new_relay(ledger_dsn)
    async with running(relay):
        assert "restored to an earlier time" in await wait_until_closed(relay)
        await record(pool, "account-9", MoneyIn(amount=1))
        moves = relay.horizon.moves

        async def looked_again():
            return relay.horizon.moves > moves + 5

        await until(looked_again, "the relay had time to publish")
    assert await places(bootstrap, service) == before


async def test_two_databases_that_publish_under_one_name_are_noticed(
    new_relay, service, bootstrap, ledger_dsn, pool, postgres, template
):
    async with running(new_relay(ledger_dsn)):
        await write(pool)
        await wait_until_published(pool)
    before = await places(bootstrap, service)

    await pool.execute(f"CREATE DATABASE the_other_one TEMPLATE {template}")
    other_dsn = postgres.dsn("the_other_one")
    other = await connect_pool(other_dsn, size=2)
    try:
        await other.execute(
            "CREATE TABLE balances (account text PRIMARY KEY, balance bigint, entries int)"
        )
        for stream in reversed(STREAMS):
            await record(other, stream, MoneyIn(amount=1))
        relay = new_relay(other_dsn)
        async with running(relay):
            assert "two databases" in await wait_until_closed(relay)
    finally:
        other.terminate()
        await pool.execute("DROP DATABASE the_other_one WITH (FORCE)")
    assert await places(bootstrap, service) == before


async def test_the_gate_stays_open_for_a_database_that_is_ahead_of_kafka(
    new_relay, ledger_dsn, pool
):
    async with running(new_relay(ledger_dsn)):
        await write(pool)
        await wait_until_published(pool)
    await write(pool)
    relay = new_relay(ledger_dsn)
    async with running(relay):
        await wait_until_published(pool)
        assert relay.gate.reason is None
