"""What one may not see cannot be written to either, nor had again by somebody else's key."""

from uuid import uuid4

import pytest
from a_service_desk import (
    ACME,
    ANNA,
    AUDREY,
    BEN,
    CARLA,
    GINA,
    GLOBEX,
    NETWORK,
    RICK,
    SAM,
    SECURITY,
    problem,
)
from fastapi.routing import iter_route_contexts
from four_tickets import BODIES, SEES, told

from deskstream.service import create_app
from deskstream.settings import Settings
from incident.main import SERVICE

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
