"""One command for many incidents: each is decided by itself, and nothing is done twice."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest
from an_incident import AGENT, CALLER, LEAD, LOGGED, resolved

from deskstream.decider import Actor, Role
from incident.api import bulk
from incident.events.ending import IncidentCancelled, IncidentClosed
from incident.events.work import WorkStarted
from incident.terms import Restriction

NOW = datetime.now(UTC)
NUMBERS = count(1)
START = {"start": {}}
STRANGER = Actor("Sam", Role.AGENT)


def report(**different):
    told = {"at": NOW - timedelta(hours=1), "number": f"INC{next(NUMBERS):07}"}
    return LOGGED.model_copy(update=told | different)


async def ask(front, body, by=AGENT, **headers):
    return await front.send("POST", "/incidents/bulk", by, json=body, **headers)


async def answered(front, body, by=AGENT, **headers):
    answer = await ask(front, body, by, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def three(front):
    """One that can be started, one that cannot, one that the agent does not see."""
    return [
        str(await front.exists(report())),
        str(await front.exists(report(), IncidentCancelled(reason="A test."))),
        str(await front.exists(report(restricted=Restriction.SECURITY))),
    ]


async def test_each_is_answered_by_itself_and_in_order(front):
    new, over, secret = await three(front)
    nothing = str(uuid4())
    told = await answered(front, {"ids": [over, nothing, new, secret], "command": START}, STRANGER)
    assert [item["id"] for item in told["items"]] == [over, nothing, new, secret]
    codes = [item["code"] for item in told["items"]]
    assert codes == ["not-possible-now", "not-found", None, "not-found"]
    assert (told["done"], told["refused"], told["preview"]) == (1, 3, False)
    assert all(item["text"].endswith(".") for item in told["items"])
    *_, event = await front.recorded(new)
    assert (event.fact, told["items"][2]["version"]) == (WorkStarted(at=event.occurred_at), 2)
    assert event.origin.correlation == told["correlation"]
    assert [len(await front.recorded(one)) for one in (over, secret)] == [2, 1]


async def test_a_preview_says_the_same_and_writes_nothing(front):
    ids = await three(front)
    body = {"ids": ids, "command": START}
    seen = await answered(front, body | {"preview": True})
    assert [len(await front.recorded(one)) for one in ids] == [1, 2, 1]
    done = await answered(front, body)
    assert seen["preview"]
    assert seen["items"] == done["items"]


async def test_a_filter_names_what_a_list_would_show(front):
    ids = await three(front)
    body = {"filter": {"open": True, "unassigned": True}, "command": START}
    told = await answered(front, body)
    assert [item["id"] for item in told["items"]] == ids[:1]


async def test_a_role_is_asked_for_by_each_incident(front):
    body = {"ids": [str(await front.exists(report(), resolved(NOW)))], "command": {"closure": {}}}
    assert (await answered(front, body))["items"][0]["code"] == "not-yours-to-do"
    assert (await answered(front, body, LEAD))["done"] == 1
    *_, event = await front.recorded(body["ids"][0])
    assert isinstance(event.fact, IncidentClosed)
    assert (await ask(front, body, CALLER)).status_code == 403


async def test_the_same_key_does_it_once_and_goes_on_where_it_stopped(front, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    for _ in range(5):
        await front.exists(report())
    body = {"filter": {"status": ["new"]}, "command": {"comments": {"text": "We know."}}}
    key = {"headers": {"Idempotency-Key": "again"}}
    whole = bulk.Bulk._chunk
    calls = count()

    async def interrupted(self, nth, *rest):
        if next(calls) == 1:
            raise ConnectionResetError
        return await whole(self, nth, *rest)

    monkeypatch.setattr(bulk.Bulk, "_chunk", interrupted)
    assert (await ask(front, body, **key)).status_code == 503
    first = await answered(front, body, **key)
    again = await answered(front, body, **key)
    assert first == again
    assert first["done"] == 5
    stories = set()
    for item in first["items"]:
        events = await front.recorded(item["id"])
        assert len(events) == 2
        stories.add(events[1].origin.correlation)
    assert stories == {first["correlation"]}
    other = body | {"command": START}
    assert (await ask(front, other, **key)).status_code == 422


ONE = [str(UUID(int=1))]
NONSENSE = [
    {},
    {"ids": ONE},
    {"command": START},
    {"ids": ONE, "filter": {}, "command": START},
    {"ids": [], "command": START},
    {"ids": ONE * 2, "command": START},
    {"ids": [str(UUID(int=nth)) for nth in range(1001)], "command": START},
    {"ids": ONE, "command": {}},
    {"ids": ONE, "command": {"start": {}, "closure": {}}},
    {"ids": ONE, "command": {"logging": {}}},
    {"ids": ONE, "command": {"comments": {"text": "a\0b"}}},
    {"ids": ["1; DROP TABLE incidents"], "command": START},
    {"filter": {"service": "a\0b"}, "command": START},
    {"filter": {"opened_from": "9999-01-01T00:00:00Z"}, "command": START},
    {"filter": {"sort": "number"}, "command": START},
    {"filter": {"working": "Dana"}, "command": START},
]


@pytest.mark.parametrize("body", NONSENSE, ids=[str(one)[:60] for one in NONSENSE])
async def test_what_makes_no_sense_is_refused_with_a_sentence(front, body):
    answer = await ask(front, body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"].endswith((".", "…"))


async def test_too_many_are_refused_and_no_version_fits_many(front, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 2)
    for _ in range(3):
        await front.exists(report())
    answer = await ask(front, {"filter": {}, "command": START})
    assert (answer.status_code, answer.json()["field"]) == (422, "filter")
    body = {"ids": ONE, "command": START}
    assert (await ask(front, body, headers={"If-Match": '"1"'})).status_code == 400
