import base64
import json
import re

import pytest


@pytest.fixture
async def tickets(client_of):
    ann, cid = client_of("ann", "agent"), client_of("cid", "customer", org="acme")
    for n in range(7):
        await ann.post("/tickets", json={"title": f"t{n % 3}", "organisation": "bolt"})
    for n in range(4):
        await cid.post("/tickets", json={"title": f"c{n}", "organisation": "acme"})
    await ann.post("/tickets", json={"title": "secret", "organisation": "acme", "restricted": True})


async def titles(client, **query):
    answer = await client.get("/tickets", params=query)
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


@pytest.mark.parametrize("sort", ["opened", "-opened", "title", "-title", "due", "-due"])
@pytest.mark.parametrize("limit", [1, 5, 12, 200])
async def test_pages_hold_every_row_once_in_order(agent, tickets, sort, limit):
    whole = (await agent.get("/tickets", params={"sort": sort, "limit": 200})).json()["items"]
    assert len(whole) == 12
    pages, url = [], f"/tickets?sort={sort}&limit={limit}"
    while url:
        answer = await agent.get(url)
        pages.append(answer.json()["items"])
        link = re.fullmatch(r'<(.*)>; rel="next"', answer.headers.get("link", ""))
        url = link and link[1]
        assert (answer.json()["next"] is None) == (url is None)
    assert [item for page in pages for item in page] == whole
    assert {len(page) for page in pages[:-1]} <= {limit}
    if sort in {"title", "-title"}:
        names = [item["title"] for item in whole]
        assert names == sorted(names, reverse=sort.startswith("-"))


async def test_a_row_that_comes_in_between_disturbs_no_page(agent, tickets):
    first = (await agent.get("/tickets?limit=5")).json()
    await agent.post("/tickets", json={"title": "new"})
    rest = await titles(agent, limit=200, after=first["next"])
    assert len(first["items"]) + len(rest) == 12
    assert "new" not in rest


async def test_filters_narrow(agent, tickets):
    assert await titles(agent, title="t0") == ["t0"] * 3
    assert len(await titles(agent, caller="cid")) == 4
    assert await titles(agent, state=["resolved"]) == []
    assert len(await titles(agent, state=["resolved", "open"])) == 12
    assert await titles(agent, opened_from="2099-01-01T00:00:00Z") == []
    assert len(await titles(agent, opened_before="2099-01-01T00:00:00+05:30")) == 12
    assert await titles(agent, title="' OR true --") == []


async def test_everybody_lists_and_counts_what_they_may_see(client_of, tickets):
    for name, role, claims, expected in [
        ("ann", "agent", {}, 12),
        ("bea", "agent", {}, 11),
        ("bea", "customer", {"org": "acme"}, 4),
        ("bea", "requester", {"org": "acme"}, 0),
        ("cid", "requester", {}, 4),
        ("bea", "auditor", {}, 12),
    ]:
        client = client_of(name, role, **claims)
        assert len(await titles(client, limit=200)) == expected
        counts = (await client.get("/tickets/counts?by=organisation")).json()
        assert counts["total"] == expected
        assert sum(entry["count"] for entry in counts["counts"]) == expected


async def test_counts_use_the_filters(agent, tickets):
    counts = (await agent.get("/tickets/counts?by=organisation&title=t1")).json()
    assert counts == {"counts": [{"value": "bolt", "count": 2}], "total": 2, "complete": True}


async def test_of_too_many_the_latest_are_counted(agent, tickets):
    for name in ("one", "two"):
        await agent.post("/tickets", json={"title": name, "organisation": "late"})
    counts = (await agent.get("/tickets/counts?by=organisation")).json()
    told = {entry["value"]: entry["count"] for entry in counts["counts"]}
    assert told == {"late": 2, "acme": 5, "bolt": 6}
    assert (counts["total"], counts["complete"]) == (13, False)


async def test_words_of_internal_notes_are_found_by_staff_only(client_of):
    ann, cid = client_of("ann", "agent"), client_of("cid", "customer", org="acme")
    opened = await cid.post("/tickets", json={"title": "printer", "organisation": "acme"})
    await ann.post(f"{opened.headers['location']}/notes", json={"text": "lazy customer"})
    assert await titles(ann, words="lazy") == ["printer"]
    assert await titles(cid, words="lazy") == []
    assert (await cid.get("/tickets/counts?words=lazy")).json()["total"] == 0
    assert await titles(cid, words="printer") == ["printer"]


async def test_an_auditors_look_at_restricted_rows_is_recorded(client_of, tickets, pool):
    await titles(client_of("ann", "agent"), limit=200)
    assert await pool.fetchval("SELECT count(*) FROM restricted_reads") == 0
    await titles(client_of("aud", "auditor"), limit=200)
    row = await pool.fetchrow("SELECT reader, channel, stream FROM restricted_reads")
    secret = await pool.fetchval("SELECT stream FROM tickets WHERE restricted")
    assert tuple(row) == ("aud", "list", secret)


def cursor(*place):
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "sort=stream",
        "sort=opened;drop table tickets",
        "unknown=1",
        "state=gone",
        "opened_from=yesterday",
        "opened_from=0.5",
        "opened_from=1700000000",
        "opened_from=0000-01-01T00:00:00Z",
        "opened_from=0001-01-01T00:00:00%2B14:00",
        "opened_from=9999-12-31T23:59:59-14:00",
        "opened_from=10000-01-01T00:00:00Z",
        "after=x",
        "after=%F0%9F%92%A9",
        "after=" + cursor(),
        "after=" + cursor("seal", "2026-01-01", "ticket-1"),
        "after=" + "W" * 999,
    ],
)
async def test_a_wrong_query_is_a_sentence(agent, tickets, query):
    answer = await agent.get(f"/tickets?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("place", ["nonsense", "a\0b", "\ud800", 7, None, "5874898-01-01"])
async def test_a_cursor_made_up_by_hand_is_refused(agent, tickets, place):
    real = (await agent.get("/tickets?limit=1")).json()["next"]
    seal, _, stream = json.loads(base64.urlsafe_b64decode(real + "==="))
    answer = await agent.get("/tickets", params={"limit": 1, "after": cursor(seal, place, stream)})
    assert answer.status_code == 422


async def test_a_cursor_belongs_to_its_sort_and_filters(agent, tickets):
    after = (await agent.get("/tickets?limit=1&sort=title")).json()["next"]
    assert (await agent.get(f"/tickets?limit=2&sort=title&after={after}")).status_code == 200
    assert (await agent.get(f"/tickets?sort=-title&after={after}")).status_code == 422
    assert (await agent.get(f"/tickets?sort=title&title=t0&after={after}")).status_code == 422
