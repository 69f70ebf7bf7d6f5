from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
async def place(client_of):
    ann, cid = client_of("ann", "agent"), client_of("cid", "customer", org="acme")
    opened = await cid.post("/tickets", json={"title": "printer", "organisation": "acme"})
    place = opened.headers["location"]
    for kind, text in [("comments", "hello"), ("notes", "lazy customer"), ("comments", "bye")]:
        await ann.post(f"{place}/{kind}", json={"text": text})
    return place


async def told(client, place, **query):
    answer = await client.get(f"{place}/history", params=query)
    assert answer.status_code == 200, answer.text
    return [(entry["version"], entry["text"]) for entry in answer.json()["items"]]


async def test_staff_read_all_of_the_history(agent, place):
    assert await told(agent, place) == [
        (1, "TicketOpened"),
        (2, "CommentMade"),
        (3, "NoteTaken"),
        (4, "CommentMade"),
    ]
    first = (await agent.get(f"{place}/history")).json()["items"][0]
    assert (first["by"], first["role"], first["type"]) == ("cid", "customer", "ticket.opened.v1")


@pytest.mark.parametrize("person", [("cid", "requester"), ("cid", "customer")])
async def test_others_read_it_without_what_is_internal(client_of, place, person):
    client = client_of(*person, org="acme")
    assert [version for version, _ in await told(client, place)] == [1, 2, 4]
    assert "lazy" not in (await client.get(place)).text


async def test_history_comes_in_pages(client_of, agent, place):
    answer = await agent.get(f"{place}/history?limit=2")
    assert answer.headers["link"] == f'<{place}/history?limit=2&after=2>; rel="next"'
    assert await told(agent, place, limit=2, after=2) == [(3, "NoteTaken"), (4, "CommentMade")]
    last = await agent.get(f"{place}/history?limit=2&after=2")
    assert "link" not in last.headers
    cid = client_of("cid", "customer", org="acme")
    assert await told(cid, place, limit=1, after=2) == [(4, "CommentMade")]
    assert (await agent.get(f"{place}/history?after=99999999999")).json()["items"] == []


async def test_an_item_as_it_was(agent, place, pool):
    times = [row[0] for row in await pool.fetch("SELECT recorded_at FROM events ORDER BY version")]
    for version, moment in enumerate(times, start=1):
        answer = await agent.get(place, params={"as_of": moment.isoformat()})
        assert answer.json()["version"] == version
    before = times[0] - timedelta(microseconds=1)
    assert (await agent.get(place, params={"as_of": before.isoformat()})).status_code == 404
    later = datetime.now(UTC) + timedelta(days=1)
    assert (await agent.get(place, params={"as_of": later.isoformat()})).json()["version"] == 4


async def test_the_rule_of_today_guards_what_was(agent, client_of, place, pool):
    moment = await pool.fetchval("SELECT max(recorded_at) FROM events")
    await agent.post(f"{place}/restriction")
    for path in (place, f"{place}/history", f"{place}?as_of={moment.isoformat()[:19]}Z"):
        assert (await agent.get(path)).status_code == 404
    assert await pool.fetchval("SELECT count(*) FROM restricted_reads") == 0
    auditor = client_of("aud", "auditor")
    for path in (place, f"{place}/history"):
        assert (await auditor.get(path)).status_code == 200
    channels = await pool.fetch("SELECT channel FROM restricted_reads ORDER BY id")
    assert [row[0] for row in channels] == ["item", "history"]


async def test_an_item_that_the_caller_has_is_not_sent_again(agent, place):
    etag = (await agent.get(place)).headers["etag"]
    for known in (etag, f"W/{etag}", f'"0", {etag}', "*"):
        answer = await agent.get(place, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    assert (await agent.get(place, headers={"If-None-Match": '"0"'})).status_code == 200
