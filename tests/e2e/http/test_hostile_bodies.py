"""What no client of good will sends: refused with a sentence, or taken as what it is.

Never a fault of the service, and never a word of how it is built.
"""

import json
from uuid import uuid4

import pytest
from a_service_desk import ANNA, DANA, OLGA
from no_word_of_the_insides import refused

JSON = {"Content-Type": "application/json"}


def nested(depth, opening=b"[", closing=b"]"):
    return opening * depth + closing * depth


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "text": b'"text"',
    "a list": b"[]",
    "null": b"null",
    "a number": b"7",
    "a list of incidents": b'[{"title": "a"}]',
    "NaN": b"NaN",
    "NaN for a text": b'{"title": NaN}',
    "Infinity for a text": b'{"title": Infinity}',
    "Infinity for a moment": b'{"title": "a", "happened_at": Infinity, "late_because": "b"}',
    "minus Infinity for a moment": b'{"title": "a", "happened_at": -Infinity, "late_because": "b"}',
    "a number beyond floats": b'{"title": 1e999}',
    "a gigantic number": b'{"title": ' + b"9" * 5000 + b"}",
    "a gigantic number for a word": b'{"title": "a", "impact": ' + b"9" * 4000 + b"}",
    "a NUL": rb'{"title": "a\u0000b"}',
    "a raw NUL": b'{"title": "a\x00b"}',
    "a NUL deep inside": rb'{"title": "a", "configuration_items": ["b", "c\u0000"]}',
    "a NUL in a name": rb'{"title": "a", "x\u0000": 1}',
    "half a surrogate pair": rb'{"title": "a\ud800b"}',
    "the other half": rb'{"title": "a\udc00b"}',
    "half a pair in a name": rb'{"title": "a", "\ud800": 1}',
    "half a pair of raw bytes": b'{"title": "a\xed\xa0\x80b"}',
    "no UTF-8": b'{"title": "\xff\xfe"}',
    "overlong UTF-8": b'{"title": "\xc0\xaf"}',
    "no UTF-16": b"\xff\xfe\x00",
    "a title of spaces": b'{"title": "   "}',
    "a title beyond all limits": b'{"title": "' + b"a" * 900_000 + b'"}',
    "a text beyond all limits": b'{"title": "a", "description": "' + b"b" * 70_000 + b'"}',
    "a text too long in bytes": ('{"title":"a","description":"' + "ü" * 40_000 + '"}').encode(),
    "too many items": b'{"title": "a", "configuration_items": [' + b'"b",' * 100 + b'"b"]}',
    "a third of a million faults": b'{"title":"a","configuration_items":['
    + b"1," * 300_000
    + b"1]}",
    "many unknown names": json.dumps({f"name{nth}": 1 for nth in range(60_000)}).encode(),
    "a very long unknown name": json.dumps({"x" * 900_000: 1}).encode(),
    "the year 0": b'{"title":"a","happened_at":"0000-01-01T00:00:00Z","late_because":"b"}',
    "the year 1": b'{"title":"a","happened_at":"0001-01-01T00:00:00+14:00","late_because":"b"}',
    "the year 9999": b'{"title":"a","happened_at":"9999-12-31T23:59:59-14:00","late_because":"b"}',
    "the year 10000": b'{"title":"a","happened_at":"10000-01-01T00:00:00Z","late_because":"b"}',
    "a day that is none": b'{"title":"a","happened_at":"2026-02-30T00:00:00Z","late_because":"b"}',
    "no time zone": b'{"title": "a", "happened_at": "2026-01-01T00:00:00", "late_because": "b"}',
    "__proto__": b'{"title": "a", "__proto__": {"role": "lead"}}',
    "__class__": b'{"title": "a", "__class__": "x", "__init__": {"__globals__": {}}}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_a_hostile_body_is_refused_with_a_sentence(body, desk):
    answer = await desk.incident(DANA).post("/incidents", content=body, headers=JSON)
    refused(answer, 400, 422)


@pytest.mark.parametrize("pair", [(b"[", b"]"), (b'{"a":', b"}")], ids=["lists", "objects"])
async def test_no_depth_breaks_the_reader(pair, desk):
    opening, closing = pair
    for depth in (*range(40, 60), *range(900, 1000, 3), 5_000, 100_000):
        deep = opening * depth + (b"" if opening == b"[" else b"1") + closing * depth
        for place in (b'{"title": "a", "description": %s}', b"%s"):
            answer = await desk.incident(DANA).post(
                "/incidents", content=place % deep, headers=JSON
            )
            refused(answer, 400, 422)
    depths = (40, 60, 300, 470, 950, 990)
    for depth in depths:
        body = b'{"name": "a", "working_time": %s}' % nested(depth, b'{"hours":', b"}")
        answer = await desk.catalog(OLGA).post("/calendars", content=body, headers=JSON)
        refused(answer, 400, 422)


async def test_ten_megabytes_are_too_much_and_a_strangers_are_not_read(desk, nobody):
    heavy = b'{"title": "' + b"a" * 10_000_000 + b'"}'

    async def in_pieces():
        for begin in range(0, len(heavy), 100_000):
            yield heavy[begin : begin + 100_000]

    for path in ("/incidents", f"/incidents/{uuid4()}/comments"):
        for content in (heavy, in_pieces()):
            refused(await desk.incident(DANA).post(path, content=content, headers=JSON), 413)
    refused(await nobody["incident"].post("/incidents", content=heavy, headers=JSON), 401)
    assert (await desk.incident(DANA).get("/incidents?limit=1")).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded"],
)
async def test_what_is_not_sent_as_json_is_not_taken_for_it(content_type, desk):
    headers = {"Content-Type": content_type}
    answer = await desk.incident(DANA).post(
        "/incidents", content=b'{"title": "a"}', headers=headers
    )
    assert "application/json" in refused(answer, 422)["detail"]


async def test_of_two_members_of_one_name_the_last_counts_for_all_readers(desk):
    body = b'{"title": "a", "title": "b", "impact": "low", "impact": "high"}'
    answer = await desk.incident(DANA).post("/incidents", content=body, headers=JSON)
    assert answer.status_code == 201
    again = await desk.incident(DANA).get(answer.headers["location"])
    assert (again.json()["title"], again.json()["impact"]) == ("b", "high")


@pytest.mark.parametrize(
    "title",
    [
        "🖨️" * 100,
        "👩‍👩‍👧‍👦 is offline",
        "\U0010ffff",
        "مرحبا \u202e reversed",
        "e\u0301" * 50,
        "'; DROP TABLE incidents; --",
        "<script>alert(1)</script>",
        "{{7*7}} ${7*7} %s %n",
        "=cmd|' /C calc'!A0",
        "\ufeffbom",
        "a\nb\tc",
        "a" * 200,
    ],
)
async def test_a_strange_title_comes_back_as_it_was_sent(title, desk):
    ticket = await desk.log(DANA, title=title)
    assert ticket["title"] == title
    page = await desk.incident(DANA).get("/incidents", params={"number": ticket["number"]})
    assert [row["title"] for row in page.json()["items"]] == [title]
    history = await desk.incident(DANA).get(f"/incidents/{ticket['id']}/history")
    assert title in history.json()["items"][0]["text"]


async def test_a_body_where_nothing_is_said_is_refused(desk):
    ticket = await desk.log(ANNA)
    path = f"/incidents/{ticket['id']}/start"
    body = {"happened_at": "2026-01-01T00:00:00Z", "late_because": "I forgot"}
    refused(await desk.incident(DANA).post(path, json=body), 422)
    assert (await desk.incident(DANA).post(path, json={})).status_code == 200
