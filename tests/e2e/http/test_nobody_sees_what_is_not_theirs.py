"""Whose tickets anybody sees, by whatever channel; what is restricted, and who read it."""

from uuid import uuid4

import pytest
from a_service_desk import (
    ACME,
    ANNA,
    AUDREY,
    BEN,
    CARLA,
    DANA,
    GINA,
    IMPORTER,
    NETWORK,
    OLGA,
    SAM,
    SECURITY,
    Person,
    problem,
)
from four_tickets import (
    SEES,
    Tickets,
    all_pages,
    each,
    for_everybody,
    of_streams,
    pulled,
    streamed,
)


async def _get(desk, by, tickets):
    return await each(desk.incident(by), tickets, "/incidents/{}")


async def _as_of(desk, by, tickets):
    moment = tickets["chair"]["opened_at"]  # the last of the four
    return await each(desk.incident(by), tickets, "/incidents/{}", as_of=moment)


async def _history(desk, by, tickets):
    return await each(desk.incident(by), tickets, "/incidents/{}/history")


async def _list(desk, by, tickets):
    found = await all_pages(desk.incident(by), "/incidents", category=tickets.category)
    assert len(found) == len(set(found))
    return tickets.named(found)


async def _feed(desk, by, tickets):
    return tickets.named(of_streams(await pulled(desk.incident(by))))


async def _live(desk, by, tickets):
    events = await pulled(desk.incident(by))
    live = await streamed(desk.incident(by), until=events[-1]["id"])
    assert live == events
    return tickets.named(of_streams(live))


async def _clocks(desk, by, tickets):
    return await each(desk.monitor(by), tickets, "/clocks/{}")


async def _clocks_as_of(desk, by, tickets):
    return await each(desk.monitor(by), tickets, "/clocks/{}", as_of="8999-01-01T00:00:00Z")


async def _explanation(desk, by, tickets):
    return await each(desk.monitor(by), tickets, "/clocks/{}/explanation")


async def _history_of_clocks(desk, by, tickets):
    return await each(desk.monitor(by), tickets, "/clocks/{}/history")


async def _list_of_clocks(desk, by, tickets):
    phases = ["running", "paused", "stopped", "final", "cancelled"]
    return tickets.named(await all_pages(desk.monitor(by), "/clocks", phase=phases))


async def _feed_of_clocks(desk, by, tickets):
    return tickets.named(of_streams(await pulled(desk.monitor(by))))


async def _live_feed_of_clocks(desk, by, tickets):
    events = await pulled(desk.monitor(by))
    live = await streamed(desk.monitor(by), until=events[-1]["id"])
    return tickets.named(of_streams(live))


CHANNELS = (
    _get,
    _as_of,
    _history,
    _list,
    _feed,
    _live,
    _clocks,
    _clocks_as_of,
    _explanation,
    _history_of_clocks,
    _list_of_clocks,
    _feed_of_clocks,
    _live_feed_of_clocks,
)


@for_everybody
@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.__name__.strip("_"))
async def test_everybody_sees_the_same_through_every_channel(channel, by, desk, tickets):
    assert await channel(desk, by, tickets) == SEES[by]


