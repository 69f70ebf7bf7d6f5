"""What no client of good will asks for: refused with a sentence, or taken as what it is.

Never a fault of the service, and never a word of how it is built.
"""

import base64
import json
from urllib.parse import quote

import pytest
from a_service_desk import ANNA, CARLA, DANA, IMPORTER, LENA, OLGA
from no_word_of_the_insides import refused

from catalog.main import SERVICE as CATALOG
from deskstream.service import create_app
from deskstream.settings import Settings
from incident.main import SERVICE as INCIDENT
from sla_monitor.main import SERVICE as SLA_MONITOR

DOCUMENTS = {
    service.name: create_app(service, Settings()).openapi()
    for service in (INCIDENT, CATALOG, SLA_MONITOR)
}
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
SEARCHES = (
    *INJECTIONS,
    "",
    " ",
    "-",
    '"',
    '""',
    '"it\'s \\ here"',
    "'",
    "\\",
    "a\\'b:*A & !c | (d <-> e)",
    "-not -at -all",
    "or or or",
    '-"a b" or -c',
    ":*",
    "<->",
    "T",
    "or " * 60,
    '"' * 199,
    "-a " * 60,
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


# What must be given is, so that what is tried beside it is reached.
GIVEN = {
    "since": "2026-01-01T00:00:00Z",
    "until": "2026-02-01T00:00:00Z",
}


def required(operation, besides=""):
    return {
        one["name"]: GIVEN[one["name"]]
        for one in operation.get("parameters", ())
        if one["in"] == "query" and one.get("required") and one["name"] != besides
    }


@each_get
async def test_no_parameter_reaches_the_database_as_more_than_a_value(
    service, path, operation, desk, known, stack
):
    client = desk.of(service, LENA)
    url = path.replace("{id}", known.get(path.split("/")[1], ""))
    everything = (await client.get(url, params=required(operation))).text
    for name in parameters(operation, "query"):
        besides = "".join(f"&{one}={said}" for one, said in required(operation, name).items())
        for value in (*map(quote, INJECTIONS), *WRITTEN.values()):
            answer = await client.get(f"{url}?{name}={value}{besides}")
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
    asked = {"limit": limit} | required(operation)
    answer = await desk.of(service, LENA).get(url, params=asked)
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


SORTED = [
    (service, path, sort)
    for service, path, operation in GETS
    for one in operation.get("parameters", ())
    if one["name"] == "sort"
    for sort in one["schema"].get("enum", ())
]
PLACES = ("' OR true --", "infinity", "0000-01-01T00:00:00Z", "9999999-01-01", "1e400", "NaN", "")


@pytest.mark.parametrize(("service", "path", "sort"), SORTED)
async def test_no_order_of_any_list_is_broken_by_a_cursor(service, path, sort, desk, known):
    url = path.replace("{id}", known.get(path.split("/")[1], ""))
    client, asked = desk.of(service, OLGA), {"sort": sort, "limit": 1}
    page = await client.get(url, params=asked)
    good = page.json().get("next") if page.status_code == 200 else None
    seal = json.loads(base64.urlsafe_b64decode(good + "==="))[0] if good else "0" * 12
    for place in PLACES:
        for stream in ("' OR true --", "", "\0", "\ud800"):
            cursor = forged(json.dumps([seal, place, stream]))
            answer = await client.get(url, params=asked | {"after": cursor})
            if answer.status_code != 200:
                refused(answer, 403, 404, 422)


@pytest.mark.parametrize("by", [ANNA, CARLA, LENA], ids=lambda by: by.role)
async def test_no_search_breaks_the_language_of_searches(by, desk, known):
    client = desk.incident(by)
    for text in SEARCHES:
        for path in ("/incidents", "/incidents/counts"):
            answer = await client.get(path, params={"text": text})
            if answer.status_code != 200:
                refused(answer, 422)


async def test_a_number_of_a_parked_event_has_an_end(desk):
    for identity in ("9" * 30, str(2**63), "0", "-1", "1.5", "x"):
        answer = await desk.incident(LENA).post(f"/parked/{identity}/retry", json={"reason": "a"})
        refused(answer, 404, 422)
