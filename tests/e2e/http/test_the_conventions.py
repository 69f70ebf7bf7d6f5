"""What every front-end may rely on, shown at the incident service."""

import asyncio
import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from a_service_desk import ACME, ANNA, CARLA, DANA, GINA, LENA, NETWORK, OLGA, eventually, problem


@pytest.fixture
async def ticket(desk):
    return await desk.log(ANNA, title="Mail stays in the outbox")


JSON = {"Content-Type": "application/json"}


def path_of(ticket, below=""):
    return f"/incidents/{ticket['id']}{below}"


async def version_of(desk, ticket):
    return (await desk.incident(DANA).get(path_of(ticket))).json()["version"]


# Idempotency-Key


async def test_the_same_key_and_body_give_the_same_answer_once(desk, ticket):
    key, note = {"Idempotency-Key": str(uuid4())}, {"text": "The queue is full."}
    first = await desk.incident(DANA).post(path_of(ticket, "/notes"), json=note, headers=key)
    await desk.do(DANA, ticket["id"], "start")
    again = await desk.incident(DANA).post(path_of(ticket, "/notes"), json=note, headers=key)
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["etag"] == first.headers["etag"] == '"2"'
    assert await version_of(desk, ticket) == 3


async def test_logging_twice_under_one_key_logs_once(desk):
    key, report = {"Idempotency-Key": str(uuid4())}, {"title": "Twice?", "category": str(uuid4())}
    first = await desk.incident(ANNA).post("/incidents", json=report, headers=key)
    again = await desk.incident(ANNA).post("/incidents", json=report, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    listed = await desk.incident(ANNA).get("/incidents", params={"category": report["category"]})
    assert len(listed.json()["items"]) == 1


async def test_the_same_key_with_another_body_is_refused(desk, ticket):
    key = {"Idempotency-Key": str(uuid4())}
    path = path_of(ticket, "/comments")
    assert (await desk.incident(ANNA).post(path, json={"text": "a"}, headers=key)).is_success
    other = await desk.incident(ANNA).post(path, json={"text": "b"}, headers=key)
    assert problem(other, 422)["field"] == "Idempotency-Key"
    assert await version_of(desk, ticket) == 2


async def test_a_refusal_is_repeated_under_its_key_even_when_it_would_go_through_by_now(
    desk, ticket
):
    key = {"Idempotency-Key": str(uuid4())}
    path = path_of(ticket, "/resumption")
    refused = await desk.incident(DANA).post(path, headers=key)
    problem(refused, 409)
    await desk.do(DANA, ticket["id"], "hold", reason="awaiting_caller")
    again = await desk.incident(DANA).post(path, headers=key)
    assert problem(again, 409)["detail"] == refused.json()["detail"]
    assert (await desk.incident(DANA).post(path)).status_code == 200


async def test_of_many_at_once_under_one_key_one_is_carried_out(desk, ticket):
    key, note = {"Idempotency-Key": str(uuid4())}, {"text": "At once."}

    async def send():
        path = path_of(ticket, "/notes")
        answer = await desk.incident(DANA).post(path, json=note, headers=key)
        while answer.status_code == 409:  # the first is still being carried out
            problem(answer, 409)
            await asyncio.sleep(float(answer.headers["retry-after"]))
            answer = await desk.incident(DANA).post(path, json=note, headers=key)
        return answer

    answers = await asyncio.gather(*(send() for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert await version_of(desk, ticket) == 2


async def test_many_at_once_without_a_key_are_all_carried_out(desk, ticket):
    answers = await asyncio.gather(
        *(
            desk.incident(DANA).post(path_of(ticket, "/notes"), json={"text": f"{nth}"})
            for nth in range(20)
        )
    )
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(answer.json()["version"] for answer in answers) == list(range(2, 22))


# ETag, If-Match, If-None-Match


async def test_the_etag_is_the_version_and_what_is_known_is_not_sent_again(desk, ticket):
    first = await desk.incident(ANNA).get(path_of(ticket))
    assert first.headers["etag"] == '"1"'
    for known in ('"1"', 'W/"1"', '"0", "1"', "*"):
        same = await desk.incident(ANNA).get(path_of(ticket), headers={"If-None-Match": known})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", '"1"')
    await desk.do(ANNA, ticket["id"], "comments", text="Hello?")
    changed = await desk.incident(ANNA).get(path_of(ticket), headers={"If-None-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')


async def test_a_write_on_a_version_that_is_past_is_refused_with_the_present_one(desk, ticket):
    await desk.do(DANA, ticket["id"], "start")
    body = {"code": "fixed", "text": "It works."}
    for stale in ('"1"', '"3"', 'W/"2"', '"x"'):
        answer = await desk.incident(DANA).post(
            path_of(ticket, "/resolution"), json=body, headers={"If-Match": stale}
        )
        problem(answer, 412)
        assert answer.headers["etag"] == '"2"'
    answer = await desk.incident(DANA).post(
        path_of(ticket, "/resolution"), json=body, headers={"If-Match": '"1", "2"'}
    )
    assert (answer.status_code, answer.headers["etag"]) == (200, '"3"')


async def test_of_many_at_once_on_one_version_one_goes_through(desk, ticket):
    answers = await asyncio.gather(
        *(
            desk.incident(DANA).post(
                path_of(ticket, "/notes"), json={"text": "a"}, headers={"If-Match": '"1"'}
            )
            for _ in range(10)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 9


# Lists


async def test_pages_follow_one_another_without_gap_or_repetition(desk):
    category = str(uuid4())
    logged = [(await desk.log(ANNA, category=category))["number"] for _ in range(7)]

    async def pages(sort):
        url = f"/incidents?category={category}&limit=3&sort={sort}"
        while url:
            page = await desk.incident(DANA).get(url)
            yield [row["number"] for row in page.json()["items"]]
            link = page.headers.get("link")
            following = re.fullmatch(r'<(/incidents\?.*)>; rel="next"', link) if link else None
            url = following and following[1]
            assert (page.json()["next"] is None) == (url is None)

    seen = []
    async for page in pages("number"):
        seen += page
        if len(seen) == 3:  # what comes meanwhile is on a later page
            logged.append((await desk.log(ANNA, category=category))["number"])
    assert seen == logged
    seen = []
    async for page in pages("-opened"):
        seen += page
        if len(seen) == 3:  # or before the first one
            await desk.log(ANNA, category=category)
    assert seen == logged[::-1]


async def test_a_filter_takes_several_values_and_names_are_exact(desk):
    category = str(uuid4())
    new = await desk.log(ANNA, category=category)
    begun = await desk.log(ANNA, category=category)
    await desk.do(DANA, begun["id"], "start")
    held = await desk.log(ANNA, category=category)
    await desk.do(DANA, held["id"], "hold", reason="awaiting_caller")
    params = [("category", category), ("status", "new"), ("status", "on_hold"), ("sort", "number")]
    page = await desk.incident(DANA).get("/incidents", params=params)
    assert [row["id"] for row in page.json()["items"]] == [new["id"], held["id"]]
    counts = await desk.incident(DANA).get("/incidents/counts", params={"category": category})
    assert counts.json()["total"] == 3
    problem(await desk.incident(DANA).get("/incidents", params={"Status": "new"}), 422)


# As of, history


async def test_a_ticket_is_shown_as_it_was_known_at_any_moment(desk, ticket):
    await desk.do(DANA, ticket["id"], "assignment", group=NETWORK)
    await desk.do(DANA, ticket["id"], "start")
    history = (await desk.incident(DANA).get(path_of(ticket, "/history"))).json()["items"]
    assert [entry["version"] for entry in history] == [1, 2, 3]
    for entry, status, group in zip(
        history, ("new", "new", "in_progress"), (None, NETWORK, NETWORK), strict=True
    ):
        params = {"as_of": entry["recorded_at"]}
        then = await desk.incident(DANA).get(path_of(ticket), params=params)
        assert then.headers["etag"] == f'"{entry["version"]}"'
        assert (then.json()["status"], then.json()["group"]) == (status, group)
    before = datetime.fromisoformat(history[0]["recorded_at"]) - timedelta(microseconds=1)
    params = {"as_of": before.isoformat()}
    problem(await desk.incident(DANA).get(path_of(ticket), params=params), 404)


async def test_history_tells_who_did_what_page_by_page(desk, ticket):
    await desk.do(DANA, ticket["id"], "comments", text="We are on it.")
    await desk.do(LENA, ticket["id"], "start")
    first = await desk.incident(DANA).get(path_of(ticket, "/history"), params={"limit": 2})
    assert [entry["by"] for entry in first.json()["items"]] == ["anna", "dana"]
    assert 'rel="next"' in first.headers["link"]
    params = {"limit": 2, "after": first.json()["next"]}
    rest = await desk.incident(DANA).get(path_of(ticket, "/history"), params=params)
    assert [entry["text"] for entry in rest.json()["items"]] == ["Work started."]
    assert rest.json()["next"] is None


# Refusals


async def test_every_refusal_is_a_problem_with_a_type_of_its_own(desk, ticket, nobody):
    dana = desk.incident(DANA)
    answers = {
        "unauthenticated": await nobody["incident"].get("/incidents"),
        "forbidden": await dana.post(path_of(ticket, "/closure")),
        "not-found": await dana.get(f"/incidents/{uuid4()}"),
        "method-not-allowed": await dana.delete(path_of(ticket)),
        "unreadable-body": await dana.post("/incidents", content=b"{", headers=JSON),
        "not-json": await dana.post("/incidents", content=b"title=a"),
        "invalid-request": await dana.post("/incidents", json={}),
        "body-too-large": await dana.post("/incidents", json={"title": "a" * 2_000_000}),
        "not-possible-now": await dana.post(path_of(ticket, "/resumption")),
        "version-changed": await dana.post(path_of(ticket, "/start"), headers={"If-Match": '"9"'}),
        "unknown-parameter": await dana.get(path_of(ticket), params={"as_off": "now"}),
    }
    for code, answer in answers.items():
        document = problem(answer, 400, 401, 403, 404, 405, 409, 412, 413, 422)
        assert document["type"] == f"https://deskstream.example/problems/{code}"
        assert document["title"]
        assert answer.headers["x-correlation-id"]
    assert answers["method-not-allowed"].headers["allow"] == "GET"
    assert answers["unauthenticated"].headers["www-authenticate"].startswith("Bearer")


async def test_what_is_impossible_now_is_refused_with_what_is_possible(desk, ticket):
    detail = problem(await desk.incident(DANA).post(path_of(ticket, "/resumption")), 409)["detail"]
    assert "Possible for you now: " in detail
    assert "start work" in detail


async def test_a_fault_of_the_body_names_its_field(desk, ticket):
    body = {"reason": "awaiting_supplier"}
    answer = await desk.incident(DANA).post(path_of(ticket, "/hold"), json=body)
    assert problem(answer, 422)["field"] == "supplier"
    body = {"title": "a", "impact": "huge", "configuration_items": ["a", ""]}
    document = problem(await desk.incident(DANA).post("/incidents", json=body), 422)
    pointers = {fault["pointer"] for fault in document["errors"]}
    assert pointers == {"/impact", "/configuration_items/1"}
    body = {"text": "a", "happened_at": "2999-01-01T00:00:00Z", "late_because": "b"}
    answer = await desk.incident(DANA).post(path_of(ticket, "/comments"), json=body)
    assert problem(answer, 422)["field"] == "happened_at"


@pytest.mark.parametrize("field", ["id", "occurred_at", "number", "priority", "Title", "x"])
async def test_unknown_fields_are_refused_by_name(field, desk):
    answer = await desk.incident(LENA).post("/incidents", json={"title": "a", field: "b"})
    assert problem(answer, 422)["field"] == field


@pytest.mark.parametrize("kind", ["organisation", "service"])
async def test_what_is_not_known_here_yet_may_be_in_a_moment(kind, desk):
    key = {"Idempotency-Key": str(uuid4())}
    stranger = {"title": "a", kind: str(uuid4())}
    answer = await desk.incident(DANA).post("/incidents", json=stranger, headers=key)
    assert problem(answer, 409)["type"].endswith("/not-known-here")
    assert int(answer.headers["retry-after"]) >= 1


async def test_waiting_as_long_as_told_is_enough_under_the_same_key(desk):
    name = {"name": f"New customer {uuid4()}", "kind": "customer"}
    registered = await desk.catalog(OLGA).post("/organisations", json=name)
    report = {"title": "a", "organisation": registered.json()["id"]}
    key = {"Idempotency-Key": str(uuid4())}

    async def logged():
        answer = await desk.incident(DANA).post("/incidents", json=report, headers=key)
        if answer.status_code == 409:
            assert int(answer.headers["retry-after"]) >= 1
        return answer.status_code == 201

    await eventually(logged)


# The whole story of a matter


async def test_one_correlation_id_goes_through_to_the_topics_and_to_the_clocks(desk, stack):
    story = f"story-{uuid4()}"
    answer = await desk.incident(DANA).post(
        "/incidents",
        json={"title": "a", "organisation": ACME},
        headers={"X-Correlation-Id": story},
    )
    assert answer.headers["x-correlation-id"] == story
    ticket = answer.json()
    await desk.clocks_of(ticket["id"])
    await desk.settled("sla-monitor")

    async def told(topic, stream):
        return [arrival.message for arrival in await stack.topic(topic) if arrival.stream == stream]

    (logged,) = await told("itsm.incident.events.v1", f"incident-{ticket['id']}")
    assert logged.correlation == story
    clocks = await told("itsm.sla-monitor.events.v1", f"clock-{ticket['id']}")
    assert {clock.type for clock in clocks} == {"clock.started.v1"}
    assert {clock.correlation for clock in clocks} == {story}
    for feed in (desk.incident(DANA), desk.monitor(DANA)):
        page = await feed.get("/events", params={"after": 0, "limit": 200})
        events = page.json()["events"]
        while "link" in page.headers:
            page = await feed.get("/events", params={"after": page.json()["next"], "limit": 200})
            events += page.json()["events"]
        own = [event for event in events if event["subject"].endswith(ticket["id"])]
        assert {event["correlationid"] for event in own} == {story}


async def test_a_refusal_can_be_found_again_by_its_trace_id(desk):
    story = f"story-{uuid4()}"
    answer = await desk.incident(CARLA).get(
        f"/incidents/{uuid4()}", headers={"X-Correlation-Id": story}
    )
    assert answer.headers["x-correlation-id"] == story
    assert problem(answer, 404)["trace_id"]
    without = await desk.incident(GINA).get(f"/incidents/{uuid4()}")
    assert without.headers["x-correlation-id"] != story