@pytest.mark.parametrize(
    ("service", "channel", "read"),
    [
        ("incident", "item", "/incidents/{id}"),
        ("incident", "item", "/incidents/{id}?as_of=8999-01-01T00:00:00Z"),
        ("incident", "history", "/incidents/{id}/history"),
        ("incident", "list", "/incidents?number={number}"),
        ("incident", "feed", "/events"),
        ("sla-monitor", "item", "/clocks/{id}"),
        ("sla-monitor", "history", "/clocks/{id}/history"),
        ("sla-monitor", "explanation", "/clocks/{id}/explanation"),
        ("sla-monitor", "list", "/clocks?ticket={number}"),
        ("sla-monitor", "feed", "/events"),
    ],
)
async def test_an_auditor_who_reads_what_is_restricted_leaves_a_trace(
    service, channel, read, desk, tickets, stack
):
    path = read.format_map(tickets["password"])
    reader = f"auditor-{uuid4()}"
    async with stack.client(service, reader, "auditor") as client:
        if channel == "feed":
            await pulled(client)
        else:
            assert (await client.get(path)).status_code == 200
            plain = path.replace(tickets["password"]["id"], tickets["mail"]["id"])
            await client.get(plain.replace(tickets["password"]["number"], "INC0000000"))
    async with stack.database(service) as database:
        rows = await database.fetch(
            "SELECT channel, stream FROM restricted_reads WHERE reader = $1", reader
        )
    assert {row["channel"] for row in rows} == {channel}
    identities = {row["stream"].partition("-")[2].partition("/")[0] for row in rows}
    assert tickets["password"]["id"] in identities
    assert identities.isdisjoint({tickets[name]["id"] for name in ("mail", "printer", "chair")})


async def test_an_auditor_who_is_told_that_nothing_changed_leaves_a_trace_too(desk, tickets, stack):
    path = f"/incidents/{tickets['password']['id']}"
    etag = (await desk.incident(AUDREY).get(path)).headers["etag"]
    reader = f"auditor-{uuid4()}"
    async with stack.client("incident", reader, "auditor") as client:
        answer = await client.get(path, headers={"If-None-Match": etag})
    assert answer.status_code == 304
    async with stack.database("incident") as database:
        reads = "SELECT count(*) FROM restricted_reads WHERE reader = $1"
        assert await database.fetchval(reads, reader) == 1


async def test_what_is_restricted_moves_out_of_sight_with_its_group(desk, stack):
    logged = await desk.log(
        SAM,
        caller="anna",
        organisation=ACME,
        restricted="personnel",
        group=SECURITY,
    )
    identity = logged["id"]
    async with stack.client("incident", "mo", "agent", groups=[SECURITY, NETWORK]) as mo:
        handed_on = await mo.post(f"/incidents/{identity}/assignment", json={"group": NETWORK})
    assert handed_on.status_code == 200
    await desk.clocks_of(identity)
    moved = Tickets("", {"moved": logged})
    for channel in (_get, _history, _feed, _clocks, _explanation, _list_of_clocks, _feed_of_clocks):
        assert await channel(desk, DANA, moved) == {"moved"}, channel
        assert await channel(desk, ANNA, moved) == {"moved"}, channel
        for by in (SAM, CARLA, BEN, OLGA, IMPORTER, GINA):
            assert await channel(desk, by, moved) == set(), (channel, by)


async def test_a_machine_sees_what_is_restricted_by_scope_alone(desk, tickets, stack):
    path = f"/incidents/{tickets['password']['id']}"
    cleared = {"role": "service", "scopes": ["read", "restricted"]}
    async with stack.client("incident", "machine", **cleared) as client:
        assert (await client.get(path)).status_code == 200
    async with stack.client("incident", "machine", "service", scopes=["restricted"]) as client:
        problem(await client.get(path), 403)
    grouped = {"role": "service", "scopes": ["read"], "groups": [SECURITY], "org": ACME}
    async with stack.client("incident", "anna", **grouped) as client:
        problem(await client.get(path), 404)


async def test_a_customer_without_an_organisation_is_of_none(desk, tickets, stack):
    for org in (None, "", "None", "null"):
        async with stack.client("incident", "nemo", "customer", org=org) as nemo:
            assert (await nemo.get("/incidents")).json() == {"items": [], "next": None}
            assert await _get_by(nemo, tickets) == set()


async def _get_by(client, tickets):
    return await each(client, tickets, "/incidents/{}")


async def test_words_in_a_token_are_no_pattern(desk, tickets, stack):
    names = ("ann%", "a_na", "ANNA", "anna ", "{anna}", "anna,ben", "*", "%", "' OR true --")
    for name in names:
        person = Person(name, "requester")
        async with stack.client("incident", person.name, person.role) as client:
            assert (await client.get("/incidents")).json()["items"] == []
            assert await pulled(client) == []
