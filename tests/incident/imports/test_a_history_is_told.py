"""A history over HTTP, against a real database: each step once, whatever happens on the way."""

import asyncio
from datetime import datetime

import pytest
from a_history import BEGINNING, DAY, HOUR, REPORT, RESOLUTION, STANDING, a_life, begun, step, told

from deskstream_testing.middle import in_role
from incident.api import telling

ONCE = ["done"] * 5
AGAIN = ["before"] * 5


async def the_ticket(pool, reference="T1"):
    return await pool.fetchrow("SELECT * FROM incidents WHERE external = $1", reference)


async def everything(pool):
    return [tuple(row) for row in await pool.fetch("SELECT stream, version FROM events")]


async def test_it_stands_as_it_was_told(importer, pool):
    path = await begun(importer)
    assert await told(importer, path, a_life()) == ONCE
    ticket = await the_ticket(pool)
    assert (ticket["status"], ticket["resolved_at"]) == ("resolved", BEGINNING + 5 * HOUR)
    assert (ticket["held_by"], ticket["person"]) == ("messaging", "Resolver 12")
    events = await pool.fetch(
        "SELECT occurred_at, origin ->> 'source' AS source, origin ->> 'actor' AS actor"
        " FROM events WHERE stream = $1 ORDER BY version",
        ticket["stream"],
    )
    assert {event["source"] for event in events} == {f"import:{path.removeprefix('/imports/')}"}
    assert {event["actor"] for event in events} == {"Resolver 12"}
    # The report and who got it, and then an hour from each to the next.
    hours = [1, 1, 2, 3, 4, 5]
    assert [event["occurred_at"] for event in events] == [BEGINNING + n * HOUR for n in hours]


async def test_told_twice_it_changes_nothing(importer, pool):
    path = await begun(importer)
    steps = [*a_life(), step("T2", 1, "start"), step("T1", 6, "start")]
    assert await told(importer, path, steps) == [*ONCE, "refused", "refused"]
    before = await everything(pool)
    for _ in range(2):
        assert await told(importer, path, steps) == [*AGAIN, "refused", "refused"]
    assert await everything(pool) == before
    found = (await importer.get(path)).json()
    assert (found["done"], found["refused"]) == (5, 2)


async def test_what_was_so_already_leaves_it_unchanged(importer):
    path = await begun(importer)
    steps = [*a_life()[:1], step("T1", 2, "assign", group="messaging", person="Resolver 12")]
    assert await told(importer, path, steps) == ["done", "unchanged"]
    assert await told(importer, path, steps) == ["before", "unchanged"]
    assert (await importer.get(path)).json()["done"] == 1


async def test_whoever_had_it_is_told_whatever_our_own_desk_would_have_had_to_name(importer, pool):
    path, on_hold = await begun(importer), {"reason": "awaiting_caller"}
    steps = [
        step("T1", 1, "log", **REPORT, person="Ann"),
        step("T1", 2, "assign", group="messaging"),
        step("T1", 3, "assign", group=None, person="Ben"),
        step("T1", 4, "hold", **on_hold),
        step("T1", 5, "comment", text="The certificate is attached.", speaker="customer"),
        step("T1", 6, "hold", **on_hold),
        step("T1", 7, "resolve", **RESOLUTION),
        step("T1", 8, "assign", group="printing", person="Cid"),
        step("T1", 9, "prioritise", impact="high", urgency="high"),
        step("T1", 10, "close"),
        step("T1", 11, "assign", group=None),
        step("T1", 12, "note", text="It was the first of its kind."),
    ]
    outcomes = await told(importer, path, steps)
    assert outcomes == ["unchanged" if nth == 6 else "done" for nth in range(1, 13)]
    rows = await pool.fetch(
        "SELECT data ->> 'group' AS group, data ->> 'person' AS person FROM events"
        " WHERE type = 'incident.assigned.v2' ORDER BY position"
    )
    holders = [(None, "Ann"), ("messaging", None), (None, "Ben"), ("printing", "Cid"), (None, None)]
    assert [tuple(row) for row in rows] == holders
    ticket = await the_ticket(pool)
    assert (ticket["status"], ticket["held_by"], ticket["person"]) == ("closed", None, None)


