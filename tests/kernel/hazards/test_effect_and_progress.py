"""A message takes effect once: its effect and the group's progress commit together."""

import asyncio
import os
import random
import signal
from dataclasses import replace

import asyncpg
from aiokafka import AIOKafkaProducer
from consuming import (
    Turnstile,
    assert_each_took_effect_once_and_in_order,
    ends_of,
    note_effects,
)
from ledger import PARTITIONS
from outside import (
    PATIENCE,
    connected,
    event,
    publish,
    running,
    story,
    until,
)
from test_relay_order import delete_topic

from deskstream.cloudevent import partition_of
from deskstream.topics import ensure_topics, topics_of

STREAMS = [f"account-{number}" for number in range(7)]


async def catch_up(bootstrap, group):
    await group.caught_up(await ends_of(group))


async def test_a_connection_that_breaks_between_effect_and_progress_leaves_nothing_by_half(
    bootstrap, group, ledger_dsn
):
    turnstile = Turnstile()

    async def stop_after_the_effect(connection, messages):
        await note_effects(connection, messages)
        await turnstile.pass_through()

    await publish(bootstrap, group.topic, story(*STREAMS, versions=4))
    async with running(group.member(stop_after_the_effect)), connected(ledger_dsn) as outside:
        await turnstile.reached.wait()
        assert await group.effects() == []
        await outside.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state = 'idle in transaction'"
        )
        turnstile.opened.set()
        await catch_up(bootstrap, group)
    assert_each_took_effect_once_and_in_order(await group.effects(), STREAMS, 4)


async def test_a_member_that_is_cancelled_in_the_middle_leaves_nothing_by_half(bootstrap, group):
    turnstile = Turnstile()

    async def stop_after_the_effect(connection, messages):
        await note_effects(connection, messages)
        await turnstile.pass_through()

    await publish(bootstrap, group.topic, story(*STREAMS, versions=4))
    async with running(group.member(stop_after_the_effect)):
        await turnstile.reached.wait()
    assert await group.effects() == []
    assert set((await group.progress()).values()) == {0}
    async with running(group.member()):
        await catch_up(bootstrap, group)
    assert_each_took_effect_once_and_in_order(await group.effects(), STREAMS, 4)


async def test_a_member_ends_at_once_although_kafka_is_silent(bootstrap, group, kafka):
    await publish(bootstrap, group.topic, story(*STREAMS, versions=1))
    member = asyncio.create_task(group.member().run())
    await catch_up(bootstrap, group)
    pid = kafka.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        member.cancel()
        async with asyncio.timeout(PATIENCE / 2):
            await asyncio.gather(member, return_exceptions=True)
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_each_message_three_times_and_streams_shuffled_takes_effect_once(bootstrap, group):
    told = story(*STREAMS, versions=12)
    chance = random.Random(7)
    copies = []
    # As after relays that crashed: portions come again, some of them long after.
    for begin in range(0, len(told), 10):
        for _ in range(3):
            copies += told[max(0, begin - chance.randrange(30)) : begin + 10]
    copies += told + told
    await publish(bootstrap, group.topic, copies)
    async with running(group.member()):
        await catch_up(bootstrap, group)
    effects = await group.effects()
    assert len(copies) >= 3 * len(told)
    assert_each_took_effect_once_and_in_order(effects, STREAMS, 12)
    assert len(effects) == len(told)


async def test_a_rebalance_in_the_middle_of_a_slow_batch_doubles_no_effect(bootstrap, group):
    turnstile = Turnstile()

    async def stop_after_the_effect(connection, messages):
        await note_effects(connection, messages)
        await turnstile.pass_through()

    await publish(bootstrap, group.topic, story(*STREAMS, versions=4))
    first, second = group.member(stop_after_the_effect), group.member()
    async with running(first):
        await turnstile.reached.wait()
        async with running(second):
            epochs = "SELECT sum(epoch) FROM progress"
            before = await group.pool.fetchval(epochs)

            async def second_takes_a_partition():
                return await group.pool.fetchval(epochs) > before

            await until(second_takes_a_partition, "the second member takes a partition over")
            turnstile.opened.set()
            await catch_up(bootstrap, group)
            await publish(bootstrap, group.topic, [event("account-0", 5, 100)])
            await catch_up(bootstrap, group)
    effects = await group.effects()
    assert_each_took_effect_once_and_in_order(effects, STREAMS[1:], 4)
    assert_each_took_effect_once_and_in_order(effects, STREAMS[:1], 5)


