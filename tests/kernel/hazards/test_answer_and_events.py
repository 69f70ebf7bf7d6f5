"""The answer kept under an Idempotency-Key and its events are recorded together or not at all."""

import asyncio

import pytest
from ledger import LEDGER, SOMEBODY, MoneyIn, all_events, record
from outside import connected, is_waiting_for_a_lock, until

from deskstream.store import Answer, AnsweredBefore, Appendix, VersionConflict

ANSWER = Answer(b"ada POST /accounts k1", b"digest", 201, {"ETag": '"1"'}, "account-1")


async def write(connection, stream="account-1", answer=ANSWER):
    told = [Appendix(stream, 0, [MoneyIn(amount=1)], SOMEBODY)]
    return await LEDGER.store.append(connection, told, [answer])


async def answers(pool):
    return [bytes(row["key"]) for row in await pool.fetch("SELECT key FROM answers")]


async def test_a_crash_before_the_commit_leaves_neither(ledger_dsn, pool):
    async with connected(ledger_dsn) as victim:
        await victim.execute("BEGIN")
        await write(victim)
        pid = victim.get_server_pid()
        await pool.execute("SELECT pg_terminate_backend($1, 5000)", pid)
    assert (await all_events(pool), await answers(pool)) == ([], [])
    async with pool.acquire() as connection, connection.transaction():
        await write(connection)
    assert (len(await all_events(pool)), await answers(pool)) == (1, [ANSWER.key])


async def test_after_the_commit_the_same_key_is_answered_and_writes_nothing(pool):
    async with pool.acquire() as connection, connection.transaction():
        await write(connection)
    with pytest.raises(AnsweredBefore):
        async with pool.acquire() as connection, connection.transaction():
            await write(connection, "account-2")
    assert (len(await all_events(pool)), await answers(pool)) == (1, [ANSWER.key])


async def test_of_two_at_once_one_writes_and_the_other_learns_of_it(ledger_dsn, pool):
    async with (
        connected(ledger_dsn) as first,
        connected(ledger_dsn) as second,
        connected(ledger_dsn) as watcher,
    ):
        for writer in (first, second):
            await writer.execute("BEGIN")
        await write(first)
        waiting = asyncio.create_task(write(second, "account-2"))
        await until(lambda: is_waiting_for_a_lock(watcher), "the second waits for the first")
        await first.execute("COMMIT")
        with pytest.raises(AnsweredBefore):
            await waiting
        await second.execute("ROLLBACK")
    assert (len(await all_events(pool)), await answers(pool)) == (1, [ANSWER.key])


async def test_a_refused_version_keeps_no_answer(pool):
    await record(pool, "account-1", MoneyIn(amount=1))
    with pytest.raises(VersionConflict):
        async with pool.acquire() as connection, connection.transaction():
            await write(connection)
    assert await answers(pool) == []


async def test_a_refusal_is_kept_without_events(pool):
    async with pool.acquire() as connection, connection.transaction():
        assert await LEDGER.store.append(connection, [], [ANSWER]) == []
    assert (await all_events(pool), await answers(pool)) == ([], [ANSWER.key])


async def test_a_key_may_be_used_again_after_a_day(pool):
    async with pool.acquire() as connection, connection.transaction():
        await write(connection)
    await pool.execute("UPDATE answers SET answered_at = answered_at - interval '25 hours'")
    async with pool.acquire() as connection, connection.transaction():
        await write(connection, "account-2")
    assert (len(await all_events(pool)), await answers(pool)) == (2, [ANSWER.key])
