"""What is told to who comes back: what changed for their groups, whoever holds it now."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from an_incident import AGENT, CALLER, LOGGED, STARTED

from deskstream.decider import Actor, Role
from incident.events.conversation import NoteAdded
from incident.events.triage import IncidentAssigned
from incident.terms import Restriction

NUMBERS = count(1)
NEWCOMER = Actor("Nia", Role.LEAD)
OURS, THEIRS = IncidentAssigned(group="messaging"), IncidentAssigned(group="network")
EARLIER = (datetime.now(UTC) - timedelta(days=1)).isoformat()


def report(title, **different):
    told = {"at": None, "number": f"INC{next(NUMBERS):07}", "title": title}
    return LOGGED.model_copy(update=told | different)


async def told(front, by, **query):
    return await front.get("/handover", by, **query)


async def test_it_tells_what_happened_to_what_the_groups_hold_or_held(front):
    await front.exists(report("ours"), OURS, NoteAdded(text="Ask the supplier."))
    await front.exists(report("given away"), OURS, THEIRS)
    await front.exists(report("theirs"), THEIRS, STARTED)
    secret = report("secret", restricted=Restriction.SECURITY)
    await front.exists(secret, OURS, THEIRS)
    items = (await told(front, AGENT, since=EARLIER))["items"]
    assert [item["incident"]["title"] for item in items] == ["ours", "given away"]
    assert [change["text"] for change in items[0]["changes"]][1:] == [
        "Assigned to messaging.",
        "Noted: Ask the supplier.",
    ]
    assert (await told(front, NEWCOMER, since=EARLIER))["items"] == []


async def test_it_tells_only_what_was_recorded_since_whenever_it_happened(front):
    identity = await front.exists(report("ours"), OURS)
    *_, assigned = await front.recorded(identity)
    since = (assigned.recorded_at + timedelta(microseconds=1)).isoformat()
    assert (await told(front, AGENT, since=since))["items"] == []
    late = {"happened_at": assigned.occurred_at.isoformat(), "late_because": "I was called away."}
    body = {"reason": "awaiting_caller"} | late
    answer = await front.send("POST", f"/incidents/{identity}/hold", AGENT, json=body)
    assert answer.status_code == 200, answer.text
    (item,) = (await told(front, AGENT, since=since))["items"]
    (change,) = item["changes"]
    assert datetime.fromisoformat(change["at"]) == assigned.occurred_at
    assert change["text"].startswith("Put on hold")


async def test_it_goes_on_where_it_stopped(front):
    for title in "abcde":
        await front.exists(report(title), OURS)
    seen, query = [], {"since": EARLIER}
    while query:
        page = await told(front, AGENT, limit=2, **query)
        seen += [item["incident"]["title"] for item in page["items"]]
        query = page["next"] and {"since": page["until"], "after": page["next"]}
    assert seen == list("abcde")
    assert (await told(front, AGENT, since=page["until"]))["items"][0]["incident"]["title"] == "e"
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert (await told(front, AGENT, since=tomorrow))["items"] == []


@pytest.mark.parametrize(
    "query",
    [{}, {"since": "yesterday"}, {"since": "0000-01-01T00:00:00Z"}, {"limit": 0, "since": EARLIER}],
)
async def test_it_needs_a_moment(front, query):
    answer = await front.send("GET", "/handover", AGENT, params=query)
    assert (answer.status_code, answer.json()["detail"][-1]) == (422, ".")


async def test_it_is_for_those_who_work_on_incidents(front):
    answer = await front.send("GET", "/handover", CALLER, params={"since": EARLIER})
    assert answer.status_code == 403
