"""Whose tickets anybody sees, by whatever channel; and what the channels must not tell.

Four tickets. Anna of Acme cannot send mail. Rick of Globex cannot print. Somebody has Anna's
password, which is for the security group and her alone. Ben of Acme needs a chair.
"""

import json
from dataclasses import dataclass
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
    GLOBEX,
    IMPORTER,
    LENA,
    NETWORK,
    OLGA,
    RICK,
    SAM,
    SECURITY,
    Person,
    problem,
)
from fastapi.routing import iter_route_contexts

from deskstream.service import create_app
from deskstream.settings import Settings
from incident.main import SERVICE
from sla_monitor.main import SERVICE as MONITOR

ASKERS = (ANNA, BEN, CARLA, GINA, RICK)
SEES = {
    ANNA: {"mail", "password"},  # whom it concerns
    BEN: {"chair"},
    CARLA: {"mail", "chair"},  # all of Acme but what is restricted
    GINA: {"printer"},
    RICK: {"printer"},
    DANA: {"mail", "printer", "chair"},
    LENA: {"mail", "printer", "chair"},
    OLGA: {"mail", "printer", "chair"},
    IMPORTER: {"mail", "printer", "chair"},
    SAM: {"mail", "printer", "chair", "password"},  # of the group that holds it
    AUDREY: {"mail", "printer", "chair", "password"},
}
FOR_STAFF_ALONE = "the-caller-is-difficult"


@dataclass(frozen=True)
class Tickets:
    """The four, by name, as they were logged."""

    category: str
    logged: dict

    def __getitem__(self, name):
        return self.logged[name]

    def named(self, identities):
        """Which of the four these are; those of other tests are none of ours."""
        names = {ticket["id"]: name for name, ticket in self.logged.items()}
        return {names[identity] for identity in identities if identity in names}


@pytest.fixture(scope="module")
async def tickets(desk):
    mine = {"category": f"category-{uuid4()}"}
    logged = {
        "mail": await desk.log(ANNA, title="Mail stays in the outbox", **mine),
        "printer": await desk.log(RICK, title="The printer is on fire", **mine),
        "password": await desk.log(
            SAM,
            title="Somebody has Anna's password",
            caller="anna",
            organisation=ACME,
            restricted="security",
            group=SECURITY,
            impact="high",
            urgency="high",
            **mine,
        ),
    }
    mail = logged["mail"]["id"]
    await desk.do(DANA, mail, "assignment", group=NETWORK, person="dana")
    await desk.do(DANA, mail, "notes", text=f"Mind: {FOR_STAFF_ALONE}.")
    await desk.do(
        DANA, mail, "escalation", kind="hierarchical", because=f"Mind: {FOR_STAFF_ALONE}."
    )
    await desk.do(DANA, mail, "comments", text="We are looking into it.")
    await desk.do(SAM, logged["password"]["id"], "notes", text=f"Mind: {FOR_STAFF_ALONE}.")
    logged["chair"] = await desk.log(BEN, title="A chair has three legs", **mine)
    for ticket in logged.values():
        await desk.clocks_of(ticket["id"])
    await desk.settled("sla-monitor")
    return Tickets(mine["category"], logged)


async def pulled(client):
    """The whole feed, page by page."""
    events, after = [], 0
    while True:
        answer = await client.get("/events", params={"after": after, "limit": 200})
        assert answer.status_code == 200, answer.text
        events += answer.json()["events"]
        if "link" not in answer.headers:
            return events
        after = answer.json()["next"]


async def streamed(client, until):
    """The live feed from its beginning, until this event has come."""
    events = []
    async with client.stream("GET", "/events", headers={"Accept": "text/event-stream"}) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                events.append(json.loads(line.removeprefix("data: ")))
                if events[-1]["id"] == until:
                    return events
    raise AssertionError("the stream ended")


async def all_pages(client, path, **params):
    """The ids of a list, page by page."""
    found, params = [], {**params, "limit": 2}
    while True:
        answer = await client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        found += [row["id"] for row in answer.json()["items"]]
        if (following := answer.json()["next"]) is None:
            return found
        params["after"] = following


