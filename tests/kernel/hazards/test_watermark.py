"""No event slips under an announced watermark: what it covers lies on the topic by then."""

import asyncio
import random

import pytest
from ledger import LEDGER, PARTITIONS, SOMEBODY, THEN, MoneyIn, Record, record, stage
from outside import connected, running, until

from deskstream import relay as relaying
from deskstream.aggregate import UnitOfWork
from deskstream.gate import WriteGate
from deskstream.relay import Horizon, Relay
from deskstream.store import Answer, Appendix
from deskstream.topics import events_topic
from deskstream_testing.topics import read_topic, read_watermarks

WRITERS, EACH = 10, 30


async def write_and_dawdle(pool, writer):
    """Each on streams of its own; between the event and its commit passes some time."""
    chance = random.Random(writer)
    for number in range(EACH):
        async with pool.acquire() as connection, connection.transaction():
            await stage(connection, f"account-{writer}-{number % 3}", MoneyIn(amount=1))
            await asyncio.sleep(chance.uniform(0, 0.01))


def slipped_under(watermarks, events, offsets):
    """Events that a watermark says are there, and that lie behind where it says that it ends."""
    return [
        (watermark, event)
        for watermark in watermarks
        for event in events
        if event["recorded_at"] <= watermark.time
        and (
            event["position"] > watermark.position
            or offsets[event["position"]][1] >= watermark.end_offsets[offsets[event["position"]][0]]
        )
    ]


@pytest.fixture
def service(fresh_name):
    return fresh_name("ledger")


@pytest.fixture
def relay(service, ledger_dsn, bootstrap, monkeypatch):
    monkeypatch.setattr(relaying, "TICK", 0.004)
    return Relay(service, ledger_dsn, bootstrap, PARTITIONS, 1, Horizon(), WriteGate())


async def announced(bootstrap, service, moment):
    """Wait until a watermark covers this moment; all that were announced until then."""

    async def covered():
        found = await read_watermarks(bootstrap, service)
        return found if found and found[-1].time > moment else None

    return await until(covered, f"the watermark passes {moment}")


async def offsets_by_position(bootstrap, service):
    arrivals = await read_topic(bootstrap, events_topic(service))
    return {
        one.message.position: (one.record.partition, one.record.offset)
        for one in reversed(arrivals)
    }


async def test_nothing_is_recorded_under_a_watermark_that_is_not_on_the_topic_by_then(
    relay, service, bootstrap, pool
):
    async with running(relay):
        (first,) = await record(pool, "account-first", MoneyIn(amount=1))
        await announced(bootstrap, service, first.recorded_at)
        await asyncio.gather(*(write_and_dawdle(pool, writer) for writer in range(WRITERS)))
        events = await pool.fetch("SELECT position, recorded_at FROM events")
        last = max(event["recorded_at"] for event in events)
        watermarks = await announced(bootstrap, service, last)
    assert len({one.time for one in watermarks if one.time < last}) > 3
    assert [one.time for one in watermarks] == sorted(one.time for one in watermarks)
    offsets = await offsets_by_position(bootstrap, service)
    assert len(offsets) == len(events) == WRITERS * EACH + 1
    assert slipped_under(watermarks, events, offsets) == []


async def test_a_writer_that_commits_late_holds_the_watermark_back(
    relay, service, bootstrap, ledger_dsn, pool
):
    async with connected(ledger_dsn) as late, connected(ledger_dsn) as watcher:
        transaction = late.transaction()
        await transaction.start()
        (event,) = await stage(late, "account-late", MoneyIn(amount=1))
        async with running(relay):

            async def time_has_passed():
                return await watcher.fetchval("SELECT t > $1 FROM relay", event.recorded_at)

            await until(time_has_passed, "the relay has drawn a time that lies behind the event")
            assert all(one.time < event.recorded_at for one in await told(bootstrap, service))
            await transaction.commit()
            watermarks = await announced(bootstrap, service, event.recorded_at)
    offsets = await offsets_by_position(bootstrap, service)
    events = await pool.fetch("SELECT position, recorded_at FROM events")
    assert slipped_under(watermarks, events, offsets) == []


async def test_a_writer_that_waits_between_its_time_and_its_position_holds_the_watermark_back(
    relay, service, bootstrap, ledger_dsn, pool
):
    async with connected(ledger_dsn) as holder, running(relay):
        (first,) = await record(pool, "account-1", MoneyIn(amount=1))
        await announced(bootstrap, service, first.recorded_at)
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute(
            "INSERT INTO answers (key, fingerprint, status, headers, body)"
            " VALUES ('key', '', 201, '{}', '')"
        )
        waiting = asyncio.create_task(write_under_a_key(pool))
        await asyncio.sleep(0.1)
        await transaction.rollback()
        (second,) = await waiting
        watermarks = await announced(bootstrap, service, second.recorded_at)
    offsets = await offsets_by_position(bootstrap, service)
    events = await pool.fetch("SELECT position, recorded_at FROM events")
    assert slipped_under(watermarks, events, offsets) == []


