import asyncio

import pytest

DAWDLE = """
CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END $$;
CREATE TRIGGER dawdle AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION dawdle();
"""


@pytest.fixture
async def pair(agent):
    answers = [await agent.post("/tickets", json={"title": title}) for title in "ab"]
    return [answer.json()["id"] for answer in answers]


async def seen(agent, ticket):
    return (await agent.get(f"/tickets/{ticket}")).json()


async def test_several_streams_change_together_and_the_first_is_shown(agent, pair):
    one, other = pair
    words = {"text": "end the other"}
    answer = await agent.post(f"/tickets/{one}/merger/{other}", json=words)
    assert answer.status_code == 200
    assert answer.json() == await seen(agent, one)
    assert answer.headers["etag"] == '"2"'
    assert answer.json()["comments"] == ["end the other"]
    assert (await seen(agent, other))["resolved"]


async def test_under_one_key_they_change_once(agent, pair, pool):
    one, other = pair
    key = {"Idempotency-Key": "merge-once"}
    answers = [
        await agent.post(f"/tickets/{one}/merger/{other}", json={"text": "x"}, headers=key)
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert await pool.fetchval("SELECT count(*) FROM events") == 4


async def test_a_refusal_of_one_leaves_the_others_alone(agent, pair):
    one, other = pair
    await agent.post(f"/tickets/{other}/resolution")
    answer = await agent.post(f"/tickets/{one}/merger/{other}", json={"text": "end the other"})
    assert answer.status_code == 409
    assert (await seen(agent, one))["version"] == 1


async def test_what_may_not_be_seen_cannot_be_changed_along(client_of, agent, pair):
    one, other = pair
    await agent.post(f"/tickets/{other}/restriction")
    stranger = client_of("sue", "agent")
    answer = await stranger.post(f"/tickets/{one}/merger/{other}", json={"text": "x"})
    assert answer.status_code == 404
    assert (await seen(agent, one))["version"] == 1


async def test_if_match_speaks_of_the_first(agent, pair):
    one, other = pair
    await agent.post(f"/tickets/{other}/comments", json={"text": "x"})
    told = {"json": {"text": "x"}, "headers": {"If-Match": '"1"'}}
    assert (await agent.post(f"/tickets/{one}/merger/{other}", **told)).status_code == 200
    assert (await agent.post(f"/tickets/{one}/merger/{other}", **told)).status_code == 412


async def test_mergers_in_opposite_order_do_not_wait_for_each_other_for_ever(agent, pair, pool):
    async def merge(one, other):
        return await agent.post(f"/tickets/{one}/merger/{other}", json={"text": "x"})

    # Each has appended to one ticket, and not yet to the other, when the other begins.
    await pool.execute(DAWDLE)
    answers = await asyncio.gather(merge(*pair), merge(*reversed(pair)))
    assert [answer.status_code for answer in answers] == [200, 200]
    for ticket in pair:
        assert len((await seen(agent, ticket))["comments"]) == 2
