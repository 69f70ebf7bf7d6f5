"""What is recorded reaches Kafka completely and in order, whatever becomes of the relay."""

import asyncio
import os
import signal

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from ledger import PARTITIONS, AccountOpened, MoneyIn, all_events, record, stage
from outside import (
    PATIENCE,
    Told,
    assert_complete_and_in_order,
    child,
    connected,
    is_waiting_for_a_lock,
    make_topics,
    publish,
    running,
    seen_by_the_repeat_rule,
    story,
    until,
)

from deskstream.gate import WriteGate
from deskstream.kafka import started
from deskstream.relay import Horizon, Relay
from deskstream.topics import EVENT_SETTINGS, LARGEST_MESSAGE, LONGEST, events_topic
from deskstream_testing.topics import read_topic

STREAMS = [f"account-{number}" for number in range(8)]
HOLD_BACK_MARKS = """
CREATE FUNCTION wait_for_the_test() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END $$;
CREATE TRIGGER hold_back BEFORE UPDATE OF published ON relay
    FOR EACH STATEMENT EXECUTE FUNCTION wait_for_the_test();
"""


@pytest.fixture
def service(fresh_name):
    return fresh_name("ledger")


@pytest.fixture
def new_relay(service, ledger_dsn, bootstrap):
    def make(dsn=ledger_dsn):
        return Relay(service, dsn, bootstrap, PARTITIONS, 1, Horizon(), WriteGate())

    return make


@pytest.fixture
def told_to_a_child(service, ledger_dsn, bootstrap):
    return {
        "dsn": ledger_dsn,
        "bootstrap": bootstrap,
        "service": service,
        "partitions": PARTITIONS,
    }


@pytest.fixture
def topic(service):
    return events_topic(service)


@pytest.fixture
def arrived(bootstrap, pool, topic):
    """Wait until the topic has everything that is recorded, and return both."""

    async def everything():
        recorded = await all_events(pool)

        async def there():
            if not await topic_exists(bootstrap, topic):
                return None
            arrivals = await read_topic(bootstrap, topic)
            taken = {one.message.position for one in arrivals}
            return arrivals if taken >= {position for position, *_ in recorded} else None

        return await until(there, "all that is recorded is on the topic"), recorded

    return everything


async def topic_exists(bootstrap, topic):
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return topic in await admin.list_topics()
    finally:
        await admin.close()


async def delete_topic(bootstrap, topic):
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([topic])
    finally:
        await admin.close()

    async def gone():
        return not await topic_exists(bootstrap, topic)

    await until(gone, "the topic is deleted")


async def alter(bootstrap, topic, **settings):
    """Let these be all that is set for the topic."""
    told = {name: str(value) for name, value in settings.items()}
    async with started(AIOKafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=told)])


async def settings_of(bootstrap, topic):
    async with started(AIOKafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {name: value for name, value, *_ in answer.resources[0][4]}


async def write(pool, streams=STREAMS, times=5):
    for _ in range(times):
        await asyncio.gather(*(record(pool, stream, MoneyIn(amount=1)) for stream in streams))


async def test_the_topic_tells_the_record_while_many_write(new_relay, pool, arrived):
    async with running(new_relay()):
        await asyncio.gather(*(write(pool, times=20) for _ in range(2)))
        arrivals, recorded = await arrived()
    assert len(recorded) == 2 * 20 * len(STREAMS)
    assert_complete_and_in_order(arrivals, recorded)


async def test_what_commits_late_is_published_in_its_place(new_relay, ledger_dsn, pool, arrived):
    relay = new_relay()
    async with running(relay), connected(ledger_dsn) as late:
        transaction = late.transaction()
        await transaction.start()
        await stage(late, "account-0", MoneyIn(amount=1))
        await write(pool, STREAMS[1:], times=1)
        await transaction.commit()
        await record(pool, "account-0", MoneyIn(amount=1))
        arrivals, recorded = await arrived()
    assert_complete_and_in_order(arrivals, recorded)
    assert len(arrivals) == len(recorded)


async def test_a_relay_killed_between_publishing_and_marking_loses_and_doubles_nothing(
    told_to_a_child, new_relay, ledger_dsn, pool, arrived
):
    async with connected(ledger_dsn) as outside:
        await outside.execute(HOLD_BACK_MARKS)
        await outside.execute("SELECT pg_advisory_lock(4711)")
        async with child("relay", **told_to_a_child) as victim:
            await write(pool)
            await until(
                lambda: is_waiting_for_a_lock(outside, statement="SET published"),
                "the relay has published and is about to mark it",
            )
            await arrived()
            await victim.kill()
        await outside.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'advisory'"
        )
        assert await outside.fetchval("SELECT published FROM relay") == 0
        await outside.execute("DROP TRIGGER hold_back ON relay; SELECT pg_advisory_unlock(4711)")
        await write(pool)
        async with running(new_relay()):
            arrivals, recorded = await arrived()
    assert_complete_and_in_order(arrivals, recorded)


