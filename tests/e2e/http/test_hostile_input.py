"""What no client of good will sends: refused with a sentence, or taken as what it is.

Never a fault of the service, and never a word of how it is built.
"""

import asyncio
import base64
import json
from urllib.parse import quote
from uuid import uuid4

import pytest
from a_service_desk import ANNA, DANA, IMPORTER, LENA, OLGA, problem

from catalog.main import SERVICE as CATALOG
from deskstream.service import create_app
from deskstream.settings import Settings
from incident.main import SERVICE as INCIDENT
from sla_monitor.main import SERVICE as SLA_MONITOR

JSON = {"Content-Type": "application/json"}
# What would tell how the service is built, or what it stands on.
INSIDES = (
    "traceback",
    "asyncpg",
    "pydantic",
    "postgres",
    "site-packages",
    ".py",
    "select ",
    "syntax error",
    "fastapi",
    "recursion",
    "pg_",
    "exception",
)
DOCUMENTS = {
    service.name: create_app(service, Settings()).openapi()
    for service in (INCIDENT, CATALOG, SLA_MONITOR)
}


def refused(answer, *status):
    """A problem that tells the caller what to do and nothing about the insides."""
    document = problem(answer, *(status or (400, 404, 405, 409, 413, 422)))
    text = answer.text.lower()
    assert [word for word in INSIDES if word in text] == []
    assert len(answer.content) < 100_000
    return document


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


# Addresses

INJECTIONS = (
    "' OR 1=1 --",
    "'; DROP TABLE incidents; --",
    "1; SELECT pg_sleep(10)",
    "x' UNION SELECT title FROM incidents --",
    ") OR (true",
    "{}",
    "$1",
    "\u202e",
    "a" * 5000,
    "-1",
    "9" * 400,
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
    "10000-01-01T00:00:00Z",
    "infinity",
)
WRITTEN = {
    "a NUL": "%00",
    "no UTF-8": "%ff%fe",
    "half a pair": "%ed%a0%80",
    "overlong": "%c0%af",
    "a broken escape": "%zz",
}
GETS = [
    (service, path, operation)
    for service, document in DOCUMENTS.items()
    for path, item in document["paths"].items()
    if (operation := item.get("get")) and "security" in operation and path != "/metrics"
]
each_get = pytest.mark.parametrize(
    ("service", "path", "operation"), GETS, ids=[f"{service}{path}" for service, path, _ in GETS]
)


def parameters(operation, place):
    return [one["name"] for one in operation.get("parameters", ()) if one["in"] == place]


@pytest.fixture(scope="module")
async def known(desk):
    """Something that exists, for the paths with an id."""
    ticket = await desk.log(DANA)
    await desk.clocks_of(ticket["id"])
    found = {"incidents": ticket["id"], "clocks": ticket["id"]}
    kinds = {
        path.split("/")[1] for service, path, _ in GETS if service == "catalog" and "{" in path
    }
    for kind in kinds:
        found[kind] = (await desk.catalog(OLGA).get(f"/{kind}")).json()["items"][0]["id"]
    history = {"name": "A history", "because": "it is to be known here"}
    found["imports"] = (await desk.incident(IMPORTER).post("/imports", json=history)).json()["id"]
    order = {"kind": "agreement", "policy": found["agreements"], "because": "as agreed"}
    proposed = await desk.monitor(OLGA).post("/policy-orders", json=order)
    found["policy-orders"] = proposed.json()["id"]
    return found


@each_get
async def test_no_parameter_reaches_the_database_as_more_than_a_value(
    service, path, operation, desk, known, stack
):
    client = desk.of(service, LENA)
    url = path.replace("{id}", known.get(path.split("/")[1], ""))
    everything = (await client.get(url)).text
    for name in parameters(operation, "query"):
        for value in (*map(quote, INJECTIONS), *WRITTEN.values()):
            answer = await client.get(f"{url}?{name}={value}")
            if answer.status_code != 200:
                refused(answer, 400, 404, 422)
            elif "counts" not in url and "items" in answer.json():
                # What is taken for a value is no condition that is always true.
                assert (
                    answer.json()["items"] == []
                    or name in {"limit", "after", "sort", "by"}
                    or (name == "text" and value in map(quote, INJECTIONS))  # a title, found
                    or (answer.text in everything)
                ), (name, value)
    async with stack.database(service) as database:
        assert await database.fetchval("SELECT count(*) FROM events") > 0


