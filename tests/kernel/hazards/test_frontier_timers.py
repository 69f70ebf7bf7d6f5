"""A timer by other services' time waits until nothing can still arrive from before it is due."""

from datetime import timedelta

import pytest
from aiokafka import AIOKafkaProducer
from consuming import Group, ends_of
from ledger import EARLIER, LEDGER, PARTITIONS, PaymentPromised, record
from outside import event, make_topics, publish, running, until
from test_timers import IMPORT, TOLD, miss, missed, until_missed

from deskstream.cloudevent import partition_of
from deskstream.consuming.frontier import Frontier, WatermarkReader
from deskstream.timekeeper import Timekeeper
from deskstream.timer import Basis
from deskstream.topics import watermarks_topic
from deskstream.watermark import Watermark

ORDER = "order-1"
MINE = partition_of(ORDER, PARTITIONS)
DUE, LATER = EARLIER, EARLIER + timedelta(hours=1)


class World:
    """Two other services: orders, whose partitions own the timers, and rules, known as a whole."""

    def __init__(self, pool, dsn, bootstrap, names):
        self.pool, self.dsn, self.bootstrap = pool, dsn, bootstrap
        self.orders, self.rules, self.here = names

    async def begin(self):
        topics = [await make_topics(self.bootstrap, one) for one in (self.orders, self.rules)]
        self.of_orders = Group(self.pool, self.bootstrap, f"{self.here}-o", topics[0])
        self.of_rules = Group(self.pool, self.bootstrap, f"{self.here}-r", topics[1])
        self.member, self.other_member = self.of_orders.member(), self.of_rules.member()
        self.watermarks = WatermarkReader(self.bootstrap, [self.orders, self.rules])
        frontier = Frontier(
            self.watermarks,
            self.member.partitions,
            topics[0],
            [(self.of_rules.name, topics[1])],
        )
        self.keeper = Timekeeper(self.dsn, self.pool, LEDGER, frontier, miss, lambda: None)

    async def announce(self, service, time, ends):
        """What a relay says: up to this time all lies before these offsets."""
        told = Watermark(time=time, position=sum(ends.values()), end_offsets=ends)
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap) as producer:
            topic = watermarks_topic(service)
            await producer.send_and_wait(topic, told.to_bytes(), key=service.encode())

        async def heard():
            return self.watermarks.latest(f"itsm.{service}.events.v1") == time

        await until(heard, f"the watermark of {service} is heard")

    async def a_timer_on_this_partition_has_run(self, name):
        """One that is due long before shows that the keeper has looked since."""
        due = DUE - timedelta(days=1)
        await promise(self.pool, name, due)
        await until_missed(self.pool, name)


@pytest.fixture
async def world(pool, ledger_dsn, bootstrap, fresh_name):
    names = [fresh_name(stem) for stem in ("orders", "rules", "here")]
    world = World(pool, ledger_dsn, bootstrap, names)
    await world.begin()
    return world


async def promise(pool, stream, due_at):
    await record(
        pool,
        stream,
        PaymentPromised(name="payment", due_at=due_at, basis=Basis.FRONTIER, depends=(ORDER,)),
    )


NOWHERE = dict.fromkeys(range(PARTITIONS), 0)
LONG_BEFORE = DUE - timedelta(hours=12)


async def test_both_watermarks_and_all_that_lies_before_them_have_to_be_there(world, pool):
    await promise(pool, "account-1", DUE)
    async with running(world.watermarks, world.member, world.other_member, world.keeper):
        await world.announce(world.rules, LONG_BEFORE, NOWHERE)
        await world.announce(world.orders, LATER, NOWHERE)
        await world.a_timer_on_this_partition_has_run("account-a")
        assert "account-1" not in await missed(pool), "the rules may still change before it is due"

        await world.announce(world.rules, LATER, {**NOWHERE, MINE: 1})
        await world.a_timer_on_this_partition_has_run("account-b")
        assert "account-1" not in await missed(pool), "a rule from before has not been read"

        await publish(world.bootstrap, world.of_rules.topic, [event(ORDER, 1, 1)])
        await until_missed(pool, "account-1")


async def test_the_partition_itself_has_to_be_read_up_to_the_watermark(world, pool):
    await promise(pool, "account-1", DUE)
    async with running(world.watermarks, world.member, world.other_member, world.keeper):
        await world.announce(world.rules, LATER, NOWHERE)
        await world.announce(world.orders, LONG_BEFORE, NOWHERE)
        await world.announce(world.orders, LATER, {**NOWHERE, MINE: 1})
        await world.a_timer_on_this_partition_has_run("account-a")
        assert "account-1" not in await missed(pool), "an event from before has not been read"

        await publish(world.bootstrap, world.of_orders.topic, [event(ORDER, 1, 1)])
        await until_missed(pool, "account-1")
    assert (await missed(pool)).count("account-1") == 1


async def test_another_partition_that_lags_holds_nothing_back(world, pool):
    await promise(pool, "account-1", DUE)
    other = (MINE + 1) % PARTITIONS
    async with running(world.watermarks, world.member, world.other_member, world.keeper):
        await world.announce(world.rules, LATER, NOWHERE)
        await world.announce(world.orders, LATER, {**NOWHERE, other: 5})
        await until_missed(pool, "account-1")