async def test_a_stopped_relay_is_replaced_and_fenced_when_it_comes_back(
    told_to_a_child, ledger_dsn, pool, arrived
):
    async with (
        connected(ledger_dsn) as outside,
        child("relay", **told_to_a_child) as former,
    ):
        await write(pool, times=1)
        await arrived()
        async with child("relay", **told_to_a_child):
            former.signal(signal.SIGSTOP)
            await write(pool, times=1)
            await arrived()
            epoch = "SELECT epoch FROM leases WHERE name = 'relay'"
            successors = await outside.fetchval(epoch)
            former.signal(signal.SIGCONT)

            # The former one notices, lets go of its lock, and may then rightly become owner again.
            async def fenced():
                return await outside.fetchval(epoch) > successors

            await until(fenced, "the revived owner took the lease anew")
            await asyncio.gather(*(write(pool) for _ in range(2)))
            arrivals, recorded = await arrived()
    assert_complete_and_in_order(arrivals, recorded)


async def test_what_a_former_owner_still_sends_is_dropped_by_the_repeat_rule(
    new_relay, bootstrap, pool, topic, arrived
):
    async with running(new_relay()):
        await write(pool, times=4)
        await arrived()
    repeats = [
        Told(one.stream, one.message.body, list(one.record.headers))
        for one in await read_topic(bootstrap, topic)
    ]
    await publish(bootstrap, topic, repeats)
    await write(pool, times=1)
    # The tail of the topic is a repeat now, from which the next owner has to find its way.
    async with running(new_relay()):
        arrivals, recorded = await arrived()
    assert len(arrivals) > len(recorded)
    assert_complete_and_in_order(arrivals, recorded)


async def test_a_topic_that_was_deleted_is_filled_again(new_relay, bootstrap, pool, topic, arrived):
    async with running(new_relay()):
        await write(pool)
        await arrived()
    await delete_topic(bootstrap, topic)
    await write(pool, times=1)
    async with running(new_relay()):
        arrivals, recorded = await arrived()
    assert_complete_and_in_order(arrivals, recorded)


async def test_a_topic_that_was_made_anew_under_a_running_relay_is_filled_again(
    new_relay, bootstrap, service, pool, topic, arrived
):
    async with running(new_relay()):
        await write(pool)
        await arrived()
        await delete_topic(bootstrap, topic)
        await make_topics(bootstrap, service)
        await write(pool, times=1)
        arrivals, recorded = await arrived()
    assert_complete_and_in_order(arrivals, recorded)


