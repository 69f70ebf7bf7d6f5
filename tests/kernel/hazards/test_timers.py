"""What is due is done in due order, once, whoever keeps the time and whatever became of them."""

import asyncio
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from ledger import (
    LEDGER,
    SOMEBODY,
    THEN,
    Miss,
    MoneyIn,
    PaymentMissed,
    PaymentPromised,
    Record,
    record,
)
from outside import child, running, until
from prometheus_client import REGISTRY

from deskstream import timekeeper
from deskstream.operating.rebuild import rebuild
from deskstream.timekeeper import DatabaseClock, Timekeeper

LONG_AGO = datetime(2026, 1, 5, 9, tzinfo=UTC)
IN_AN_HOUR = timedelta(hours=1)


def miss(due):
    return Miss(due.name, due.due_at)


@pytest.fixture
def new_keeper(ledger_dsn, pool):
    def make(ownership=None, command=miss):
        mine = ownership or DatabaseClock()
        return Timekeeper(ledger_dsn, pool, LEDGER, mine, command, lambda: None)

    return make


async def promise(pool, stream, due_at, *, name="payment", **more):
    await record(pool, stream, PaymentPromised(name=name, due_at=due_at, **more))


async def missed(pool):
    rows = await pool.fetch(
        "SELECT stream FROM events WHERE type = 'payment.missed.v1' ORDER BY position"
    )
    return [row["stream"] for row in rows]


async def timers(pool):
    rows = await pool.fetch("SELECT stream, due_at FROM timers ORDER BY due_at, stream")
    return [tuple(row) for row in rows]


async def until_missed(pool, *streams):
    async def all_of_them():
        return set(await missed(pool)) >= set(streams)

    await until(all_of_them, f"{streams} are due and done")


async def test_who_was_away_catches_up_in_due_order(pool, new_keeper, monkeypatch):
    monkeypatch.setattr(timekeeper, "BATCH", 7)
    minutes = [17, 3, 11, 2, 19, 5, 13, 7, 1, 16, 4, 12, 8, 18, 6, 14, 9, 10, 15]
    for minute in minutes:
        await promise(pool, f"account-{minute}", LONG_AGO + timedelta(minutes=minute))
    async with running(new_keeper()):
        await until_missed(pool, "account-19")
    assert await missed(pool) == [f"account-{minute}" for minute in sorted(minutes)]
    assert await timers(pool) == []


async def test_an_earlier_timer_wakes_a_keeper_that_sleeps(pool, new_keeper, monkeypatch):
    monkeypatch.setattr(timekeeper, "LONGEST_SLEEP", 600.0)
    now = await pool.fetchval("SELECT clock_timestamp()")
    await promise(pool, "account-later", now + IN_AN_HOUR)
    keeper = new_keeper()
    async with running(keeper):

        async def sleeps():
            return await pool.fetchval("SELECT beat FROM leases WHERE name = 'timers'")

        await until(sleeps, "the keeper has looked once")
        await promise(pool, "account-sooner", now)
        keeper.wake()
        await until_missed(pool, "account-sooner")
    assert await missed(pool) == ["account-sooner"]


async def test_two_keepers_do_everything_once(pool, new_keeper):
    for minute in range(60):
        await promise(pool, f"account-{minute}", LONG_AGO + timedelta(minutes=minute))
    async with running(new_keeper(), new_keeper()):
        await until_missed(pool, *(f"account-{minute}" for minute in range(60)))
    assert await missed(pool) == [f"account-{minute}" for minute in range(60)]


async def test_a_stopped_keeper_is_replaced_and_does_nothing_twice_when_it_comes_back(
    pool, new_keeper, ledger_dsn
):
    async with child("keeper", dsn=ledger_dsn) as former:
        await promise(pool, "account-1", LONG_AGO)
        await until_missed(pool, "account-1")
        former.signal(signal.SIGSTOP)
        await promise(pool, "account-2", LONG_AGO)
        async with running(new_keeper()):
            await until_missed(pool, "account-2")
            epoch = await pool.fetchval("SELECT epoch FROM leases WHERE name = 'timers'")
            former.signal(signal.SIGCONT)

            async def fenced():
                now = await pool.fetchval("SELECT epoch FROM leases WHERE name = 'timers'")
                return now > epoch

            await until(fenced, "the revived owner took the lease anew")
            for number in (3, 4, 5):
                await promise(pool, f"account-{number}", LONG_AGO + number * IN_AN_HOUR)
            await until_missed(pool, "account-5")
    assert await missed(pool) == [f"account-{number}" for number in range(1, 6)]


async def test_a_keeper_that_was_fenced_before_it_began_does_nothing(pool, new_keeper, ledger_dsn):
    """Its successor comes between its look at what is due and its transaction."""
    clock = DatabaseClock()

    class Overtaken:
        async def shares(self, connection):
            (share,) = await clock.shares(connection)
            await pool.execute("UPDATE leases SET epoch = epoch + 1 WHERE name = 'timers'")
            asked.append(share)
            return [share]

    asked = []
    await promise(pool, "account-1", LONG_AGO)
    async with running(new_keeper(Overtaken())):

        async def tried_twice():
            return len(asked) >= 2

        await until(tried_twice, "the keeper has tried")
    assert await missed(pool) == []