async def each(client, tickets, path, **params):
    """The tickets of which this can be read; the others must look as if they were not there."""
    seen = set()
    nothing = await client.get(path.format(uuid4()), params=params)
    for name, ticket in tickets.logged.items():
        answer = await client.get(path.format(ticket["id"]), params=params)
        if answer.status_code == 200:
            seen.add(name)
        else:
            assert told(answer) == told(nothing)
    return seen


def told(answer):
    """What a refusal tells, but for the id by which it can be looked up in the logs."""
    return answer.status_code, problem(answer, 404) | {"trace_id": None}


def of_streams(events):
    return [event["subject"].partition("-")[2] for event in events]


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
for_everybody = pytest.mark.parametrize("by", SEES, ids=lambda person: person.name)


@for_everybody
@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.__name__.strip("_"))
async def test_everybody_sees_the_same_through_every_channel(channel, by, desk, tickets):
    assert await channel(desk, by, tickets) == SEES[by]


# Lists, counts, filters, sorts


def values_of(parameter, path, service=SERVICE):
    """What a parameter can be, as the service describes it."""
    operation = create_app(service, Settings()).openapi()["paths"][path]["get"]
    (schema,) = (one["schema"] for one in operation["parameters"] if one["name"] == parameter)
    return schema["enum"]


def counted_as(row, by):
    """What a row adds to in a count."""
    if by == "open":
        return row["status"] in {"new", "in_progress", "on_hold"}
    if by == "unassigned":
        return row["group"] is None
    return row[by]


@for_everybody
@pytest.mark.parametrize("value", values_of("by", "/incidents/counts"))
async def test_a_count_tells_no_more_than_the_list(value, by, desk, tickets):
    answer = await desk.incident(by).get(
        "/incidents/counts", params={"by": value, "category": tickets.category}
    )
    counts = answer.json()
    assert counts["total"] == len(SEES[by])
    rows = await desk.incident(by).get("/incidents", params={"category": tickets.category})
    told = sorted(str(counted_as(row, value)).lower() for row in rows.json()["items"])
    counted = [str(c["value"]).lower() for c in counts["counts"] for _ in range(c["count"])]
    assert sorted(counted) == told


@for_everybody
@pytest.mark.parametrize("value", values_of("by", "/clocks/counts", MONITOR))
async def test_a_count_of_clocks_tells_no_more_than_the_list(value, by, desk, tickets):
    for name, ticket in tickets.logged.items():
        params = {"by": value, "ticket": ticket["number"]}
        counts = (await desk.monitor(by).get("/clocks/counts", params=params)).json()
        params = {"ticket": ticket["number"]}
        rows = (await desk.monitor(by).get("/clocks", params=params)).json()["items"]
        assert counts["total"] == len(rows)
        assert bool(rows) == (name in SEES[by])


@for_everybody
async def test_no_filter_finds_what_the_list_hides(by, desk, tickets):
    hidden = tickets["password"]
    filters = (
        {"number": hidden["number"]},
        {"caller": "anna"},
        {"group": SECURITY},
        {"priority": 1},
        {"organisation": ACME},
        {"organisation": GLOBEX},
        {"status": "new"},
        {"unassigned": False},
        {"breached": False},
        {"opened_from": hidden["opened_at"]},
    )
    for wanted in filters:
        params = {**wanted, "category": tickets.category}
        found = await all_pages(desk.incident(by), "/incidents", **params)
        counted = await desk.incident(by).get("/incidents/counts", params=params)
        assert tickets.named(found) <= SEES[by], wanted
        assert counted.json()["total"] == len(found), wanted


@for_everybody
@pytest.mark.parametrize("sort", values_of("sort", "/incidents"))
async def test_no_sort_shows_what_the_list_hides(sort, by, desk, tickets):
    found = await all_pages(desk.incident(by), "/incidents", category=tickets.category, sort=sort)
    assert tickets.named(found) == SEES[by]
    assert len(found) == len(SEES[by])


