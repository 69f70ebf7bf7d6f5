"""What operators see of the consumers, and that an order is given once and stays on record."""

import asyncio

import pytest

REASON = {"reason": "the release knows the type now"}
KEYED = {"Idempotency-Key": "k1"}


@pytest.fixture
async def parked(pool):
    """The numbers of what is parked."""
    await pool.execute("TRUNCATE parked, orders, progress RESTART IDENTITY")
    rows = await pool.fetch(
        'INSERT INTO parked (consumer_group, topic, partition, "offset", stream, type, headers,'
        " body, error) SELECT 'g', 't', 0, n, 'ticket-' || n, 'a.v1', '{}', '', 'KeyError'"
        " FROM generate_series(1, 5) n RETURNING id"
    )
    return [row["id"] for row in rows]


@pytest.fixture
def lead(client_of):
    return client_of("lena", "lead")


async def count(pool):
    return await pool.fetchval("SELECT count(*) FROM orders")


async def pages(client, path, **asked):
    """All pages of a list."""
    answer = (await client.get(path, params=asked)).json()
    found = [answer["items"]]
    while answer["next"]:
        asked["after"] = answer["next"]
        answer = (await client.get(path, params=asked)).json()
        found.append(answer["items"])
    return found


async def test_what_is_parked_is_listed_in_pages(lead, parked):
    found = await pages(lead, "/parked", limit=2)
    assert [[one["id"] for one in page] for page in found] == [parked[:2], parked[2:4], parked[4:]]
    newest = await pages(lead, "/parked", limit=5, sort="-id")
    assert [one["id"] for page in newest for one in page] == parked[::-1]


async def test_progress_is_listed_in_pages_and_says_what_is_halted(lead, pool, parked):
    await pool.execute(
        "INSERT INTO progress (consumer_group, topic, partition, halted)"
        " SELECT g, 't', n, CASE WHEN n = 10 THEN 'an event is missing' END"
        " FROM generate_series(0, 11) n, unnest(ARRAY['a', 'b']) g"
    )
    found = [one for page in await pages(lead, "/progress", limit=5) for one in page]
    places = [(one["consumer_group"], one["partition"]) for one in found]
    assert places == [(group, number) for group in "ab" for number in range(12)]
    assert {one["partition"] for one in found if one["halted"] == "an event is missing"} == {10}


async def test_an_order_is_on_record_with_who_and_why(lead, client_of, parked):
    answer = await lead.post(f"/parked/{parked[0]}/skip", json=REASON)
    assert answer.status_code == 202
    ((order,),) = await pages(client_of("olaf", "auditor"), "/orders")
    assert order["id"] == answer.json()["order"]
    told = ("skip", str(parked[0]), "lena", REASON["reason"], None)
    assert tuple(order[n] for n in ("kind", "subject", "ordered_by", "reason", "outcome")) == told


async def test_the_same_request_orders_once_even_when_it_was_carried_out(lead, pool, parked):
    path = f"/parked/{parked[0]}/retry"
    answers = await asyncio.gather(
        *(lead.post(path, json=REASON, headers=KEYED) for _ in range(10))
    )
    await pool.execute("DELETE FROM parked")
    answers.append(await lead.post(path, json=REASON, headers=KEYED))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["order"] for answer in answers}) == 1
    replayed = [answer.headers.get("idempotency-replayed") for answer in answers]
    assert replayed.count(None) == 1
    assert await count(pool) == 1


async def test_another_reason_under_the_same_key_is_refused(lead, pool, parked):
    path = f"/parked/{parked[0]}/retry"
    await lead.post(path, json=REASON, headers=KEYED)
    other = await lead.post(path, json={"reason": "another"}, headers=KEYED)
    assert other.status_code == 422
    assert other.json()["type"].endswith("/idempotency-key-reused")
    assert await count(pool) == 1


async def test_without_a_key_each_request_orders(lead, pool, parked):
    for _ in range(2):
        assert (await lead.post(f"/parked/{parked[0]}/retry", json=REASON)).status_code == 202
    assert await count(pool) == 2


async def test_what_is_not_parked_cannot_be_ordered(lead, parked):
    answer = await lead.post(f"/parked/{parked[-1] + 1}/retry", json=REASON, headers=KEYED)
    assert answer.json()["type"].endswith("/not-parked")


async def test_timers_that_failed_are_listed_in_pages(lead, pool):
    await pool.execute(
        "INSERT INTO timers (stream, name, basis, partition, due_at, depends, correlation, failed,"
        " again_at) SELECT 'ticket-' || n, name, 'database', 0, '2026-01-05', '{}', 'c',"
        " CASE WHEN n > 1 THEN 'KeyError' END, CASE WHEN n > 1 THEN now() END"
        " FROM generate_series(1, 3) n, unnest(ARRAY['remind', 'close']) name"
    )
    found = await pages(lead, "/timers/failed", limit=3)
    names = [(one["stream"], one["name"]) for page in found for one in page]
    assert names == [(f"ticket-{n}", name) for n in (2, 3) for name in ("close", "remind")]
    assert found[0][0]["failed"] == "KeyError"
    assert len(found) == 2