@pytest.mark.parametrize("state", STANDING)
async def test_a_ticket_begins_in_the_middle_of_its_life(importer, pool, state):
    path, opened = await begun(importer), BEGINNING - 90 * DAY
    details = {"opened_at": opened.isoformat(), "state": state, **STANDING[state]}
    begins = step("T1", 1, "import", **REPORT, group="messaging", person="Ann", **details)
    assert await told(importer, path, [begins]) == ["done"]
    ticket = await the_ticket(pool)
    assert (ticket["status"], ticket["opened_at"]) == (state, opened)
    assert (ticket["held_by"], ticket["person"]) == ("messaging", "Ann")
    first = await pool.fetchrow(
        "SELECT type, occurred_at FROM events WHERE stream = $1 AND version = 1", ticket["stream"]
    )
    assert tuple(first) == ("incident.imported.v1", BEGINNING + HOUR)
    assert await told(importer, path, [begins]) == ["before"]


@pytest.mark.parametrize("odd", [{"hold": {"reason": "awaiting_caller"}}, {"state": "resolved"}])
async def test_what_a_state_does_not_have_is_not_told_of_it(importer, odd):
    path = await begun(importer)
    told_of = {"opened_at": BEGINNING.isoformat(), "state": "in_progress", **REPORT, **odd}
    answer = await importer.post(
        f"{path}/steps", json={"steps": [step("T1", 1, "import", **told_of)]}
    )
    assert answer.status_code == 422


async def test_a_step_is_done_as_a_whole_or_not_at_all(importer, pool):
    path = await begun(importer)
    hold = {"reason": "awaiting_caller", "until": BEGINNING.isoformat()}
    details = {"opened_at": BEGINNING.isoformat(), "state": "on_hold", "hold": hold}
    assert await told(importer, path, [step("T1", 1, "import", **REPORT, **details)]) == ["refused"]
    assert await the_ticket(pool) is None


async def test_what_is_refused_is_listed_and_the_rest_goes_on(importer):
    path = await begun(importer)
    odd = [step("T2", 1, "resume"), step("T1", 6, "resume"), step("T1", 7, "close")]
    assert await told(importer, path, [*a_life(), *odd]) == [*ONCE, "refused", "refused", "done"]
    page = (await importer.get(f"{path}/refusals", params={"limit": 1})).json()
    assert [(one["ticket"], one["code"]) for one in page["items"]] == [("T2", "not-logged")]
    rest = (await importer.get(f"{path}/refusals", params={"after": page["next"]})).json()
    assert [(one["ticket"], one["sequence"]) for one in rest["items"]] == [("T1", 6)]
    assert rest["items"][0]["detail"].startswith("The incident is resolved, so you cannot resume")
    assert rest["next"] is None


async def test_interrupted_between_two_transactions_it_is_resumed(importer, pool, monkeypatch):
    monkeypatch.setattr(telling, "AT_ONCE", 2)
    path, steps, commands_of = await begun(importer), a_life(), telling.commands_of

    def dies_at_the_last(one, *more):
        if one.sequence == 5:
            raise SystemError
        return commands_of(one, *more)

    monkeypatch.setattr(telling, "commands_of", dies_at_the_last)
    assert (await importer.post(f"{path}/steps", json={"steps": steps})).status_code == 500
    assert (await the_ticket(pool))["status"] == "in_progress"
    monkeypatch.setattr(telling, "commands_of", commands_of)
    assert await told(importer, path, steps) == [*AGAIN[:4], "done"]
    assert (await importer.get(path)).json()["done"] == 5


async def test_two_importers_of_one_history_tell_it_once(importer, another_app, pool):
    path = await begun(importer)
    twin = in_role(await another_app(), "service", "import")
    steps = [one for nth in range(40) for one in a_life(f"T{nth}")]
    one, other = await asyncio.gather(told(importer, path, steps), told(twin, path, steps))
    assert sorted(zip(one, other, strict=True)) == sorted(
        pair
        for pair in zip(one, other, strict=True)
        if pair in {("done", "before"), ("before", "done")}
    )
    assert await pool.fetchval("SELECT count(*) FROM incidents") == 40
    assert (await importer.get(path)).json()["done"] == 200


