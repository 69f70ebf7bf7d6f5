"""Old stored forms lie beside today's everywhere, and whoever reads sees today's alone."""

import json
from datetime import timedelta

import pytest
from consuming import ends_of
from ledger import CODEC, EARLIER, LEDGER, Balances, MoneyIn, record
from outside import event, publish, running

from deskstream.aggregate import Aggregate
from deskstream.codec import Codec, UnknownType, Unreadable, Upcaster
from deskstream.decider import Fact
from deskstream.operating.rebuild import rebuild
from deskstream.store import settled_position


def in_cents(fields):
    return {"cents": fields["amount"] * 100}


def from_cents(fields):
    return {"amount": fields["cents"] // 100, "since": "v3"}


NEWER = Codec(
    {**{n: t for n, t in CODEC.names.items() if t is not MoneyIn}, "money.in.v3": MoneyIn},
    {
        "money.in.v1": Upcaster("money.in.v2", in_cents),
        "money.in.v2": Upcaster("money.in.v3", from_cents),
    },
)
TODAY = Aggregate(LEDGER.decider, NEWER, (Balances(),))
STORED = [
    ("money.in.v1", {"amount": 1}),
    ("money.in.v2", {"cents": 200}),
    ("money.in.v3", {"amount": 3}),
    ("money.in.v1", {"amount": 4}),
]


@pytest.fixture
async def mixed(pool):
    """A stream of all versions, as years leave it."""
    told = await record(pool, "account-1", *(MoneyIn(amount=0) for _ in STORED))
    for one, (name, data) in zip(told, STORED, strict=True):
        await pool.execute(
            "UPDATE events SET type = $1, data = $2 WHERE position = $3",
            name,
            json.dumps(data),
            one.position,
        )
    await pool.execute("UPDATE balances SET balance = 10")


async def test_a_stream_is_loaded_in_todays_form(pool, mixed):
    loaded = await TODAY.store.load(pool, "account-1")
    assert [one.fact.amount for one in loaded] == [1, 2, 3, 4]
    assert [one.type for one in loaded] == [name for name, _ in STORED]
    assert TODAY.fold(loaded).balance == 10


async def test_what_is_written_today_is_written_in_todays_form(pool):
    assert NEWER.encode(MoneyIn(amount=5)) == ("money.in.v3", '{"amount":5}')


async def test_the_feed_tells_todays_form(pool, mixed):
    async with pool.acquire() as connection:
        up_to = await settled_position(connection)
        told = [one async for batch in TODAY.store.feed(connection, 0, up_to) for one in batch]
    assert [one.fact.amount for one in told] == [1, 2, 3, 4]


async def test_a_rebuild_takes_all_versions_in(ledger_dsn, pool, mixed):
    await pool.execute("UPDATE balances SET balance = 0")
    await rebuild(ledger_dsn, [TODAY], "balances")
    assert await pool.fetchval("SELECT balance FROM balances") == 10


async def test_a_consumer_takes_all_versions_in(group):
    seen = []

    async def add_up(_, messages):
        seen.extend(NEWER.decode(one.type, one.body, one.occurred_at).amount for one in messages)

    told = [
        event("account-1", nth, nth, {**data, "from a later version": 1}, name=name)
        for nth, (name, data) in enumerate(STORED, start=1)
    ]
    await publish(group.bootstrap, group.topic, told)
    async with running(group.member(add_up, handled=NEWER.stored_names)):
        await group.caught_up(await ends_of(group))
    assert seen == [1, 2, 3, 4]


async def test_an_unknown_name_is_a_clear_error(pool, mixed):
    await pool.execute("UPDATE events SET type = 'money.burnt.v1' WHERE version = 2")
    with pytest.raises(UnknownType, match=r"money\.burnt\.v1"):
        await TODAY.store.load(pool, "account-1")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("money.in.v3", '{"amount": "much"}'),
        ("money.in.v3", "{}"),
        ("money.in.v3", "[]"),
        ("money.in.v3", '"text"'),
        ("money.in.v3", "no json"),
        ("money.in.v1", '{"sum": 1}'),
        ("money.in.v1", "[]"),
    ],
)
def test_data_that_does_not_fit_its_name_is_another_clear_error(name, data):
    with pytest.raises(Unreadable, match=name.replace(".", r"\.")):
        NEWER.decode(name, data, EARLIER)


def test_an_upcaster_that_leads_nowhere_is_refused():
    with pytest.raises(ValueError, match="lead to unknown names"):
        Codec({"money.in.v2": MoneyIn}, {"money.in.v1": Upcaster("money.in.v3", in_cents)})


def test_upcasters_that_lead_in_a_circle_are_refused():
    steps = {"money.in.v1": Upcaster("money.in.v2", in_cents)}
    steps |= {"money.in.v2": Upcaster("money.in.v1", in_cents)}
    with pytest.raises(ValueError, match="cycle"):
        Codec({}, steps)


def test_the_time_is_kept_beside_the_data_and_comes_back():
    later = EARLIER + timedelta(days=1)
    name, data = CODEC.encode(MoneyIn(amount=1, at=later))
    assert "at" not in json.loads(data)
    assert CODEC.decode(name, data, EARLIER).time == EARLIER


def test_a_codec_reads_the_names_that_facts_carry_and_wants_one_of_each():
    class Named(Fact, stored="named.v1"):
        pass

    class Namesake(Fact, stored="named.v1"):
        pass

    class Heir(Named):
        pass

    assert Codec.of(Named).names == {"named.v1": Named}
    with pytest.raises(ValueError, match="without a stored name: Heir"):
        Codec.of(Named | Heir)
    with pytest.raises(ValueError, match="carried twice"):
        Codec.of(Named | Namesake)
