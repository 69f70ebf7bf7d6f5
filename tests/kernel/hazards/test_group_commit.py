"""Requests that commit together: each keeps its own outcome, and none is done twice."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from ledger import LEDGER, SOMEBODY, MoneyIn, all_events
from outside import connected, until

from deskstream.answers import Answer
from deskstream.database import TRANSIENT
from deskstream.gate import WriteGate
from deskstream.http import groupcommit
from deskstream.http.groupcommit import WRITERS, GroupCommit
from deskstream.store import AnsweredBefore, Appendix, VersionConflict


@pytest.fixture
def commits(pool):
    return GroupCommit(LEDGER, pool, WriteGate())


def told(stream, base=0, amount=1):
    return [Appendix(stream, base, [MoneyIn(amount=amount)], SOMEBODY)]


def answer(key):
    return Answer(key, b"body", 201, {}, "account")


@asynccontextmanager
async def writers_held_up(dsn, commits):
    """While the block lasts whoever wants to append has to wait, so that the others queue."""
    async with connected(dsn) as blocker, connected(dsn) as watcher:
        await blocker.execute("BEGIN; LOCK TABLE events IN EXCLUSIVE MODE")
        first = [asyncio.create_task(commits.record(told(f"account-w{n}"))) for n in range(WRITERS)]

        async def all_wait():
            return await watcher.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") == len(
                first
            )

        await until(all_wait, "the writers wait")
        yield
        await blocker.execute("COMMIT")
        await asyncio.gather(*first)


async def outcomes(dsn, commits, *requests):
    """What becomes of requests that queue behind writers which were held up."""
    async with writers_held_up(dsn, commits):
        waiting = [asyncio.create_task(commits.record(*request)) for request in requests]
        await asyncio.sleep(0)
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_those_who_wait_share_a_transaction_and_get_their_own_events(
    ledger_dsn, pool, commits
):
    requests = [(told(f"account-{n}", amount=n + 1), answer(b"k%d" % n)) for n in range(20)]
    recorded = await outcomes(ledger_dsn, commits, *requests)
    assert [[(one.stream, one.fact.amount) for one in events] for events in recorded] == [
        [(f"account-{n}", n + 1)] for n in range(20)
    ]
    assert await pool.fetchval("SELECT count(DISTINCT xmin::text) FROM events") == WRITERS + 1
    assert await pool.fetchval("SELECT count(*) FROM answers") == len(requests)
    assert await pool.fetchval("SELECT count(*) FROM balances") == WRITERS + len(requests)


async def test_only_who_broke_a_rule_hears_of_it(ledger_dsn, pool, commits):
    await commits.record(told("account-1"), answer(b"used"))
    first, again, late, last = await outcomes(
        ledger_dsn,
        commits,
        (told("account-2"), answer(b"fresh")),
        (told("account-3"), answer(b"used")),
        (told("account-1"), answer(b"other")),
        (told("account-4"), None),
    )
    assert [one.stream for one in first + last] == ["account-2", "account-4"]
    assert isinstance(again, AnsweredBefore)
    assert isinstance(late, VersionConflict)
    keys = await pool.fetch("SELECT key FROM answers ORDER BY key")
    assert [bytes(row["key"]) for row in keys] == [b"fresh", b"used"]


async def test_of_two_for_one_stream_one_wins(ledger_dsn, pool, commits):
    *rivals, other = await outcomes(
        ledger_dsn,
        commits,
        (told("account-1", amount=1),),
        (told("account-1", amount=2),),
        (told("account-2", amount=3),),
    )
    assert other[0].fact.amount == 3
    assert sorted(type(one).__name__ for one in rivals) == ["VersionConflict", "list"]
    assert ("account-1", 1) in [(stream, version) for _, stream, version in await all_events(pool)]


async def test_who_goes_away_disturbs_nobody(ledger_dsn, pool, commits):
    async with writers_held_up(ledger_dsn, commits):
        leaving, staying = (
            asyncio.create_task(commits.record(told(f"account-{n}"))) for n in (1, 2)
        )
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.sleep(0)
    assert [one.stream for one in await staying] == ["account-2"]


async def test_what_may_have_been_recorded_is_not_tried_again(ledger_dsn, pool, commits):
    """The server goes away in the middle of the commit: nobody can say what became of it."""
    async with server_going_away_in_the_commit_of(pool, "account-1"):
        found = await outcomes(ledger_dsn, commits, (told("account-1"),), (told("account-2"),))
    assert all(isinstance(one, TRANSIENT) for one in found)
    assert "account-2" not in [stream for _, stream, _ in await all_events(pool)]


@asynccontextmanager
async def server_going_away_in_the_commit_of(pool, account):
    await pool.execute(
        f"""
        CREATE FUNCTION go_away() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER goes_away AFTER INSERT ON balances DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.account = '{account}') EXECUTE FUNCTION go_away();
        """
    )
    try:
        yield
    finally:
        await pool.execute("DROP TRIGGER goes_away ON balances; DROP FUNCTION go_away")


async def test_who_comes_as_the_last_writer_ends_is_not_left_waiting(pool, commits, monkeypatch):
    monkeypatch.setattr(groupcommit, "WRITERS", 1)
    async with asyncio.timeout(10):
        for n in range(3):
            await commits.record(told(f"account-{n}"))