async def test_each_import_has_its_own_tickets(importer, pool):
    for name in ("One tool", "Another tool"):
        assert await told(importer, await begun(importer, name), a_life()) == ONCE
    assert await pool.fetchval("SELECT count(*) FROM incidents WHERE external = 'T1'") == 2


async def test_an_import_is_found_again_by_its_name(importer):
    assert await begun(importer) == await begun(importer)
    found = (await importer.get("/imports", params={"name": "The former tool"})).json()["items"]
    assert [one["name"] for one in found] == ["The former tool"]
    assert f"/imports/{found[0]['id']}" == await begun(importer)


async def test_nothing_comes_from_before_the_frontier(importer):
    path = await begun(importer)
    await told(importer, path, a_life())
    until = {"until": (BEGINNING + 6 * HOUR).isoformat()}
    advanced = (await importer.post(f"{path}/frontier", json=until)).json()
    assert datetime.fromisoformat(advanced["frontier"]) == BEGINNING + 6 * HOUR
    late = [step("T2", 1, "log", BEGINNING + 6 * HOUR, **REPORT), *a_life()]
    assert await told(importer, path, late) == ["refused", *AGAIN]
    back = await importer.post(f"{path}/frontier", json={"until": BEGINNING.isoformat()})
    assert back.json()["type"].endswith("/frontier-goes-back")


async def test_no_step_slips_under_a_frontier_that_is_announced_meanwhile(
    importer, another_app, monkeypatch
):
    path = await begun(importer)
    twin = in_role(await another_app(), "service", "import")
    read = telling._Record.read
    announced = []

    async def announce_first(*args):
        if not announced:
            until = (BEGINNING + 3 * HOUR).isoformat()
            announced.append(await twin.post(f"{path}/frontier", json={"until": until}))
        return await read(*args)

    monkeypatch.setattr(telling._Record, "read", announce_first)
    assert await told(importer, path, a_life()) == ["refused"] * 5
    assert announced[0].status_code == 200
    steps = (await importer.get(f"{path}/refusals")).json()["items"]
    assert [one["code"] for one in steps] == ["before-frontier"] * 3 + ["not-logged"] * 2


async def test_once_it_has_ended_only_what_is_known_is_recognised(importer):
    path = await begun(importer)
    await told(importer, path, a_life())
    for _ in range(2):
        assert (await importer.post(f"{path}/end")).json()["ended_at"]
    again = [*a_life(), step("T1", 6, "close")]
    assert await told(importer, path, again) == [*AGAIN, "refused"]
    until = {"until": (BEGINNING + DAY).isoformat()}
    refused = await importer.post(f"{path}/frontier", json=until)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "import-ended")


async def test_what_it_names_has_to_be_known(importer, pool):
    path = await begun(importer)
    steps = [*a_life(), step("T2", 1, "log", **REPORT, service="mail")]
    answer = await importer.post(f"{path}/steps", json={"steps": steps})
    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "1")
    assert await the_ticket(pool) is None, "nothing of the batch was done"


async def test_only_an_importer_may_tell_one(caller, importer):
    path = await begun(importer)
    others = [caller(role) for role in ("requester", "customer", "agent", "lead", "owner")]
    for other in [*others, caller("auditor"), caller("service", "read", "stream", "operate")]:
        for answer in (
            await other.post("/imports", json={"name": "x", "because": "y"}),
            await other.post(f"{path}/steps", json={"steps": a_life()}),
            await other.post(f"{path}/end"),
        ):
            assert answer.status_code == 403


async def test_who_answers_for_the_service_sees_how_far_it_is(caller, importer):
    path = await begun(importer)
    looks = ("/imports", path, f"{path}/refusals")
    for role, status in (("lead", 200), ("owner", 200), ("auditor", 200), ("agent", 403)):
        other = caller(role)
        assert [(await other.get(look)).status_code for look in looks] == [status] * 3


@pytest.mark.parametrize("what", ["steps", "frontier", "end"])
async def test_there_is_nothing_to_tell_of_an_import_that_was_never_begun(importer, what):
    bodies = {"steps": {"steps": a_life()}, "frontier": {"until": BEGINNING.isoformat()}}
    path = "/imports/00000000-0000-7000-8000-000000000000"
    answer = await importer.post(f"{path}/{what}", json=bodies.get(what))
    assert answer.status_code == 404
