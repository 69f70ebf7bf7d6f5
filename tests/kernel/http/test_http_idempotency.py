import asyncio
import json

import asyncpg
import pytest


def keyed(key="k1"):
    return {"Idempotency-Key": key}


async def count(pool):
    return await pool.fetchval("SELECT count(*) FROM events")


async def test_the_same_request_is_carried_out_once(agent, pool):
    first = await agent.post("/tickets", json={"title": "a"}, headers=keyed())
    again = await agent.post("/tickets", json={"title": "a"}, headers=keyed())
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("etag", "location"):
        assert again.headers[name] == first.headers[name]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await count(pool) == 1


async def test_twenty_at_once_are_one(agent, pool):
    answers = await asyncio.gather(
        *(agent.post("/tickets", json={"title": "a"}, headers=keyed()) for _ in range(20))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await count(pool) == 1


async def test_another_body_under_the_same_key_is_refused(agent, pool):
    await agent.post("/tickets", json={"title": "a"}, headers=keyed())
    other = await agent.post("/tickets", json={"title": "b"}, headers=keyed())
    assert other.status_code == 422
    assert other.json()["type"].endswith("/idempotency-key-reused")
    assert await count(pool) == 1


async def test_a_key_belongs_to_a_person_and_a_path(agent, client_of, pool):
    other = client_of("bea", "agent")
    first = await agent.post("/tickets", json={"title": "a"}, headers=keyed())
    assert (await other.post("/tickets", json={"title": "a"}, headers=keyed())).headers[
        "location"
    ] != first.headers["location"]
    place = first.headers["location"]
    commented = await agent.post(f"{place}/comments", json={"title": "a"}, headers=keyed())
    assert commented.status_code == 422  # of the body, not of the key
    assert await count(pool) == 2


async def test_a_replay_answers_as_it_was_though_the_ticket_went_on(agent, pool):
    place = (await agent.post("/tickets", json={"title": "a"})).headers["location"]
    body = {"text": "one"}
    first = await agent.post(f"{place}/comments", json=body, headers=keyed())
    await agent.post(f"{place}/comments", json={"text": "two"})
    again = await agent.post(f"{place}/comments", json=body, headers=keyed())
    assert again.content == first.content
    assert again.headers["etag"] == '"2"'
    assert await count(pool) == 3


async def test_a_success_is_replayed_though_the_state_would_refuse_it_now(agent, pool):
    place = (await agent.post("/tickets", json={"title": "a"})).headers["location"]
    first = await agent.post(f"{place}/resolution", headers=keyed())
    again = await agent.post(f"{place}/resolution", headers=keyed())
    assert (again.status_code, again.content) == (200, first.content)
    assert (await agent.post(f"{place}/resolution", headers=keyed("k2"))).status_code == 409
    assert await count(pool) == 2


async def test_a_success_is_replayed_though_its_precondition_fails_now(agent):
    place = (await agent.post("/tickets", json={"title": "a"})).headers["location"]
    headers = keyed() | {"If-Match": '"1"'}
    first = await agent.post(f"{place}/comments", json={"text": "x"}, headers=headers)
    again = await agent.post(f"{place}/comments", json={"text": "x"}, headers=headers)
    assert (again.status_code, again.content) == (200, first.content)
    stale = keyed("k2") | {"If-Match": '"1"'}
    failed = await agent.post(f"{place}/comments", json={"text": "x"}, headers=stale)
    assert failed.status_code == 412


async def test_a_refusal_is_kept_though_it_would_succeed_now(agent, pool):
    place = (await agent.post("/tickets", json={"title": "a"})).headers["location"]
    await agent.post(f"{place}/resolution")
    refused = await agent.post(f"{place}/resolution", headers=keyed())
    assert refused.status_code == 409
    await pool.execute("DELETE FROM events WHERE version = 2")
    again = await agent.post(f"{place}/resolution", headers=keyed())
    assert (again.status_code, again.content) == (409, refused.content)
    assert await count(pool) == 1


async def test_a_refusal_is_replayed_word_for_word(agent):
    refused = await agent.post("/tickets", json={"title": "unlucky"}, headers=keyed())
    again = await agent.post("/tickets", json={"title": "unlucky"}, headers=keyed())
    assert (again.status_code, again.content) == (422, refused.content)
    assert again.headers["content-type"] == refused.headers["content-type"]
    assert again.headers["idempotency-replayed"] == "true"
    other = await agent.post("/tickets", json={"title": "lucky"}, headers=keyed())
    assert other.json()["type"].endswith("/idempotency-key-reused")


async def test_what_waiting_can_help_is_not_kept(agent, pool):
    refused = await agent.post("/tickets", json={"title": "early"}, headers=keyed())
    assert refused.status_code == 409
    assert await pool.fetchval("SELECT count(*) FROM answers") == 0


async def test_a_validation_error_is_not_kept(agent):
    assert (await agent.post("/tickets", json={}, headers=keyed())).status_code == 422
    assert (await agent.post("/tickets", json={"title": "a"}, headers=keyed())).status_code == 201


async def test_a_replay_is_authorised_anew(agent, client_of):
    group = client_of("ann", "agent", groups=["security"])
    body = {"title": "a", "group": "security", "restricted": True}
    first = await client_of("cid", "agent").post("/tickets", json=body, headers=keyed())
    assert first.status_code == 201
    moved = await group.post(f"{first.headers['location']}/comments", json={"text": "x"})
    assert moved.status_code == 200
    headers = keyed("k2")
    await group.post(f"{first.headers['location']}/comments", json={"text": "y"}, headers=headers)
    left = await agent.post(  # the same person, no longer in the group
        f"{first.headers['location']}/comments", json={"text": "y"}, headers=headers
    )
    assert left.status_code == 404


async def test_a_key_that_another_process_holds_is_answered_soon(agent, pool):
    """Ten duplicates of one stuck key neither wait for ever nor take all connections."""
    async with pool.acquire() as other:
        transaction = other.transaction()
        await transaction.start()
        first = asyncio.create_task(agent.post("/tickets", json={"title": "a"}, headers=keyed()))
        assert (await first).status_code == 201
        digest = await pool.fetchval("SELECT key FROM answers")
        await pool.execute("DELETE FROM answers")
        await other.execute("INSERT INTO answers VALUES ($1, '', 200, '{}', '')", digest)
        stuck = [
            asyncio.create_task(agent.post("/tickets", json={"title": "a"}, headers=keyed()))
            for _ in range(10)
        ]
        await asyncio.sleep(0.05)
        taken = pool.get_size() - pool.get_idle_size()
        assert taken <= 3
        unkeyed = await asyncio.wait_for(agent.post("/tickets", json={"title": "b"}), 1)
        assert unkeyed.status_code == 201
        answers = await asyncio.wait_for(asyncio.gather(*stuck), 10)
        assert {answer.status_code for answer in answers} == {409}
        assert all(answer.headers["retry-after"] for answer in answers)
        await transaction.rollback()


async def test_a_crash_before_the_commit_leaves_the_key_free(agent, pool, monkeypatch):
    class Crashed(Exception):
        pass

    async def crash(*_):
        raise Crashed

    with monkeypatch.context() as broken:
        broken.setattr("tickets.Tickets.apply", crash)
        failed = await agent.post("/tickets", json={"title": "a"}, headers=keyed())
        assert failed.status_code == 500
    assert await count(pool) == 0
    assert (await agent.post("/tickets", json={"title": "a"}, headers=keyed())).status_code == 201


@pytest.mark.parametrize("name", ["", "a b", "ü", "x" * 256])
async def test_a_key_must_be_visible_ascii(agent, name):
    answer = await agent.post(
        "/tickets", json={"title": "a"}, headers=[("Idempotency-Key", name.encode("latin-1"))]
    )
    assert answer.status_code == 400


async def test_an_answer_is_forgotten_after_a_day(agent, pool):
    first = await agent.post("/tickets", json={"title": "a"}, headers=keyed())
    await pool.execute("UPDATE answers SET answered_at = answered_at - interval '25 hours'")
    again = await agent.post("/tickets", json={"title": "a"}, headers=keyed())
    assert again.status_code == 201
    assert again.headers["location"] != first.headers["location"]


async def test_the_kept_answer_holds_no_text_of_the_ticket(agent, pool):
    await agent.post("/tickets", json={"title": "my divorce"}, headers=keyed())
    kept = await pool.fetchrow("SELECT headers, body FROM answers")
    assert "divorce" not in kept["body"]
    assert json.loads(kept["headers"])["ETag"] == '"1"'
    assert isinstance(kept, asyncpg.Record)
