import asyncio
import json
import time

import httpx
import pytest
import uvicorn


async def opened(client, **fields):
    answer = await client.post("/tickets", json={"title": "printer", **fields})
    assert answer.status_code == 201
    return answer.headers["location"]


async def types(client, **query):
    answer = await client.get("/events", params=query)
    assert answer.status_code == 200, answer.text
    return [event["type"] for event in answer.json()["events"]]


async def test_pull_gives_settled_events_as_cloudevents(agent, tail, pool):
    place = await opened(agent)
    assert await types(agent) == []
    await tail.settle()
    answer = await agent.get("/events")
    [event] = answer.json()["events"]
    stream = f"ticket-{place.rpartition('/')[2]}"
    assert event["specversion"] == "1.0"
    assert event["id"] == f"{stream}@1"
    assert event["subject"] == stream
    assert event["source"] == "/itsm/tickets"
    assert event["actor"] == "ann"
    assert event["correlationid"]
    assert event["data"] == json.loads(await pool.fetchval("SELECT data FROM events"))
    assert answer.json()["next"] == int(event["position"])


async def test_pull_goes_on_from_any_position(agent, tail):
    for _ in range(7):
        await opened(agent)
    await tail.settle()
    seen, after = [], 0
    while True:
        answer = await agent.get("/events", params={"after": after, "limit": 3})
        seen += [event["position"] for event in answer.json()["events"]]
        after = answer.json()["next"]
        if "link" not in answer.headers:
            break
    assert seen == sorted(seen, key=int)
    assert len(set(seen)) == 7
    assert await types(agent, after=after) == []


async def test_the_feed_shows_what_the_tickets_show(client_of, tail, pool):
    ann, cid = client_of("ann", "agent"), client_of("cid", "customer", org="acme")
    own = await opened(cid, organisation="acme")
    await ann.post(f"{own}/notes", json={"text": "lazy"})
    await ann.post(f"{own}/comments", json={"text": "hello"})
    await opened(ann, organisation="bolt")
    await opened(ann, restricted=True, group="security")
    await tail.settle()
    start, noted, said = "ticket.opened.v1", "ticket.noted.v1", "ticket.commented.v1"
    assert await types(cid) == [start, said]
    assert await types(client_of("bea", "customer", org="bolt")) == [start]
    assert await types(client_of("bea", "requester")) == []
    assert await types(client_of("bea", "agent")) == [start, noted, said, start]
    assert len(await types(client_of("bea", "agent", groups=["security"]))) == 5
    assert await pool.fetchval("SELECT count(*) FROM restricted_reads") == 0
    assert len(await types(client_of("aud", "auditor"))) == 5
    assert await pool.fetchval("SELECT count(*) FROM restricted_reads") == 1


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=9223372036854775808", "limit=0"])
async def test_a_wrong_position_is_refused(agent, query):
    assert (await agent.get(f"/events?{query}")).status_code == 422


async def test_a_position_that_the_feed_has_not_come_to_is_refused(agent):
    answer = await agent.get("/events?after=7")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/position-unknown")


@pytest.mark.parametrize("last", ["x", "-1", "²", "9" * 30, "7.5", ""])
async def test_a_wrong_last_event_id_is_refused(agent, last):
    headers = [("Accept", b"text/event-stream"), ("Last-Event-ID", last.encode())]
    assert (await agent.get("/events", headers=headers)).status_code == 422


class Served(uvicorn.Server):
    async def shutdown(self, sockets=None):
        self.streams.close()
        await super().shutdown(sockets)


@pytest.fixture
async def served(kitchen):
    server = Served(uvicorn.Config(kitchen.app, port=0, log_config=None, access_log=False))
    server.streams = kitchen.streams
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    [listening] = server.servers[0].sockets
    server.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    yield server
    server.should_exit = True
    await asyncio.wait_for(task, 5)


@pytest.fixture
async def listener(served, token):
    clients = []

    def listen(*person, after=None, seconds=300, **claims):
        told = token(*person, seconds=seconds, **claims)
        headers = {"Authorization": f"Bearer {told}", "Accept": "text/event-stream"}
        if after is not None:
            headers["Last-Event-ID"] = str(after)
        clients.append(httpx.AsyncClient(base_url=served.url, timeout=5))
        return clients[-1].stream("GET", "/events", headers=headers)

    yield listen
    for client in clients:
        await client.aclose()