async def test_a_timer_waits_while_an_event_of_its_stream_is_parked(world, pool):
    await promise(pool, "account-1", DUE)
    broken = event(ORDER, 1, 1, {"amount": "much"})
    await publish(world.bootstrap, world.of_orders.topic, [broken])
    async with running(world.member):
        await world.of_orders.caught_up(await ends_of(world.of_orders))
    assert await world.of_orders.parked() == [(ORDER, 1)]
    async with running(world.watermarks, world.member, world.other_member, world.keeper):
        await world.announce(world.rules, LATER, NOWHERE)
        await world.announce(world.orders, LATER, {**NOWHERE, MINE: 1})
        await record(
            pool,
            "account-2",
            PaymentPromised(
                name="payment", due_at=DUE, basis=Basis.FRONTIER, depends=(neighbour(ORDER),)
            ),
        )
        await until_missed(pool, "account-2")
        assert "account-1" not in await missed(pool)
        await pool.execute("DELETE FROM parked")
        await until_missed(pool, "account-1")


def neighbour(stream):
    """Another stream of the same partition."""
    names = (f"order-{number}" for number in range(2, 1000))
    return next(one for one in names if partition_of(one, PARTITIONS) == MINE and one != stream)


async def test_two_monitors_share_no_timer(world, pool, ledger_dsn):
    """Each partition's timers are run by whoever reads it, and by nobody else."""
    for number in range(40):
        await record(
            pool,
            f"account-{number}",
            PaymentPromised(
                name="payment",
                due_at=DUE,
                basis=Basis.FRONTIER,
                depends=(f"order-{number}",),
            ),
        )
    twin = world.of_orders.member()
    frontier = Frontier(
        world.watermarks,
        twin.partitions,
        world.of_orders.topic,
        [(world.of_rules.name, world.of_rules.topic)],
    )
    keeper = Timekeeper(ledger_dsn, pool, LEDGER, frontier, miss, lambda: None)
    async with running(
        world.watermarks, world.member, twin, world.other_member, world.keeper, keeper
    ):
        await world.announce(world.rules, LATER, NOWHERE)
        await world.announce(world.orders, LATER, NOWHERE)
        await until_missed(pool, *(f"account-{number}" for number in range(40)))
    assert len(await missed(pool)) == 40


async def tell(pool, stream, due_at):
    told = PaymentPromised(name="payment", due_at=due_at, basis=Basis.FRONTIER, depends=(ORDER,))
    await record(pool, stream, told, origin=TOLD)


async def test_a_history_is_due_up_to_its_frontier_and_by_no_clock(world, pool):
    await tell(pool, "account-1", DUE)
    await tell(pool, "account-2", LATER)
    async with running(world.watermarks, world.member, world.other_member, world.keeper):
        now = await pool.fetchval("SELECT clock_timestamp()")
        await world.announce(world.rules, now, NOWHERE)
        await world.announce(world.orders, now, NOWHERE)
        await world.a_timer_on_this_partition_has_run("account-a")
        assert await missed(pool) == ["account-a"], "nobody has said how far the history is told"

        await pool.execute("SELECT source_told($1, $2, $3, false)", IMPORT, DUE, now)
        await until_missed(pool, "account-1")
        await world.a_timer_on_this_partition_has_run("account-b")
        assert "account-2" not in await missed(pool), "the frontier lies before it"

        await pool.execute("SELECT source_told($1, NULL, $2, true)", IMPORT, now)
        await until_missed(pool, "account-2")


async def test_a_frontier_holds_only_where_all_before_its_announcement_is_known(world, pool):
    """What was told before it may still be on its way, on another partition than the frontier."""
    await tell(pool, "account-1", DUE)
    async with running(world.watermarks, world.member, world.other_member, world.keeper):
        now = await pool.fetchval("SELECT clock_timestamp()")
        announced_at = now - timedelta(minutes=1)
        await pool.execute("SELECT source_told($1, $2, $3, false)", IMPORT, LATER, announced_at)
        await world.announce(world.rules, now, NOWHERE)
        await world.announce(world.orders, announced_at - timedelta(minutes=1), NOWHERE)
        await world.announce(world.orders, now, {**NOWHERE, MINE: 1})
        await world.a_timer_on_this_partition_has_run("account-a")
        assert await missed(pool) == ["account-a"]

        await publish(world.bootstrap, world.of_orders.topic, [event(ORDER, 1, 1)])
        await until_missed(pool, "account-1")


async def test_who_lags_goes_by_the_frontiers_whose_announcements_it_has_come_past(world, pool):
    """They come every few seconds: who waited to come past the newest would wait for the end."""
    await tell(pool, "account-1", DUE)
    await tell(pool, "account-2", LATER)
    async with running(world.watermarks, world.member, world.other_member, world.keeper):
        now = await pool.fetchval("SELECT clock_timestamp()")
        behind = now - timedelta(minutes=1)
        for until_then, at in ((DUE, behind), (LATER, now)):
            await pool.execute("SELECT source_told($1, $2, $3, false)", IMPORT, until_then, at)
        await world.announce(world.rules, now, NOWHERE)
        await world.announce(world.orders, behind, NOWHERE)
        await until_missed(pool, "account-1")
        await pool.execute("SELECT source_told($1, NULL, $2, true)", IMPORT, now)
        await world.a_timer_on_this_partition_has_run("account-a")
        assert "account-2" not in await missed(pool), "what is told after it came past may undo it"

        await world.announce(world.orders, now, NOWHERE)
        await until_missed(pool, "account-2")