async def test_timers_with_nothing_left_to_do_vanish(pool, new_keeper):
    await promise(pool, "account-kept", LONG_AGO, name="paid")
    await promise(pool, "account-due", LONG_AGO + IN_AN_HOUR)

    def nothing_for_what_is_paid(due):
        return None if due.name == "paid" else miss(due)

    async with running(new_keeper(command=nothing_for_what_is_paid)):
        await until_missed(pool, "account-due")
    assert await missed(pool) == ["account-due"]
    assert await timers(pool) == []


class Hesitant:
    """Owns what the database's clock owns, and waits between its look and its transaction."""

    def __init__(self):
        self.looked, self.go_on = asyncio.Event(), asyncio.Event()
        self.clock = DatabaseClock()

    async def shares(self, connection):
        found = await self.clock.shares(connection)
        return [replace(share, fence=self.fence) for share in found]

    async def fence(self, _):
        self.looked.set()
        await self.go_on.wait()


async def test_a_timer_that_is_moved_while_it_is_run_is_not_forgotten(pool, new_keeper):
    """The keeper finds that nothing is to be done at the old time; the new time stands."""
    in_an_hour = await pool.fetchval("SELECT clock_timestamp()") + IN_AN_HOUR
    await promise(pool, "account-1", LONG_AGO)
    hesitant = Hesitant()
    async with running(new_keeper(hesitant)):
        await hesitant.looked.wait()
        await promise(pool, "account-1", in_an_hour)
        hesitant.go_on.set()
        # Another one behind it shows that the keeper has come to the end of its transaction.
        await promise(pool, "account-2", LONG_AGO)
        await until_missed(pool, "account-2")
    assert await missed(pool) == ["account-2"]
    assert await timers(pool) == [("account-1", in_an_hour)]


async def test_a_command_that_comes_first_leaves_the_keeper_nothing_to_do(pool, new_keeper):
    await promise(pool, "account-1", LONG_AGO)
    hesitant = Hesitant()
    async with running(new_keeper(hesitant)):
        await hesitant.looked.wait()
        await record(pool, "account-1", PaymentMissed(name="payment"))
        hesitant.go_on.set()
        await promise(pool, "account-2", LONG_AGO)
        await until_missed(pool, "account-2")
    assert await missed(pool) == ["account-1", "account-2"]
    assert await timers(pool) == []


async def test_what_rests_on_a_parked_stream_waits_for_it(pool, new_keeper):
    await pool.execute(
        'INSERT INTO parked (consumer_group, topic, partition, "offset", stream, type, headers,'
        " body, error) VALUES ('g', 't', 0, 0, 'order-1', 'x', '{}', '', 'broken')"
    )
    await promise(pool, "account-1", LONG_AGO, depends=("order-0", "order-1"))
    await promise(pool, "account-2", LONG_AGO + IN_AN_HOUR, depends=("order-2",))
    async with running(new_keeper()):
        await until_missed(pool, "account-2")
        assert await missed(pool) == ["account-2"]
        await pool.execute("DELETE FROM parked")
        await until_missed(pool, "account-1")


async def test_timers_are_made_again_from_the_events(pool, ledger_dsn):
    await promise(pool, "account-1", LONG_AGO)
    await promise(pool, "account-2", LONG_AGO + IN_AN_HOUR)
    await promise(pool, "account-1", LONG_AGO + 2 * IN_AN_HOUR)
    await record(pool, "account-2", PaymentMissed(name="payment"))
    kept = await timers(pool)
    await pool.execute("DELETE FROM timers")
    await rebuild(ledger_dsn, [LEDGER], "timers")
    assert await timers(pool) == kept == [("account-1", LONG_AGO + 2 * IN_AN_HOUR)]


IMPORT = "import:1"
TOLD = replace(SOMEBODY, source=IMPORT)


async def say(pool, *, frontier=None, ended=False, source=IMPORT):
    """What an import says of its history."""
    now = await pool.fetchval("SELECT clock_timestamp()")
    await pool.execute("SELECT source_told($1, $2, $3, $4)", source, frontier, now, ended)


async def test_a_history_sets_no_timer_off_before_it_is_told_to_its_end(pool, new_keeper):
    for hours in (3, 1, 2):
        told = PaymentPromised(name="payment", due_at=LONG_AGO + hours * IN_AN_HOUR)
        await record(pool, f"account-{hours}", told, origin=TOLD)
    await say(pool, frontier=LONG_AGO + 5 * IN_AN_HOUR)
    await promise(pool, "account-live", LONG_AGO + 4 * IN_AN_HOUR)
    async with running(new_keeper()):
        await until_missed(pool, "account-live")
        assert await missed(pool) == ["account-live"]
        await say(pool, ended=True)
        await until_missed(pool, "account-1", "account-2", "account-3")
    assert await missed(pool) == ["account-live", "account-1", "account-2", "account-3"]
    origins = await pool.fetch(
        "SELECT origin ->> 'source' AS source FROM events WHERE type = 'payment.missed.v1'"
        " AND stream <> 'account-live'"
    )
    assert {row["source"] for row in origins} == {IMPORT}, "what follows from it belongs to it"


