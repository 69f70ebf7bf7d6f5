"""What is next, what is at risk, what was missed and what nothing is promised for, over HTTP."""

from uuid import uuid4

import pytest
from a_ticket import CLOSED, RESOLVED, Life, agreement, book, calendar, held, logged, minute

from deskstream.decider import Actor, Role
from deskstream_testing.middle import front_of
from sla_monitor import foreign
from sla_monitor.main import AGGREGATE, SERVICE

AUDITOR = Actor("audrey", Role.AUDITOR)
POLICIES = book(
    calendar(), agreement("usual", response=None), agreement("quick", customer="acme", response=30)
)
LIVES = {
    "INC1": Life(POLICIES).tell(0, logged(priority=1, service="mail")),
    "INC2": Life(POLICIES)
    .tell(100, logged(priority=2, organisation="acme"))
    .tell(101, foreign.CommentAdded(speaker="agent")),
    "INC3": Life(POLICIES)
    .tell(10, logged(priority=3))
    .tell(20, foreign.IncidentAssigned(group="desk")),
    "INC4": Life(POLICIES).tell(5, logged()).tell(15, held()),
    "INC5": Life(POLICIES).tell(0, logged()).tell(50, RESOLVED).tell(60, CLOSED),
    "INC6": Life(POLICIES).tell(2, logged(priority=5, service="mail")),
    "INC7": Life(POLICIES).tell(1, logged(priority=4)).tell(30, RESOLVED),
}


@pytest.fixture(scope="module")
async def front(shared_database):
    async with front_of(SERVICE, shared_database, AGGREGATE) as front:
        LIVES["INC1"].pass_until(130)
        LIVES["INC3"].pass_until(251)
        for number, life in LIVES.items():
            await front.record(uuid4(), [numbered(fact, number) for fact in life.facts])
        yield front


def numbered(fact, number):
    subject = getattr(fact, "subject", None)
    if subject is None:
        return fact
    return fact.model_copy(update={"subject": subject.model_copy(update={"number": number})})


async def listed(front, path="/clocks", **query):
    items = (await front.get(path, AUDITOR, **query))["items"]
    return [item["number"] for item in items]


async def counted(front, path, **query):
    answer = await front.send("GET", path, AUDITOR, params=query)
    return {one["value"]: one["count"] for one in answer.json()["counts"]}


async def test_what_is_open_comes_by_its_next_due_time_and_what_stands_still_last(front):
    items = (await front.get("/clocks", AUDITOR))["items"]
    assert [(item["number"], item["phase"]) for item in items] == [
        ("INC1", "running"),
        ("INC3", "running"),
        ("INC2", "running"),
        ("INC4", "paused"),
    ]
    assert items[0]["due_at"] == minute(240).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"at_risk": True}, ["INC1"]),
        ({"breached": True}, ["INC3"]),
        ({"service": "mail"}, ["INC1"]),
        ({"organisation": "acme"}, ["INC2"]),
        ({"group": "desk"}, ["INC3"]),
        ({"priority": 2}, ["INC2"]),
        ({"agreement": "quick"}, ["INC2"]),
        ({"phase": "paused"}, ["INC4"]),
        ({"phase": "final"}, ["INC5"]),
        ({"phase": "stopped", "target": "first_response"}, ["INC2"]),
        ({"due_before": minute(250).isoformat()}, ["INC1"]),
        ({"ticket": "INC3"}, ["INC3"]),
        ({"sort": "-number"}, ["INC4", "INC3", "INC2", "INC1"]),
    ],
    ids=str,
)
async def test_clocks_are_found_by_what_people_look_for(front, asked, found):
    assert await listed(front, **asked) == found


@pytest.mark.parametrize(
    ("by", "counts"),
    [
        ("phase", {"running": 3, "paused": 1}),
        ("at_risk", {"false": 3, "true": 1}),
        ("breached", {"false": 3, "true": 1}),
        ("organisation", {"acme": 1, None: 3}),
        ("group", {"desk": 1, None: 3}),
    ],
)
async def test_clocks_are_counted_as_they_are_listed(front, by, counts):
    assert await counted(front, "/clocks/counts", by=by) == counts


async def test_tickets_for_which_nothing_is_promised_are_listed_with_the_reason(front):
    [item] = (await front.get("/uncovered", AUDITOR))["items"]
    assert (item["number"], item["service"], item["standing"]) == ("INC6", "mail", "working")
    assert item["because"] == "usual has no row for its priority"
    assert await listed(front, "/uncovered", standing="resolved") == ["INC7"]
    assert await listed(front, "/uncovered", service="telephony") == []


async def test_they_are_counted_by_the_reason(front):
    because = "usual has no row for its priority"
    assert await counted(front, "/uncovered/counts") == {because: 1}
    assert await counted(front, "/uncovered/counts", standing=["working", "resolved"]) == {
        because: 2
    }