@pytest.mark.parametrize(
    ("service", "path"),
    [(service, path) for service, path, operation in GETS if parameters(operation, "query")],
)
async def test_a_parameter_that_is_none_is_refused(service, path, desk, known):
    url = path.replace("{id}", known.get(path.split("/")[1], ""))
    for name in ("as_off", "limits", "%F0%9F%92%A9", "x" * 10_000, "__class__", "sort%5B%5D"):
        answer = await desk.of(service, LENA).get(f"{url}?{name}=1")
        refused(answer, 422)


@each_get
@pytest.mark.parametrize("limit", ["0", "-1", "201", "100000000", "9" * 30, "1.5", "all", ""])
async def test_no_page_is_larger_than_pages_are(limit, service, path, operation, desk, known):
    if "limit" not in parameters(operation, "query"):
        return
    url = path.replace("{id}", known.get(path.split("/")[1], ""))
    required = {"since": "2026-01-01T00:00:00Z"} if path == "/handover" else {}
    answer = await desk.of(service, LENA).get(url, params={"limit": limit} | required)
    assert refused(answer, 422)["field"] == "limit"


@each_get
async def test_a_path_is_no_place_for_tricks(service, path, operation, desk):
    if "{id}" not in path:
        return
    tricks = (*map(quote, INJECTIONS), *WRITTEN.values(), "..%2f..%2fetc%2fpasswd", "%2e%2e", "*")
    for trick in tricks:
        answer = await desk.of(service, LENA).get(path.replace("{id}", trick or "x"))
        refused(answer, 400, 404, 405, 422)


async def test_a_very_long_list_of_filters_is_answered(desk):
    many = "&".join(["status=new"] * 4000)
    assert (await desk.incident(LENA).get(f"/incidents?{many}")).status_code == 200
    wrong = "&".join(["status=x"] * 4000)
    refused(await desk.incident(LENA).get(f"/incidents?{wrong}"), 422)


# Cursors


def forged(place):
    return base64.urlsafe_b64encode(place.encode("utf-8", "surrogatepass")).decode().rstrip("=")


@pytest.mark.parametrize(
    ("service", "path"),
    [("incident", "/incidents"), ("catalog", "/calendars"), ("sla-monitor", "/clocks")],
)
async def test_a_tampered_cursor_opens_nothing(service, path, desk, known):
    await desk.clocks_of((await desk.log(DANA))["id"])  # so that there is a second page
    client = desk.of(service, LENA)
    good = (await client.get(path, params={"limit": 1})).json()["next"]
    seal, key, stream = json.loads(base64.urlsafe_b64decode(good + "==="))
    cursors = (
        good[:-3],
        good[1:],
        good.swapcase(),
        "AAAA",
        "💩",
        "=" * 900,
        "A" * 1001,
        forged(""),
        forged("null"),
        forged("7"),
        forged("[]"),
        forged('"abc"'),
        forged("[" * 700),
        forged(json.dumps([seal, key])),
        forged(json.dumps([seal, key, stream, 1])),
        forged(json.dumps([seal, 7, stream])),
        forged(json.dumps([seal, None, None])),
        forged(json.dumps(["0" * 12, key, stream])),
        forged(json.dumps([seal, "\0", stream])),
        forged(f'["{seal}", "\ud800", "{stream}"]'),
        forged(json.dumps([seal, "\ud800", stream])),
        forged(json.dumps({"seal": seal})),
    )
    for cursor in cursors:
        refused(await client.get(path, params={"after": cursor, "limit": 1}), 400, 422)
    # What has the seal is no secret: it only marks a place among the rows that one sees anyway.
    for value in ("' OR true --", "infinity", "9999999-01-01", "x"):
        cursor = forged(json.dumps([seal, value, "' OR true --"]))
        answer = await client.get(path, params={"after": cursor, "limit": 1})
        if answer.status_code != 200:
            refused(answer, 422)
    refused(await client.get(path, params={"after": good, "sort": "-number"}), 422)


# Headers


@pytest.mark.parametrize("tag", ["7", "x", '"7', '"7" "8"', "W/7", '"7",', "", '"a"; x'])
async def test_an_if_match_that_is_none_is_refused(tag, desk, known):
    path = f"/incidents/{known['incidents']}/comments"
    answer = await desk.incident(DANA).post(path, json={"text": "a"}, headers={"If-Match": tag})
    assert refused(answer, 400)["field"] == "If-Match"