async def read(lines, count):
    """So many events of a live feed, as (id, type, CloudEvent), or fewer if it ends."""
    found, block = [], {}
    async for line in lines:
        if line:
            name, _, value = line.partition(": ")
            block[name] = value
            continue
        if "data" in block:
            found.append((int(block["id"]), block["event"], json.loads(block["data"])))
        block = {}
        if len(found) == count:
            return found
    return found


async def test_the_live_feed_tells_what_was_and_what_comes(agent, listener, tail):
    await opened(agent)
    await tail.settle()
    async with listener() as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")

        async def later():
            for _ in range(3):
                await opened(agent)
                await tail.settle()

        task = asyncio.create_task(later())
        found = await asyncio.wait_for(read(answer.aiter_lines(), 4), 3)
        await task
    assert [position for position, _, _ in found] == sorted(
        int(event["position"]) for _, _, event in found
    )
    assert {kind for _, kind, _ in found} == {"ticket.opened.v1"}


async def test_a_new_event_is_told_at_once(agent, listener, tail):
    async with listener() as answer:
        reading = asyncio.create_task(read(answer.aiter_lines(), 1))
        await asyncio.sleep(0.3)
        await opened(agent)
        started = time.monotonic()
        await tail.settle()
        await reading
        assert time.monotonic() - started < 0.1


async def test_the_feed_moves_on_though_another_process_runs_the_relay(agent, listener, tail):
    async with listener() as answer:
        reading = asyncio.create_task(read(answer.aiter_lines(), 1))
        await opened(agent)
        await tail.settle()
        tail.position = 0
        await asyncio.wait_for(reading, 3)


async def test_the_live_feed_resumes_after_the_last_event_seen(agent, listener, tail):
    for _ in range(5):
        await opened(agent)
    await tail.settle()
    async with listener() as answer:
        seen = await read(answer.aiter_lines(), 2)
    async with listener(after=seen[-1][0]) as answer:
        seen += await read(answer.aiter_lines(), 3)
    assert len({position for position, _, _ in seen}) == 5


async def test_the_live_feed_keeps_to_the_rule(client_of, listener, tail):
    ann, cid = client_of("ann", "agent"), client_of("cid", "customer", org="acme")
    own = await opened(cid, organisation="acme")
    await ann.post(f"{own}/notes", json={"text": "lazy"})
    await opened(ann, organisation="bolt")
    await ann.post(f"{own}/comments", json={"text": "hello"})
    await tail.settle()
    async with listener("cid", "customer", org="acme") as answer:
        found = await read(answer.aiter_lines(), 2)
    assert [kind for _, kind, _ in found] == ["ticket.opened.v1", "ticket.commented.v1"]


async def test_the_live_feed_ends_with_the_token(listener, monkeypatch):
    async with listener(seconds=1) as answer:
        started = time.monotonic()
        assert await read(answer.aiter_lines(), 1) == []
        assert time.monotonic() - started < 3


async def test_open_streams_are_limited_and_counted_down(listener, kitchen):
    async with listener() as one, listener() as two, listener() as three:
        assert [one.status_code, two.status_code, three.status_code] == [200] * 3
        async with listener() as four:
            assert four.status_code == 503
            assert four.headers["retry-after"]
            assert four.headers["content-type"] == "application/problem+json"
    for _ in range(100):
        if kitchen.streams.count == 0:
            break
        await asyncio.sleep(0.02)
    assert kitchen.streams.count == 0


async def test_the_service_stops_promptly_with_streams_open(agent, listener, served, tail):
    await opened(agent)
    await tail.settle()
    async with listener() as answer:
        lines = answer.aiter_lines()
        await read(lines, 1)
        started = time.monotonic()
        served.should_exit = True
        assert await read(lines, 1) == []
        assert time.monotonic() - started < 1


async def test_a_stream_ends_cleanly_when_the_database_goes(agent, listener, pool, tail):
    await opened(agent)
    await tail.settle()
    async with listener() as answer:
        lines = answer.aiter_lines()
        await read(lines, 1)
        pool.terminate()
        assert await asyncio.wait_for(read(lines, 1), 3) == []
