"""A broken event stops its stream and nothing else, until somebody has decided about it."""

import asyncio

import pytest
from consuming import assert_each_took_effect_once_and_in_order, ends_of, note_effects
from ledger import PARTITIONS
from outside import connected, event, publish, running, story, until

from deskstream.cloudevent import partition_of
from deskstream.consuming import progress
from deskstream.consuming.intake import MANY_PARKED, TooManyParked
from deskstream.operating.rewind import rewind

ALL_PARKED = "SELECT * FROM parked ORDER BY id"
STREAMS = [f"account-{number}" for number in range(7)]
SICK, WELL = STREAMS[2], [stream for stream in STREAMS if stream != STREAMS[2]]


def on_partition(partition, count):
    """Names of streams that lie on this partition."""
    names = (f"account-{number}" for number in range(1000))
    return [name for name in names if partition_of(name, PARTITIONS) == partition][:count]


class Hospital:
    """A handler that fails on one event until it is repaired."""

    def __init__(self, stream=SICK, version=2):
        self.sick = (stream, version)

    def repair(self):
        self.sick = None

    async def handle(self, connection, messages):
        if self.sick in {(message.stream, message.version) for message in messages}:
            raise ArithmeticError(self.sick)
        await note_effects(connection, messages)


@pytest.fixture
def hospital():
    return Hospital()


async def catch_up(group):
    await group.caught_up(await ends_of(group))


async def order(group, kind, stream, version):
    """Order something about a parked message, and wait for the outcome."""
    async with group.pool.acquire() as connection:
        parked_id = await connection.fetchval(
            "SELECT id FROM parked WHERE stream = $1 AND headers ->> 'ce_streamversion' = $2",
            stream,
            str(version),
        )
    return await carried_out(group, kind, parked_id)


async def carried_out(group, kind, parked_id):
    async with group.pool.acquire() as connection:
        ordered, *_ = await progress.order(
            connection, kind, parked_id, ("ada", "because"), progress.NOT_KEPT
        )

    async def outcome():
        return await group.pool.fetchval("SELECT outcome FROM orders WHERE id = $1", ordered)

    return await until(outcome, f"the {kind} is carried out")


async def test_others_go_on_and_later_ones_of_the_stream_wait_in_order(group, hospital):
    await publish(group.bootstrap, group.topic, story(*STREAMS, versions=5))
    async with running(group.member(hospital.handle)):
        await catch_up(group)
    effects = await group.effects()
    assert_each_took_effect_once_and_in_order(effects, WELL, 5)
    assert_each_took_effect_once_and_in_order(effects, [SICK], 1)
    assert await group.parked() == [(SICK, version) for version in (2, 3, 4, 5)]
    first, *behind = await group.pool.fetch(ALL_PARKED)
    assert "ArithmeticError" in first["error"]
    assert {row["error"] for row in behind} == {"waits behind a parked event"}


@pytest.mark.parametrize("named", [2, 4])
async def test_a_retry_takes_the_stream_in_from_where_it_stopped(group, hospital, named):
    await publish(group.bootstrap, group.topic, story(*STREAMS, versions=5))
    async with running(group.member(hospital.handle)):
        await catch_up(group)
        assert "ArithmeticError" in await order(group, "retry", SICK, named)
        assert await group.parked() == [(SICK, version) for version in (2, 3, 4, 5)]

        hospital.repair()
        assert await order(group, "retry", SICK, named) == "done"
        assert await group.parked() == []
        await publish(group.bootstrap, group.topic, [event(SICK, 6, 100)])
        await catch_up(group)
    assert_each_took_effect_once_and_in_order(await group.effects(), [SICK], 6)
    kept = await group.pool.fetch("SELECT kind, ordered_by, reason, outcome FROM orders")
    assert [row["outcome"][:6] for row in kept] == ["failed", "done"]
    assert {row["ordered_by"] for row in kept} == {"ada"}