@pytest.mark.parametrize("key", ["", "a b", "a" * 256, b"\xc3\xbc", b"\xff", "a\tb"])
async def test_an_idempotency_key_that_is_none_is_refused(key, desk):
    answer = await desk.incident(DANA).post(
        "/incidents", json={"title": "a"}, headers={b"Idempotency-Key": key}
    )
    assert refused(answer, 400)["field"] == "Idempotency-Key"


@pytest.mark.parametrize("number", ["-1", "x", "9" * 30, "1.5", "", b"\xff", "١٢٣", "0x10"])
async def test_a_last_event_id_that_is_none_is_refused(number, desk):
    number = number if isinstance(number, bytes) else number.encode()
    headers = {b"Accept": b"text/event-stream", b"Last-Event-ID": number}
    answer = await desk.incident(DANA).get("/events", headers=headers)
    assert refused(answer, 422)["field"] == "Last-Event-ID"


async def test_headers_without_end_change_nothing(desk, nobody, known):
    path = f"/incidents/{known['incidents']}"
    wild = (
        {"If-None-Match": '"x",' * 5000},
        {"X-Correlation-Id": "x" * 60_000},
        {"Accept": "text/html;q=" + "9" * 30_000},
        {"Cookie": "a=b;" * 10_000},
        {f"X-{nth}": "x" for nth in range(1000)},
        {"Content-Length": "0", "Expect": "100-continue"},
        {"X-HTTP-Method-Override": "DELETE", "X-Original-URL": "/metrics"},
    )
    for headers in wild:
        assert (await desk.incident(DANA).get(path, headers=headers)).status_code == 200
    for token in (b"x" * 100_000, b"a.b.c", b"\xff\xfe", b"." * 5000, b"e30.e30.", b"null"):
        answer = await nobody["incident"].get(path, headers={b"Authorization": b"Bearer " + token})
        refused(answer, 401)


async def test_a_wild_correlation_id_is_neither_kept_nor_sent_back(desk):
    for wild in (b"a b", b'"', b"x" * 129, b"\xff", b"\xe2\x82\xac", b"a;b", b"${jndi:ldap://x}"):
        answer = await desk.incident(DANA).get("/incidents", headers={b"X-Correlation-Id": wild})
        assert answer.status_code == 200
        assert answer.headers["x-correlation-id"].encode() != wild


@pytest.mark.parametrize(
    "lines",
    [
        b"GET /incidents/\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /incidents?caller=\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /incidents HTTP/1.1\r\nHost: a\r\nX-A: a\x00b\r\n\r\n",
        b"GET /incidents?" + b"a=b&" * 30_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        b"FETCH /incidents HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /incidents HTTP/9.9\r\nHost: a\r\n\r\n",
        b"POST /incidents HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n{}",
        b"POST /incidents HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 9\r\n\r\n{}",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        b"POST /incidents HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"\r\n" * 1000 + b"\x00" * 100 + b"\r\n\r\n",
    ],
)
async def test_what_is_hardly_http_is_turned_away_by_the_server_itself(lines, stack, nobody):
    reader, writer = await asyncio.open_connection("127.0.0.1", stack.services["incident"].port)
    writer.write(lines)
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(65_536), 10)
    writer.close()
    status = answer.split(b" ")[1]
    assert status in {b"400", b"401", b"404", b"405"}
    assert not [word for word in INSIDES if word.encode() in answer.lower()]
    assert (await nobody["incident"].get("/health/live")).status_code == 200


async def test_a_number_of_a_parked_event_has_an_end(desk):
    for identity in ("9" * 30, str(2**63), "0", "-1", "1.5", "x"):
        answer = await desk.incident(LENA).post(f"/parked/{identity}/retry", json={"reason": "a"})
        refused(answer, 404, 422)


async def test_a_body_where_nothing_is_said_is_refused(desk):
    ticket = await desk.log(ANNA)
    path = f"/incidents/{ticket['id']}/start"
    body = {"happened_at": "2026-01-01T00:00:00Z", "late_because": "I forgot"}
    refused(await desk.incident(DANA).post(path, json=body), 422)
    assert (await desk.incident(DANA).post(path, json={})).status_code == 200


async def test_and_after_all_of_this_nothing_has_failed(stack, desk):
    for name in DOCUMENTS:
        assert (await desk.of(name, LENA).get("/parked")).json()["items"] == []
        log = (stack.folder / "logs" / f"{name}.log").read_text()
        assert "request failed" not in log
