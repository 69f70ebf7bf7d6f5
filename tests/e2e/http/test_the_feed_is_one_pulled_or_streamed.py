"""The feed of events, as a front-end or a machine reads it."""

import asyncio
import json

from a_service_desk import ANNA, DANA, GINA, problem


def path_of(ticket, below):
    return f"/incidents/{ticket['id']}{below}"


class Stream:
    """A live feed as a browser reads it."""

    def __init__(self, answer):
        self.lines = answer.aiter_lines()

    async def events(self, number, ticket):
        """The next events of a ticket; those of others come in between."""
        found, event = [], {}
        async with asyncio.timeout(10):
            async for line in self.lines:
                name, _, value = line.partition(": ")
                if line == "" and "data" in event:
                    data = json.loads(event["data"])
                    if data["subject"].endswith(ticket["id"]):
                        found.append((int(event["id"]), event["event"], data))
                    event = {}
                elif name:
                    event[name] = value
                if len(found) == number:
                    return found
        raise AssertionError("the stream ended")


def live(client, **headers):
    return client.stream("GET", "/events", headers={"Accept": "text/event-stream", **headers})


async def position_now(desk):
    await desk.settled()
    after = 0
    while True:
        page = await desk.incident(DANA).get("/events", params={"after": after, "limit": 200})
        after = page.json()["next"]
        if "link" not in page.headers:
            return after


async def test_pulled_and_streamed_the_feed_is_the_same(desk):
    start = await position_now(desk)
    ticket = await desk.log(ANNA)
    for what in ("start", "resumption"):
        await desk.incident(DANA).post(path_of(ticket, f"/{what}"))
    await desk.do(DANA, ticket["id"], "notes", text="Hm.")
    await desk.do(DANA, ticket["id"], "comments", text="Ah.")
    await desk.settled()
    pulled = await desk.incident(DANA).get("/events", params={"after": start})
    events = [one for one in pulled.json()["events"] if one["subject"].endswith(ticket["id"])]
    assert [event["type"] for event in events] == [
        "incident.logged.v1",
        "incident.work_started.v1",
        "incident.note_added.v1",
        "incident.comment_added.v2",
    ]
    async with live(desk.incident(DANA), **{"Last-Event-ID": str(start)}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        stream = Stream(answer)
        caught_up = await stream.events(4, ticket)
        assert [data for _, _, data in caught_up] == events
        assert [kind for _, kind, _ in caught_up] == [event["type"] for event in events]
        await desk.do(DANA, ticket["id"], "comments", text="And live.")
        ((last, _, now),) = await stream.events(1, ticket)
    assert now["data"]["text"] == "And live."
    async with live(desk.incident(DANA), **{"Last-Event-ID": str(caught_up[1][0])}) as answer:
        resumed = await Stream(answer).events(3, ticket)
    assert [position for position, _, _ in resumed] == [caught_up[2][0], caught_up[3][0], last]
    async with live(desk.incident(ANNA), **{"Last-Event-ID": str(start)}) as answer:
        assert len(await Stream(answer).events(4, ticket)) == 4  # all but the note


async def test_the_feed_has_pages_with_links(desk):
    start = await position_now(desk)
    for _ in range(5):
        await desk.log(GINA)
    await desk.settled()
    seen, url = [], f"/events?after={start}&limit=2"
    while url:
        page = await desk.incident(GINA).get(url)
        seen += [event["subject"] for event in page.json()["events"]]
        link = page.headers.get("link", "")
        url = link.partition(">")[0].removeprefix("<")
    assert len(seen) == len(set(seen)) == 5


async def test_a_position_that_the_feed_has_not_reached_is_refused(desk):
    here = await position_now(desk)
    answer = await desk.incident(DANA).get("/events", params={"after": here + 1000})
    assert str(here) in problem(answer, 422)["detail"]