async def test_a_skip_lets_go_of_one_event_and_of_those_that_waited_for_it(group, hospital):
    await publish(group.bootstrap, group.topic, story(*STREAMS, versions=4))
    async with running(group.member(hospital.handle)):
        await catch_up(group)
        assert await order(group, "skip", SICK, 2) == "done"
        assert await group.parked() == []
        await publish(group.bootstrap, group.topic, [event(SICK, 5, 100)])
        await catch_up(group)
    effects = await group.effects()
    assert [version for stream, version in effects if stream == SICK] == [1, 3, 4, 5]
    assert_each_took_effect_once_and_in_order(effects, WELL, 4)


async def test_a_skip_stands_even_if_the_next_one_is_broken_too(group, hospital):
    await publish(group.bootstrap, group.topic, story(SICK, versions=4))
    async with running(group.member(hospital.handle)):
        await catch_up(group)
        hospital.sick = (SICK, 3)
        assert "ArithmeticError" in await order(group, "skip", SICK, 2)
    assert await group.parked() == [(SICK, 3), (SICK, 4)]


async def test_what_waits_still_waits_after_a_restart(group, hospital):
    told = story(*STREAMS, versions=4)
    await publish(group.bootstrap, group.topic, told[:21])
    async with running(group.member(hospital.handle)):
        await catch_up(group)
    hospital.repair()
    async with running(group.member(hospital.handle)):
        await publish(group.bootstrap, group.topic, told[21:])
        await catch_up(group)
        assert await group.parked() == [(SICK, version) for version in (2, 3, 4)]


async def test_what_an_error_says_holds_nothing_of_the_body(group, logged):
    """Whoever operates sees it, and may not see restricted tickets."""

    async def tell_all(_, messages):
        message = f"cannot handle {messages[0].body}"
        raise ArithmeticError(message)

    told = event("account-1", 1, 1, {"amount": "a secret"})
    await publish(group.bootstrap, group.topic, [told])
    async with running(group.member()):
        await catch_up(group)
        outcome = await order(group, "retry", "account-1", 1)
    await publish(group.bootstrap, group.topic, [event("account-2", 1, 2, {"amount": "a secret"})])
    async with running(group.member(tell_all)):
        await catch_up(group)
    first, second = [row["error"] for row in await group.pool.fetch(ALL_PARKED)]
    assert outcome == f"failed: {first}"
    assert first == "Unreadable: int_parsing at amount"
    assert second == "ArithmeticError: ArithmeticError in tell_all"
    assert "a secret" not in str(logged)
    (entry,) = [one for one in logged if one.get("because") == second]
    assert "in tell_all" in entry["way"]


async def test_what_nobody_knows_or_goes_in_circles_is_parked(group):
    told = [
        event("account-1", 1, 1),
        event("account-2", 1, 2, name="money.burnt.v1"),
        event("account-3", 1, 3, name="account.opened.v1"),
        event("account-4", 1, 4, depth=17),
        event("account-5", 1, 5, depth=16),
        event("account-6", 1, 6, {"amount": "much"}),
    ]
    await publish(group.bootstrap, group.topic, told)
    async with running(group.member()):
        await catch_up(group)
    assert {stream for stream, _ in await group.effects()} == {"account-1", "account-5"}
    assert {stream for stream, _ in await group.parked()} == {"account-2", "account-4", "account-6"}


async def test_a_record_that_is_no_event_is_parked_and_believed_in_nothing(group):
    told = story("account-1", versions=6)
    nonsense = [
        told[0].having(ce_position=None, ce_subject=None),
        told[0].having(ce_streamversion="two", ce_position="1"),
        told[0].having(ce_streamversion="two", ce_position="4000000000"),
        told[0].without_headers(),
        told[0].without_body(),
        told[0].under_key(b"\x00\xff"),
        told[0].having(ce_type="a\x00b", ce_position=None),
        told[0].with_an_empty_header("ce_time"),
    ]
    where = partition_of("account-1", PARTITIONS)
    await publish(group.bootstrap, group.topic, told[:3])
    await publish(group.bootstrap, group.topic, nonsense, partition=where, key=b"nobody")
    # A truth repeated after them is a repeat all the same, and what is new is new.
    await publish(group.bootstrap, group.topic, told)
    async with running(group.member()):
        await catch_up(group)
    assert_each_took_effect_once_and_in_order(await group.effects(), ["account-1"], 6)
    assert len(await group.parked()) == len(nonsense) - 1  # one is a mere repeat under another key


