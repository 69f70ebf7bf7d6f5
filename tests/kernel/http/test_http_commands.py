import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

PROBLEM = "application/problem+json"


async def opened(client, **fields):
    answer = await client.post("/tickets", json={"title": "printer", **fields})
    assert answer.status_code == 201, answer.text
    return answer


async def test_creating_answers_with_place_version_and_body(agent, kitchen):
    answer = await opened(agent)
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"] == f"/tickets/{answer.json()['id']}"
    assert UUID(answer.json()["id"]).version == 7
    assert kitchen.woken == [None]


async def test_the_answer_of_a_write_equals_the_next_read(agent):
    created = await opened(agent)
    place = created.headers["location"]
    assert (await agent.get(place)).json() == created.json()
    changed = await agent.post(f"{place}/comments", json={"text": "hello"})
    assert changed.status_code == 200
    assert (await agent.get(place)).json() == changed.json()
    assert changed.json()["comments"] == ["hello"]


async def test_the_origin_is_recorded(agent, pool):
    answer = await agent.post(
        "/tickets", json={"title": "x"}, headers={"X-Correlation-Id": "story-7"}
    )
    assert answer.headers["x-correlation-id"] == "story-7"
    origin = json.loads(await pool.fetchval("SELECT origin FROM events"))
    assert origin["actor"] == "ann"
    assert origin["role"] == "agent"
    assert origin["correlation"] == "story-7"


async def test_a_thing_told_afterwards_keeps_its_own_time(agent, pool):
    at = datetime.now(UTC) - timedelta(hours=3)
    answer = await opened(agent, occurred_at=at.isoformat())
    assert datetime.fromisoformat(answer.json()["opened_at"]) == at
    row = await pool.fetchrow("SELECT occurred_at, recorded_at FROM events")
    assert row["occurred_at"] == at
    assert row["recorded_at"] - at > timedelta(hours=2)


@pytest.mark.parametrize(
    ("title", "status", "code"), [("unlucky", 422, "unlucky-title"), ("early", 409, "not-yet")]
)
async def test_a_refusal_is_a_problem(agent, pool, title, status, code):
    answer = await agent.post("/tickets", json={"title": title})
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json()["type"].endswith(f"/{code}")
    assert answer.headers.get("retry-after") == ("7" if title == "early" else None)
    assert await pool.fetchval("SELECT count(*) FROM events") == 0


async def test_the_same_id_twice_is_a_conflict(agent):
    place = f"/tickets/{uuid4()}"
    assert (await agent.put(place, json={"title": "a"})).status_code == 201
    second = await agent.put(place, json={"title": "b"})
    assert second.status_code == 409
    assert (await agent.get(place)).json()["title"] == "a"


async def test_if_match_lets_only_the_version_seen_change(agent):
    place = (await opened(agent)).headers["location"]
    matching = await agent.post(
        f"{place}/comments", json={"text": "1"}, headers={"If-Match": '"9", "1"'}
    )
    assert matching.headers["etag"] == '"2"'
    for stale in ('"1"', 'W/"2"'):
        answer = await agent.post(
            f"{place}/comments", json={"text": "2"}, headers={"If-Match": stale}
        )
        assert answer.status_code == 412
        assert answer.headers["etag"] == '"2"'
    anything = await agent.post(f"{place}/comments", json={"text": "3"}, headers={"If-Match": "*"})
    assert anything.status_code == 200
    nonsense = await agent.post(
        f"{place}/comments", json={"text": "4"}, headers={"If-Match": "seven"}
    )
    assert nonsense.status_code == 400


async def test_without_if_match_conflicting_writers_all_get_through(agent):
    place = (await opened(agent)).headers["location"]
    answers = await asyncio.gather(
        *(agent.post(f"{place}/comments", json={"text": str(n)}) for n in range(30))
    )
    assert [answer.status_code for answer in answers] == [200] * 30
    comments = (await agent.get(place)).json()["comments"]
    assert sorted(map(int, comments)) == list(range(30))


async def test_with_if_match_one_of_many_writers_wins(agent):
    place = (await opened(agent)).headers["location"]
    answers = await asyncio.gather(
        *(
            agent.post(f"{place}/comments", json={"text": str(n)}, headers={"If-Match": '"1"'})
            for n in range(8)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7


async def test_a_command_that_changes_nothing_succeeds(agent, pool):
    place = (await opened(agent)).headers["location"]
    for _ in range(2):
        answer = await agent.post(f"{place}/restriction", headers={"Idempotency-Key": "k"})
        assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    unkeyed = await agent.post(f"{place}/restriction")
    assert (unkeyed.status_code, unkeyed.headers["etag"]) == (200, '"2"')
    assert await pool.fetchval("SELECT count(*) FROM events") == 2


async def test_what_is_not_there_looks_like_what_may_not_be_seen(agent, client_of):
    hidden = (await opened(agent, restricted=True)).headers["location"]
    other = client_of("bea", "agent")
    answers = [
        await other.post(f"{place}/comments", json={"text": "x"})
        for place in (hidden, f"/tickets/{uuid4()}")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    bodies = [{**answer.json(), "trace_id": ""} for answer in answers]
    assert bodies[0] == bodies[1]


async def test_a_gate_that_closes_as_a_connection_is_made_is_noticed(agent, kitchen, pool):
    """A connection that is made after a failover looks, and closes it."""

    class Pool:
        fetchval = pool.fetchval

        def acquire(self):
            kitchen.gate.set("the database was promoted.")
            return pool.acquire()

    kitchen.app.state.desk = replace(kitchen.app.state.desk, pool=Pool())
    assert (await agent.post("/tickets", json={"title": "a"})).status_code == 503
    assert not await pool.fetchval("SELECT count(*) FROM events")


async def test_nothing_is_written_while_the_gate_is_closed(agent, kitchen, pool):
    kitchen.gate.set("the database was restored.")
    answer = await agent.post("/tickets", json={"title": "x"})
    assert answer.status_code == 503
    assert "restored" in answer.json()["detail"]
    assert answer.headers["retry-after"]
    assert await pool.fetchval("SELECT count(*) FROM events") == 0


async def test_a_database_that_went_away_is_a_503(agent, pool):
    await opened(agent)
    await pool.close()
    answer = await agent.post("/tickets", json={"title": "x"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert answer.headers["content-type"] == PROBLEM