async def test_a_cursor_of_somebody_else_opens_nothing(desk, tickets):
    params = {"category": tickets.category, "limit": 1, "sort": "opened"}
    page = (await desk.incident(SAM).get("/incidents", params=params)).json()
    params |= {"after": page["next"], "limit": 200}
    rest = (await desk.incident(CARLA).get("/incidents", params=params)).json()
    assert tickets.named(row["id"] for row in rest["items"]) <= SEES[CARLA]


# Writes


BODIES = {
    "priority": {"impact": "low", "urgency": "low"},
    "priority/override": {"priority": 1, "because": "Asked.", "until": "2090-01-01T00:00:00Z"},
    "priority/override/end": None,
    "classification": {"category": "network"},
    "assignment": {"group": NETWORK},
    "taking": None,
    "major/proposal": {"because": "Nobody can pay."},
    "major/refusal": {"because": "One branch only."},
    "major/declaration": {"business_impact": "All.", "commander": "eve", "notified": ["mara"]},
    "major/notices": {"recipient": "noel"},
    "major/updates": {"text": "Soon."},
    "major/end": {"text": "It works."},
    "major/review": {"findings": "Nobody watched."},
    "escalation": {"kind": "hierarchical", "because": "It takes too long."},
    "start": None,
    "work": {"minutes": 15, "kind": "repair"},
    "watchers": None,
    "unwatching": None,
    "links": {"kind": "problem", "to": "PRB0000007"},
    "unlinking": {"kind": "problem", "to": "PRB0000007"},
    "parent": {"parent": "INC9999999"},
    "departure": None,
    "independence": None,
    "dependence": None,
    "merger": {"into": "INC9999999"},
    "conversion": {"reason": "She wants a mailbox."},
    "hold": {"reason": "awaiting_caller"},
    "resumption": None,
    "comments": {"text": "Hello?"},
    "notes": {"text": "Hm."},
    "resolution": {"code": "fixed", "text": "It works."},
    "confirmation": None,
    "reopening": {"reason": "It does not."},
    "closure": None,
    "cancellation": {"reason": "Never mind."},
}
WRITES = sorted(
    route.path.removeprefix("/incidents/{id}/")
    for route in iter_route_contexts(create_app(SERVICE, Settings()).routes)
    if "POST" in route.methods and route.path.startswith("/incidents/{id}")
)


@pytest.mark.parametrize("write", WRITES)
async def test_what_one_may_not_see_cannot_be_written_to_either(write, desk, tickets):
    for by, seen in SEES.items():
        for name in set(tickets.logged) - seen:
            path = f"/incidents/{tickets[name]['id']}/{write}"
            for headers in ({}, {"If-Match": '"1"'}, {"Idempotency-Key": str(uuid4())}):
                answer = await desk.incident(by).post(path, json=BODIES[write], headers=headers)
                problem(answer, 404, 403)
                if answer.status_code == 404:
                    nothing = await desk.incident(by).post(
                        f"/incidents/{uuid4()}/{write}", json=BODIES[write], headers=headers
                    )
                    assert told(answer) == told(nothing)
    for name, ticket in tickets.logged.items():
        now = (await desk.incident(AUDREY).get(f"/incidents/{ticket['id']}")).json()
        assert (now["status"], now["priority"]) == ("new", ticket["priority"]), name


async def test_every_write_was_tried_by_somebody_whom_its_route_admits():
    assert set(WRITES) == set(BODIES)


async def test_an_auditor_changes_nothing_that_he_sees(desk, tickets):
    for write, body in BODIES.items():
        path = f"/incidents/{tickets['mail']['id']}/{write}"
        problem(await desk.incident(AUDREY).post(path, json=body), 403)
    problem(await desk.incident(AUDREY).post("/incidents", json={"title": "Hm"}), 403)


# Restricted tickets


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


# What is for staff alone


CHANGING = {
    "assignment",
    "resolution",
    "cancellation",
    "hold",
    "start",
    "priority",
    "conversion",
    "watchers",
}


