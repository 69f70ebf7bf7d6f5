import json

import pytest

PROBLEM = "application/problem+json"
JSON = {"Content-Type": "application/json"}


def refused(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    document = answer.json()
    assert document["status"] == status
    assert document["type"].startswith("https://")
    assert document["detail"]
    assert document["trace_id"]
    return document


async def test_what_is_not_there_is_404(agent):
    refused(await agent.get("/nowhere"), 404)


async def test_a_wrong_method_is_405_with_all_that_are_allowed(agent):
    answer = await agent.delete("/tickets")
    refused(answer, 405)
    assert answer.headers["allow"] == "GET, POST"


async def test_a_large_body_is_413(agent, pool):
    refused(await agent.post("/tickets", json={"title": "x" * 20_000}), 413)

    async def pieces():
        yield b'{"title": "'
        for _ in range(20):
            yield b"x" * 1000
        yield b'"}'

    refused(await agent.post("/tickets", content=pieces(), headers=JSON), 413)
    assert await pool.fetchval("SELECT count(*) FROM events") == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'{"title": "\xff"}',
        b'{"title": 1e999}',
        b'{"title": ' + b"9" * 5000 + b"}",
        b'{"title": ' + b"[" * 4000 + b"]" * 4000 + b"}",
        rb'{"title": "a\u0000b"}',
        rb'{"title": "a\ud800b"}',
        rb'{"tags": [{"k": "\u0000"}], "title": "a"}',
        rb'{"tags": [{"\ud800": "v"}], "title": "a"}',
        rb'{"title": "a", "\ud800": 1}',
        b'{"title": "a", "id": 1}',
        b'{"title": "a", "occurred_at": "0000-01-01T00:00:00Z"}',
        b'{"title": "a", "occurred_at": "0001-01-01T00:00:00+14:00"}',
        b'{"title": "a", "occurred_at": "9999-12-31T23:59:59-14:00"}',
        b'{"title": "a", "occurred_at": "10000-01-01T00:00:00Z"}',
        b'{"title": "a", "occurred_at": "2026-01-01T00:00:00"}',
        b'{"title": "a", "occurred_at": 1700000000}',
    ],
)
async def test_a_hostile_body_is_refused_with_a_sentence(agent, pool, body):
    answer = await agent.post("/tickets", content=body, headers=JSON)
    assert answer.status_code in {400, 422}, answer.text
    refused(answer, answer.status_code)
    assert await pool.fetchval("SELECT count(*) FROM events") == 0


async def test_a_validation_error_points_at_the_field_without_the_value(agent):
    body = {"title": 7, "tags": [{"a/b": ["hunter2"]}]}
    document = refused(await agent.post("/tickets", json=body), 422)
    pointers = {fault["pointer"] for fault in document["errors"]}
    assert pointers == {"/title", "/tags/0/a~1b"}
    assert "hunter2" not in json.dumps(document)
    nul = refused(await agent.post("/tickets", json={"title": "a\0b"}), 422)
    assert nul["field"] == "title"


async def test_text_beyond_the_basic_plane_is_kept(agent):
    answer = await agent.post("/tickets", json={"title": "Drücker 🖨️ kaputt"})
    assert answer.json()["title"] == "Drücker 🖨️ kaputt"


@pytest.mark.parametrize("path", ["/tickets?title=%00", "/tickets/%00", "/tickets?after=%00"])
async def test_a_nul_in_the_address_is_400(agent, path):
    refused(await agent.get(path), 400)


async def test_a_fault_of_ours_shows_nothing_and_is_logged(agent, logged):
    document = refused(await agent.get("/broken"), 500)
    assert "hunter2" not in json.dumps(document)
    [entry] = [entry for entry in logged if entry["log_level"] == "error"]
    assert "hunter2" in str(entry["exc_info"])
    again = await agent.get("/broken", headers={"X-Correlation-Id": "story"})
    assert again.json()["trace_id"] == "story"


@pytest.mark.parametrize("name", ["", "a b", "x" * 200, 'a"b', "a\tb"])
async def test_a_wild_correlation_id_is_replaced(agent, name):
    answer = await agent.get("/health/live", headers={"X-Correlation-Id": name})
    assert answer.headers["x-correlation-id"] != name
    assert len(answer.headers["x-correlation-id"]) == 36