async def test_a_history_that_ends_releases_no_other(pool, new_keeper):
    told = PaymentPromised(name="payment", due_at=LONG_AGO)
    await record(pool, "account-1", told, origin=TOLD)
    await record(pool, "account-2", told, origin=replace(TOLD, source="import:2"))
    await say(pool, ended=True)
    async with running(new_keeper()):
        await until_missed(pool, "account-1")
        await promise(pool, "account-live", LONG_AGO)
        await until_missed(pool, "account-live")
    assert await missed(pool) == ["account-1", "account-live"]


async def test_a_timer_that_is_set_anew_from_now_waits_for_no_history(pool, new_keeper):
    told = PaymentPromised(name="payment", due_at=LONG_AGO)
    await record(pool, "account-1", told, origin=TOLD)
    await promise(pool, "account-1", LONG_AGO + IN_AN_HOUR)
    async with running(new_keeper()):
        await until_missed(pool, "account-1")


async def test_what_was_due_in_a_history_counts_for_no_lateness(pool, new_keeper):
    def observed():
        return REGISTRY.get_sample_value("deskstream_timer_lateness_seconds_count")

    before = observed()
    told = PaymentPromised(name="payment", due_at=LONG_AGO)
    await record(pool, "account-1", told, origin=TOLD)
    await say(pool, ended=True)
    await promise(pool, "account-live", LONG_AGO + IN_AN_HOUR)
    async with running(new_keeper()):
        await until_missed(pool, "account-1", "account-live")
    assert observed() == before + 1


async def test_a_frontier_never_goes_back_and_an_end_is_for_good(pool):
    later, sooner = LONG_AGO + IN_AN_HOUR, LONG_AGO
    for words in ({"ended": True}, {"frontier": later}, {"frontier": sooner}):
        await say(pool, **words)
    row = await pool.fetchrow("SELECT frontier, ended FROM sources")
    assert tuple(row) == (later, True)


def test_the_ledger_misses_only_what_is_still_promised():
    assert LEDGER.decider.decide(Miss("payment", LONG_AGO), THEN, LEDGER.decider.initial) == []
    promised = Record([PaymentPromised(name="payment", due_at=LONG_AGO)]).facts
    state = LEDGER.decider.fold(promised)
    assert LEDGER.decider.decide(Miss("payment", LONG_AGO), THEN, state)


async def test_a_timer_that_nothing_clears_is_run_once_all_the_same(pool, new_keeper):
    async def money():
        return await pool.fetchval("SELECT count(*) FROM events WHERE type = 'money.in.v1'")

    async def no_timers():
        return await timers(pool) == []

    await promise(pool, "account-1", LONG_AGO)
    async with running(new_keeper(command=lambda _: Record([MoneyIn(amount=1)]))):
        await until(no_timers, "the timer is gone")
        await asyncio.sleep(0.5)
    assert await money() == 1


async def test_a_timer_of_an_unknown_name_stops_only_itself(pool, new_keeper):
    def knows_only_payment(due):
        if due.name != "payment":
            raise LookupError(due.name)
        return miss(due)

    await promise(pool, "account-1", LONG_AGO, name="renamed")
    await promise(pool, "account-1", LONG_AGO + IN_AN_HOUR)
    await promise(pool, "account-2", LONG_AGO + 2 * IN_AN_HOUR)
    async with running(new_keeper(command=knows_only_payment)):
        await until_missed(pool, "account-1", "account-2")
    row = await pool.fetchrow("SELECT * FROM timers")
    assert (row["name"], row["failed"]) == (
        "renamed",
        "LookupError: LookupError in knows_only_payment",
    )


async def test_a_stream_that_cannot_be_read_stops_only_its_own_timers_until_it_can(
    pool, new_keeper
):
    await promise(pool, "account-1", LONG_AGO)
    await promise(pool, "account-2", LONG_AGO + IN_AN_HOUR)
    await pool.execute("UPDATE events SET type = 'from.the.future' WHERE stream = 'account-1'")
    async with running(new_keeper()):
        await until_missed(pool, "account-2")
        await pool.execute(
            "UPDATE events SET type = 'payment.promised.v1' WHERE type = 'from.the.future'"
        )
        assert await missed(pool) == ["account-2"], "it is tried again after a minute"
        await pool.execute("UPDATE timers SET again_at = clock_timestamp()")
        await until_missed(pool, "account-1")
    assert await timers(pool) == []