async def everything_told_to(desk, by, tickets):
    """All that somebody can be told about the four tickets, as text."""
    mail = tickets["mail"]
    own, monitor = desk.incident(by), desk.monitor(by)
    answers = [
        await own.get(f"/incidents/{mail['id']}"),
        await own.get(f"/incidents/{mail['id']}", params={"as_of": "8999-01-01T00:00:00Z"}),
        await own.get(f"/incidents/{mail['id']}/history"),
        await own.get("/incidents", params={"category": tickets.category}),
        await own.get("/incidents/counts", params={"category": tickets.category}),
        await monitor.get(f"/clocks/{mail['id']}"),
        await monitor.get(f"/clocks/{mail['id']}/explanation"),
        await monitor.get(f"/clocks/{mail['id']}/history"),
    ]
    key = {"Idempotency-Key": str(uuid4())}
    for write, body in BODIES.items():
        if write in CHANGING:
            continue  # would change the ticket for the tests that follow
        path = f"/incidents/{mail['id']}/{write}"
        answers += [await own.post(path, json=body, headers=key) for _ in range(2)]
    answers += [
        await own.post(
            f"/incidents/{mail['id']}/comments",
            json={"text": "?", "happened_at": "2001-01-01T00:00:00Z", "late_because": "?"},
        )
    ]
    events = await pulled(own)
    live = await streamed(own, until=events[-1]["id"])
    clocks = await pulled(monitor)
    return "\n".join([*(a.text for a in answers), json.dumps([events, live, clocks])])


@pytest.mark.parametrize("by", [ANNA, CARLA], ids=lambda person: person.name)
async def test_an_internal_note_reaches_nobody_who_asks_for_help(by, desk, tickets):
    everything = await everything_told_to(desk, by, tickets)
    assert tickets["mail"]["title"] in everything
    assert FOR_STAFF_ALONE not in everything
    assert "note_added" not in everything
    assert "escalated" not in everything


@pytest.mark.parametrize("by", [DANA, LENA, OLGA, AUDREY, IMPORTER], ids=lambda one: one.name)
async def test_but_everybody_else_who_sees_the_ticket(by, desk, tickets):
    history = await desk.incident(by).get(f"/incidents/{tickets['mail']['id']}/history")
    assert FOR_STAFF_ALONE in history.text
    assert FOR_STAFF_ALONE in json.dumps(await pulled(desk.incident(by)))


async def test_nobody_learns_from_a_refusal_when_a_note_was_written(desk, tickets):
    mail = tickets["mail"]
    body = {"text": "?", "happened_at": mail["opened_at"], "late_because": "I forgot."}
    answer = await desk.incident(ANNA).post(f"/incidents/{mail['id']}/comments", json=body)
    assert problem(answer, 422)["type"].endswith("told-by-staff-only")


# Idempotency keys


async def test_a_key_of_somebody_else_replays_nothing(desk, tickets):
    key = {"Idempotency-Key": str(uuid4())}
    path, body = f"/incidents/{tickets['mail']['id']}/comments", {"text": "Any news?"}
    first = await desk.incident(ANNA).post(path, json=body, headers=key)
    again = await desk.incident(ANNA).post(path, json=body, headers=key)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    other = await desk.incident(CARLA).post(path, json=body, headers=key)
    assert "idempotency-replayed" not in other.headers
    assert other.json()["version"] == first.json()["version"] + 1
    for by in (BEN, GINA, RICK):
        problem(await desk.incident(by).post(path, json=body, headers=key), 404)
    report = {"title": "The same words", "category": tickets.category + "-x"}
    mine = await desk.incident(ANNA).post("/incidents", json=report, headers=key)
    theirs = await desk.incident(GINA).post("/incidents", json=report, headers=key)
    assert (mine.json()["caller"], theirs.json()["caller"]) == ("anna", "gina")
    assert mine.json()["id"] != theirs.json()["id"]


