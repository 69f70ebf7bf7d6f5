"""A policy acts once on one cause and one target, however often it is told."""

import pytest
from consuming import ends_of
from ledger import LEDGER, MoneyIn, Record, all_events, stage
from outside import connected, event, is_waiting_for_a_lock, publish, running, story, until

from deskstream.cloudevent import Message
from deskstream.consuming.policy import PolicyHandler
from deskstream.decider import Intent
from deskstream.observe import correlation
from deskstream.operating.rewind import rewind

STREAMS = [f"order-{number}" for number in range(5)]


def account_of(message):
    return f"account-of-{message.stream}"


async def pay_in(_, messages):
    return [[Intent(account_of(one), Record([MoneyIn(amount=1)]))] for one in messages]


async def pay_in_and_again(_, messages):
    once = Record([MoneyIn(amount=1)])
    return [[Intent(account_of(one), once), Intent(account_of(one), once)] for one in messages]


@pytest.fixture
def member(group):
    def make(react):
        return group.member(PolicyHandler("payer", LEDGER, react))

    return make


async def catch_up(group):
    await group.caught_up(await ends_of(group))


async def test_a_policy_that_reads_everything_again_acts_no_second_time(group, member, pool):
    await publish(group.bootstrap, group.topic, story(*STREAMS, versions=4))
    async with running(member(pay_in)):
        await catch_up(group)
        acted = await all_events(pool)
        assert len(acted) == 4 * len(STREAMS)
        async with pool.acquire() as connection, connection.transaction():
            start = {(one.topic, one.partition): 0 for one in group.partitions()}
            await rewind(connection, group.name, start, ("ada", "to see"))
        await publish(group.bootstrap, group.topic, [event(STREAMS[0], 5, 100)])
        await catch_up(group)
    assert len(await all_events(pool)) == len(acted) + 1
    assert await group.parked() == []


async def test_who_waits_for_new_events_is_told_of_them_after_the_commit(group, pool):
    told, told_before = [], []
    handler = PolicyHandler("payer", LEDGER, pay_in)

    async def handle(connection, messages):
        await handler(connection, messages)
        told_before.extend(told)

    await publish(group.bootstrap, group.topic, [event("order-1", 1, 1)])
    async with running(group.member(handle, committed=lambda: told.append(True))):
        await catch_up(group)
    assert len(await all_events(pool)) == 1
    assert (told_before, told) == ([], [True])


async def test_what_comes_after_a_message_is_not_logged_as_of_its_story(pool):
    correlation.set("my own")
    told = event("order-1", 1, 1)
    message = Message.of(told.headers, told.body)
    async with pool.acquire() as connection, connection.transaction():
        await PolicyHandler("payer", LEDGER, pay_in)(connection, [message])
    assert correlation.get() == "my own"


async def test_both_of_two_acts_on_one_target_take_place(group, member, pool):
    await publish(group.bootstrap, group.topic, [event("order-1", 1, 1)])
    async with running(member(pay_in_and_again)):
        await catch_up(group)
    assert [version for _, _, version in await all_events(pool)] == [1, 2]
    assert await group.parked() == []


async def test_a_policy_that_was_too_late_on_a_stream_tries_again(group, member, pool, ledger_dsn):
    async with running(member(pay_in)), connected(ledger_dsn) as outside:
        transaction = outside.transaction()
        await transaction.start()
        await stage(outside, "account-of-order-1", MoneyIn(amount=5))
        await publish(group.bootstrap, group.topic, [event("order-1", 1, 1)])

        async def waits():
            async with connected(ledger_dsn) as watcher:
                return await is_waiting_for_a_lock(watcher, statement="append_together")

        await until(waits, "the policy writes the version that somebody else has written")
        await transaction.commit()
        await catch_up(group)
    assert [version for _, _, version in await all_events(pool)] == [1, 2]
    assert await group.parked() == []
    assert await pool.fetchval("SELECT balance FROM balances") == 6