async def test_a_skip_of_what_cannot_be_read_stands_after_a_takeover(group):
    """What the last record claims of its position is not believed, or all would be read again."""
    (mine,) = on_partition(0, 1)
    broken = event(mine, 9, 9).having(ce_streamversion="two")
    await publish(group.bootstrap, group.topic, [*story(mine, versions=2), broken])
    async with running(group.member()):
        await catch_up(group)
        (row,) = await group.pool.fetch(ALL_PARKED)
        assert await carried_out(group, "skip", row["id"]) == "done"
    async with running(group.member()):
        await publish(group.bootstrap, group.topic, [event(mine, 3, 3)])
        await catch_up(group)
    assert await group.parked() == []
    assert_each_took_effect_once_and_in_order(await group.effects(), [mine], 3)


async def test_a_retry_is_no_way_around_a_circle(group):
    await publish(group.bootstrap, group.topic, [event("account-1", 1, 1, depth=17)])
    async with running(group.member()):
        await catch_up(group)
        assert "TooDeep" in await order(group, "retry", "account-1", 1)
    assert await group.effects() == []


async def test_an_error_that_passes_never_parks(group, ledger_dsn):
    async def in_a_hurry(connection, messages):
        await connection.execute("SET LOCAL lock_timeout = '20ms'")
        await note_effects(connection, messages)

    await publish(group.bootstrap, group.topic, story(*STREAMS, versions=3))
    async with connected(ledger_dsn) as outside:
        await outside.execute("BEGIN; LOCK TABLE effects")
        async with running(group.member(in_a_hurry)):

            async def began_again():
                return await group.pool.fetchval("SELECT max(epoch) >= 3 FROM progress")

            await until(began_again, "the consumer has tried several times")
            await outside.execute("ROLLBACK")
            await catch_up(group)
    assert await group.parked() == []
    assert_each_took_effect_once_and_in_order(await group.effects(), STREAMS, 3)


async def test_when_much_is_parked_the_consumer_stops_because_the_fault_is_its_own(group):
    async def broken(connection, messages):
        raise ArithmeticError

    streams = [f"account-{number}" for number in range(3 * MANY_PARKED)]
    await publish(group.bootstrap, group.topic, story(*streams, versions=1))
    member = group.member(broken)
    with pytest.raises(TooManyParked):
        await asyncio.wait_for(member.run(), 30)
    assert len(await group.parked()) == MANY_PARKED
    assert sum((await group.progress()).values()) == MANY_PARKED


async def test_a_missing_version_stops_its_partition_and_no_other_until_it_is_rewound(group):
    (holed,), (whole,) = on_partition(0, 1), on_partition(1, 1)
    await publish(group.bootstrap, group.topic, story(holed, whole, versions=2))
    member = group.member()
    async with running(member):
        await catch_up(group)
        await publish(group.bootstrap, group.topic, [event(holed, 4, 50), event(whole, 3, 51)])

        async def halted():
            return await group.pool.fetchval("SELECT halted FROM progress WHERE partition = 0")

        assert "version 2 to 4" in await until(halted, "the partition is stopped")
        await group.caught_up({1: 3})
        await publish(group.bootstrap, group.topic, [event(holed, 5, 52), event(holed, 6, 54)])

        async def three_behind():
            return member.lag == {one: 3 * (one.partition == 0) for one in group.partitions()}

        await until(three_behind, "the lag of the stopped partition grows")
    async with running(group.member()):
        await publish(group.bootstrap, group.topic, [event(whole, 4, 53)])
        await group.caught_up({1: 4})
        assert await group.progress() == {0: 2, 1: 4, 2: 0}
        async with group.pool.acquire() as connection, connection.transaction():
            await rewind(connection, group.name, {(group.topic, 0): 2}, ("ada", "it is known"))
        await group.caught_up({0: 5, 1: 4})
    versions = [version for stream, version in await group.effects() if stream == holed]
    assert versions == [1, 2, 4, 5, 6]
    (note,) = await group.pool.fetch("SELECT * FROM orders")
    told = ("rewind", 0, "offset 2", "ada", "it is known", "done")
    columns = ("kind", "partition", "subject", "ordered_by", "reason", "outcome")
    assert tuple(note[name] for name in columns) == told