async def write_under_a_key(pool):
    """Its time is drawn before it waits for the key, and its position afterwards."""
    facts = [Appendix("account-keyed", 0, [MoneyIn(amount=1)], SOMEBODY)]
    async with pool.acquire() as connection, connection.transaction():
        return await LEDGER.store.append(connection, facts, [Answer(b"key", b"", 201, {}, "")])


async def told(bootstrap, service):
    async def made():
        try:
            return [await read_watermarks(bootstrap, service)]
        except Exception:  # noqa: BLE001  the relay has not made its topics yet
            return None

    (watermarks,) = await until(made, "the topics are made")
    return watermarks


async def test_whoever_takes_over_announces_nothing_earlier(
    relay, service, bootstrap, ledger_dsn, pool
):
    async with running(relay):
        (first,) = await record(pool, "account-1", MoneyIn(amount=1))
        before = await announced(bootstrap, service, first.recorded_at)
    successor = Relay(service, ledger_dsn, bootstrap, PARTITIONS, 1, Horizon(), WriteGate())
    async with running(successor):
        (second,) = await record(pool, "account-1", MoneyIn(amount=1))
        after = await announced(bootstrap, service, second.recorded_at)
    times = [one.time for one in after]
    assert len(after) > len(before)
    assert times == sorted(times)


async def test_an_event_is_recorded_behind_the_watermark_whatever_the_clock_says(pool):
    """As after a step of the clock backwards: time goes on from where the watermark stands."""
    ahead = await pool.fetchval(
        "UPDATE relay SET t = clock_timestamp() + interval '1 hour' RETURNING t"
    )
    first, second = await record(pool, "account-1", MoneyIn(amount=1), MoneyIn(amount=1))
    assert ahead < first.recorded_at <= second.recorded_at


async def test_a_streams_times_do_not_run_backwards(pool):
    (first,) = await record(pool, "account-1", MoneyIn(amount=1))
    await pool.execute(
        "UPDATE events SET recorded_at = recorded_at + interval '1 hour' WHERE position = $1",
        first.position,
    )
    async with pool.acquire() as connection, connection.transaction():
        unit = UnitOfWork(LEDGER, connection)
        await unit.load(["account-1"])
        for _ in range(2):
            unit.decide("account-1", Record([MoneyIn(amount=1)]), THEN, SOMEBODY)
        await unit.save()
    times = [
        row["recorded_at"]
        for row in await pool.fetch("SELECT recorded_at FROM events ORDER BY version")
    ]
    assert times == sorted(times)


def let_the_databases_clock_jump(monkeypatch):
    ahead = "(clock_timestamp() + interval '1 hour')"
    sql = relaying.ADVANCE_WATERMARK.replace("clock_timestamp()", ahead)
    monkeypatch.setattr(relaying, "ADVANCE_WATERMARK", sql)


async def until_it_moved(relay, times=5):
    seen = relay.horizon.moves

    async def moved():
        return relay.horizon.moves > seen + times

    await until(moved, "the watermark moves")


async def test_a_jump_of_the_clock_while_the_relay_begins_again_is_not_taken_for_time(
    relay, pool, monkeypatch
):
    async with running(relay):
        await until_it_moved(relay)
    let_the_databases_clock_jump(monkeypatch)
    async with running(relay):
        await until_it_moved(relay)
    assert await pool.fetchval("SELECT t - clock_timestamp() < interval '5 seconds' FROM relay")


async def test_time_that_no_relay_measured_is_taken_and_told(relay, pool, logged):
    await pool.execute("UPDATE relay SET t = clock_timestamp() - interval '1 hour'")
    async with running(relay):
        await until_it_moved(relay)
    assert await pool.fetchval("SELECT clock_timestamp() - t < interval '5 seconds' FROM relay")
    (told,) = [entry for entry in logged if entry["event"] == "nobody measured this time"]
    assert 3595 < told["seconds"] < 3605


async def test_a_watermark_says_of_which_database_it_is_true(relay, service, bootstrap, pool):
    async with running(relay):
        (event,) = await record(pool, "account-1", MoneyIn(amount=1))
        watermarks = await announced(bootstrap, service, event.recorded_at)
    assert watermarks[-1].incarnation == await pool.fetchval("SELECT id FROM incarnation")