async def test_a_partition_that_is_no_longer_in_hand_is_not_behind(bootstrap, group):
    first, second = group.member(), group.member()
    async with running(first):
        await publish(bootstrap, group.topic, story(*STREAMS, versions=2))
        await catch_up(bootstrap, group)

        async def nothing_left():
            return first.lag == dict.fromkeys(group.partitions(), 0)

        await until(nothing_left, "the one member is not behind")
        async with running(second):

            async def shared():
                return second.lag and not first.lag.keys() & second.lag.keys()

            await until(shared, "each tells of its own partitions")


async def test_an_offset_that_does_not_exist_is_passed_over(bootstrap, group):
    """A transaction leaves a mark on the topic that nobody is ever given."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=group.name)
    one = event("account-0", 1, 1)
    async with producer, producer.transaction():
        for partition in range(PARTITIONS):
            headers = one.having(ce_subject=f"on-{partition}").headers
            await producer.send(group.topic, one.body, partition=partition, headers=headers)

    async def marked():
        return set((await ends_of(group)).values()) == {2}

    await until(marked, "the mark stands behind each of the events")
    mine = partition_of("account-1", PARTITIONS)
    async with running(group.member()):
        await group.caught_up({mine: 1})
        later = [event("account-1", version, version + 1) for version in (1, 2, 3)]
        await publish(bootstrap, group.topic, later)
        await group.caught_up({mine: 5})
    assert_each_took_effect_once_and_in_order(await group.effects(), ["account-1"], 3)


async def test_a_member_that_was_fenced_begins_again_where_its_successor_stands(bootstrap, group):
    told = story("account-1", versions=6)
    await publish(bootstrap, group.topic, told[:3])
    async with running(group.member()):
        await catch_up(bootstrap, group)
        # A successor took the next two in, of which this member knows nothing.
        moved = (
            "UPDATE progress SET epoch = epoch + 1, next_offset = 5, position = 5"
            " WHERE next_offset = 3"
        )
        assert await group.pool.execute(moved) == "UPDATE 1"
        await publish(bootstrap, group.topic, told[3:])
        await catch_up(bootstrap, group)
    assert await group.effects() == [("account-1", version) for version in (1, 2, 3, 6)]


async def test_a_partition_whose_takeover_failed_is_taken_over_later(
    bootstrap, group, ledger_dsn, logged
):
    await publish(bootstrap, group.topic, story(*STREAMS, versions=2))
    async with running(group.member()):
        await catch_up(bootstrap, group)
    async with (
        connected(ledger_dsn) as outside,
        asyncpg.create_pool(ledger_dsn, server_settings={"lock_timeout": "50ms"}) as impatient,
    ):
        await outside.execute("BEGIN; UPDATE progress SET incarnation = incarnation")
        async with running(replace(group, pool=impatient).member()):

            async def gave_up():
                return any(entry["event"] == "begins again" for entry in logged)

            await until(gave_up, "the takeover failed")
            await outside.execute("ROLLBACK")
            await publish(bootstrap, group.topic, story(*STREAMS, versions=3))
            await catch_up(bootstrap, group)
    assert_each_took_effect_once_and_in_order(await group.effects(), STREAMS, 3)


async def test_a_topic_that_was_refilled_is_read_on_without_doubling(bootstrap, group):
    told = story(*STREAMS, versions=5)
    repeated = [one for one in told for _ in range(3)]
    await publish(bootstrap, group.topic, repeated)
    async with running(group.member()):
        await catch_up(bootstrap, group)
        await delete_topic(bootstrap, group.topic)
        service = group.topic.split(".")[1]
        await ensure_topics(bootstrap, topics_of(service, 3), replication=1)
        more = story(*STREAMS, versions=6)
        await publish(bootstrap, group.topic, more)

        async def six_each():
            return len(await group.effects()) >= 6 * len(STREAMS)

        await until(six_each, "the new events took effect")
    assert_each_took_effect_once_and_in_order(await group.effects(), STREAMS, 6)


async def test_a_topic_that_was_refilled_beyond_the_progress_loses_nothing(bootstrap, group):
    told = story(*STREAMS, versions=5)
    await publish(bootstrap, group.topic, [one for one in told for _ in range(2)])
    async with running(group.member()):
        await catch_up(bootstrap, group)
    # The new topic has no repeats: at the offset where the group stands lies a later event.
    await delete_topic(bootstrap, group.topic)
    service = group.topic.split(".")[1]
    await ensure_topics(bootstrap, topics_of(service, 3), replication=1)
    await publish(bootstrap, group.topic, story(*STREAMS, versions=20))
    async with running(group.member()):
        await catch_up(bootstrap, group)
    assert_each_took_effect_once_and_in_order(await group.effects(), STREAMS, 20)