async def test_an_event_that_kafka_refuses_holds_back_those_behind_it(
    new_relay, bootstrap, pool, topic, arrived
):
    relay = new_relay()
    async with running(relay):
        await record(pool, "account-1", MoneyIn(amount=1))
        await arrived()
        await record(pool, "account-0", AccountOpened(owner="x" * 2 * LARGEST_MESSAGE))
        for _ in range(40):
            await record(pool, "account-0", MoneyIn(amount=1))

        async def refused():
            return relay.trouble

        assert "Kafka refuses" in await until(refused, "the relay says why it does not publish")
        assert relay.kafka_lag > 0
        for _, stream, version in seen_by_the_repeat_rule(await read_topic(bootstrap, topic)):
            assert version == 1, f"{stream} {version} overtook the event that was refused"
        await alter(bootstrap, topic, **{**EVENT_SETTINGS, LONGEST: 3 * LARGEST_MESSAGE})
        arrivals, recorded = await arrived()
    assert_complete_and_in_order(arrivals, recorded)


async def test_a_topic_of_an_earlier_release_is_brought_up_to_date(
    new_relay, bootstrap, pool, service, arrived
):
    """And what somebody set besides stays as it is."""
    topic = await make_topics(bootstrap, service)
    earlier = {name: value for name, value in EVENT_SETTINGS.items() if name != LONGEST}
    await alter(bootstrap, topic, **earlier, **{"segment.bytes": 20_000_000})
    await record(pool, "account-0", AccountOpened(owner="x" * (LARGEST_MESSAGE - 10_000)))
    relay = new_relay()
    async with running(relay):
        arrivals, recorded = await arrived()
    assert_complete_and_in_order(arrivals, recorded)
    found = await settings_of(bootstrap, topic)
    assert found.items() >= {**EVENT_SETTINGS, "segment.bytes": "20000000"}.items()


async def test_nothing_is_published_where_kafka_deletes(new_relay, bootstrap, pool, service):
    topic = await make_topics(bootstrap, service)
    await alter(bootstrap, topic, **{**EVENT_SETTINGS, "retention.ms": 60_000})
    await write(pool, times=1)
    relay = new_relay()

    async def in_trouble():
        return relay.trouble

    async with running(relay):
        told = await until(in_trouble, "the relay says why it does not publish")
    assert "retention.ms=60000" in told
    assert "--add-config retention.ms=-1" in told
    assert not await read_topic(bootstrap, topic)


async def test_an_event_may_be_longer_than_the_largest_request(new_relay, pool, arrived):
    await record(pool, "account-0", AccountOpened(owner="x" * (LARGEST_MESSAGE - 10_000)))
    async with running(new_relay()):
        arrivals, recorded = await arrived()
    assert_complete_and_in_order(arrivals, recorded)


async def test_a_stranger_at_the_end_of_the_topic_does_not_stop_the_relay(
    new_relay, bootstrap, pool, topic, arrived
):
    async with running(new_relay()):
        await write(pool)
        await arrived()
    strangers = [story("account-0", versions=1)[0].having(ce_position=None)]
    for partition in range(PARTITIONS):
        await publish(bootstrap, topic, strangers, partition=partition)
    await write(pool)
    async with running(new_relay()):
        recorded = await all_events(pool)

        async def there():
            return await pool.fetchval("SELECT published FROM relay") == recorded[-1][0]

        await until(there, "the relay goes on")


async def test_a_relay_ends_at_once_although_kafka_is_silent(new_relay, kafka, pool, arrived):
    relay = new_relay()
    task = asyncio.create_task(relay.run())
    await write(pool, times=1)
    await arrived()
    pid = kafka.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        await write(pool, times=1)
        last = await pool.fetchval("SELECT max(position) FROM events")
        await until(lambda: knows(relay, last), "the relay has something to send")
        task.cancel()
        async with asyncio.timeout(PATIENCE / 2):
            await asyncio.gather(task, return_exceptions=True)
    finally:
        os.kill(pid, signal.SIGCONT)
    async with running(new_relay()):
        arrivals, recorded = await arrived()
    assert_complete_and_in_order(arrivals, recorded)


async def knows(relay, position):
    return relay.horizon.position >= position