async def test_a_key_replays_nothing_that_its_sender_does_not_see_any_more(desk, stack):
    key = {"Idempotency-Key": str(uuid4())}
    ticket = await desk.log(
        SAM, caller="anna", organisation=ACME, restricted="security", group=SECURITY
    )
    path, body = f"/incidents/{ticket['id']}/assignment", {"group": NETWORK}
    async with stack.client("incident", "mo", "agent", groups=[SECURITY, NETWORK]) as mo:
        assert (await mo.post(path, json=body, headers=key)).status_code == 200
    async with stack.client("incident", "mo", "agent", groups=[SECURITY]) as mo:
        problem(await mo.post(path, json=body, headers=key), 404)


async def test_a_key_shows_what_its_sender_may_see_in_the_role_of_today(desk, tickets, stack):
    key, role = {"Idempotency-Key": str(uuid4())}, {"groups": [NETWORK]}
    path, body = f"/incidents/{tickets['mail']['id']}/comments", {"text": "On it."}
    async with stack.client("incident", "maria", "agent", **role) as maria:
        assert (await maria.post(path, json=body, headers=key)).status_code == 200
    async with stack.client("incident", "maria", "customer", org=GLOBEX) as maria:
        problem(await maria.post(path, json=body, headers=key), 404)


# What callers may say of themselves and of others


@pytest.mark.parametrize("by", ASKERS, ids=lambda person: person.name)
@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"caller": "the-chairwoman"}, "caller"),
        ({"organisation": "0198a000-0000-7000-8000-0000000000ff"}, "organisation"),
        ({"group": NETWORK}, "group"),
        ({"happened_at": "2026-01-01T00:00:00Z", "late_because": "?"}, "happened_at"),
        ({"number": "INC0000001"}, "number"),
        ({"status": "closed"}, "status"),
        ({"priority": 1}, "priority"),
        ({"opened_at": "2026-01-01T00:00:00Z"}, "opened_at"),
        ({"occurred_at": "2026-01-01T00:00:00Z"}, "occurred_at"),
        ({"recorded_at": "2026-01-01T00:00:00Z"}, "recorded_at"),
        ({"matrix_version": 7}, "matrix_version"),
        ({"matrix": {}}, "matrix"),
        ({"person": "dana"}, "person"),
        ({"people": ["carla"]}, "people"),
        ({"id": "0198a000-0000-7000-8000-0000000000ff"}, "id"),
        ({"version": 7}, "version"),
        ({"by_agent": True}, "by_agent"),
        ({"source": "import:x"}, "source"),
    ],
)
async def test_who_asks_for_help_sets_only_what_is_theirs(by, wanted, field, desk):
    answer = await desk.incident(by).post("/incidents", json={"title": "Help", **wanted})
    assert problem(answer, 422)["field"] == field


async def test_who_asks_for_help_does_not_learn_which_customers_there_are(desk):
    there = {"title": "Help", "organisation": ACME}
    not_there = {"title": "Help", "organisation": str(uuid4())}
    for by in (GINA, RICK):
        answers = [await desk.incident(by).post("/incidents", json=b) for b in (there, not_there)]
        first, second = (problem(answer, 422) | {"trace_id": None} for answer in answers)
        assert first == second


async def test_who_asks_for_help_may_say_what_is_so_anyway(desk):
    ticket = await desk.log(ANNA, caller="anna", organisation=ACME, on_behalf_of="ben")
    assert (ticket["caller"], ticket["organisation"]) == ("anna", ACME)
    assert (await desk.incident(BEN).get(f"/incidents/{ticket['id']}")).status_code == 200


async def test_who_asks_for_help_can_do_so_in_confidence(desk):
    ticket = await desk.log(ANNA, restricted="personnel", group=SECURITY)
    for by, status in {ANNA: 200, SAM: 200, CARLA: 404, DANA: 404, LENA: 404}.items():
        answer = await desk.incident(by).get(f"/incidents/{ticket['id']}")
        assert answer.status_code == status, by


async def test_staff_log_for_everybody(desk):
    ticket = await desk.log(DANA, caller="anna", organisation=ACME, group=NETWORK, channel="phone")
    assert (ticket["caller"], ticket["group"]) == ("anna", NETWORK)


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
