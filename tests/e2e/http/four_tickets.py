"""Four tickets, and who is to see which of them.

Anna of Acme cannot send mail. Rick of Globex cannot print. Somebody has Anna's password, which is
for the security group and her alone. Ben of Acme needs a chair.
"""

import json
from dataclasses import dataclass
from uuid import uuid4

import pytest
from a_service_desk import (
    ACME,
    ANNA,
    AUDREY,
    BEN,
    CARLA,
    DANA,
    GINA,
    IMPORTER,
    LENA,
    NETWORK,
    OLGA,
    RICK,
    SAM,
    SECURITY,
    problem,
)

SEES = {
    ANNA: {"mail", "password"},  # whom it concerns
    BEN: {"chair"},
    CARLA: {"mail", "chair"},  # all of Acme but what is restricted
    GINA: {"printer"},
    RICK: {"printer"},
    DANA: {"mail", "printer", "chair"},
    LENA: {"mail", "printer", "chair"},
    OLGA: {"mail", "printer", "chair"},
    IMPORTER: {"mail", "printer", "chair"},
    SAM: {"mail", "printer", "chair", "password"},  # of the group that holds it
    AUDREY: {"mail", "printer", "chair", "password"},
}


for_everybody = pytest.mark.parametrize("by", SEES, ids=lambda person: person.name)
FOR_STAFF_ALONE = "the-caller-is-difficult"


@dataclass(frozen=True)
class Tickets:
    """The four, by name, as they were logged."""

    category: str
    logged: dict

    def __getitem__(self, name):
        return self.logged[name]

    def named(self, identities):
        """Which of the four these are; those of other tests are none of ours."""
        names = {ticket["id"]: name for name, ticket in self.logged.items()}
        return {names[identity] for identity in identities if identity in names}


BODIES = {
    "priority": {"impact": "low", "urgency": "low"},
    "priority/override": {"priority": 1, "because": "Asked.", "until": "2090-01-01T00:00:00Z"},
    "priority/override/end": None,
    "classification": {"category": "network"},
    "assignment": {"group": NETWORK},
    "taking": None,
    "major/proposal": {"because": "Nobody can pay."},
    "major/refusal": {"because": "One branch only."},
    "major/declaration": {"business_impact": "All.", "commander": "eve", "notified": ["mara"]},
    "major/notices": {"recipient": "noel"},
    "major/updates": {"text": "Soon."},
    "major/end": {"text": "It works."},
    "major/review": {"findings": "Nobody watched."},
    "escalation": {"kind": "hierarchical", "because": "It takes too long."},
    "start": None,
    "work": {"minutes": 15, "kind": "repair"},
    "watchers": None,
    "unwatching": None,
    "links": {"kind": "problem", "to": "PRB0000007"},
    "unlinking": {"kind": "problem", "to": "PRB0000007"},
    "parent": {"parent": "INC9999999"},
    "departure": None,
    "independence": None,
    "dependence": None,
    "merger": {"into": "INC9999999"},
    "conversion": {"reason": "She wants a mailbox."},
    "hold": {"reason": "awaiting_caller"},
    "resumption": None,
    "comments": {"text": "Hello?"},
    "notes": {"text": "Hm."},
    "resolution": {"code": "fixed", "text": "It works."},
    "confirmation": None,
    "reopening": {"reason": "It does not."},
    "closure": None,
    "cancellation": {"reason": "Never mind."},
}
"""Something to send to each route that changes an incident."""


async def log_them(desk):
    """Log the four, each with what it needs, and wait until all services know them."""
    mine = {"category": f"category-{uuid4()}"}
    logged = {
        "mail": await desk.log(ANNA, title="Mail stays in the outbox", **mine),
        "printer": await desk.log(RICK, title="The printer is on fire", **mine),
        "password": await desk.log(
            SAM,
            title="Somebody has Anna's password",
            caller="anna",
            organisation=ACME,
            restricted="security",
            group=SECURITY,
            impact="high",
            urgency="high",
            **mine,
        ),
    }
    mail = logged["mail"]["id"]
    await desk.do(DANA, mail, "assignment", group=NETWORK, person="dana")
    await desk.do(DANA, mail, "notes", text=f"Mind: {FOR_STAFF_ALONE}.")
    await desk.do(
        DANA, mail, "escalation", kind="hierarchical", because=f"Mind: {FOR_STAFF_ALONE}."
    )
    await desk.do(DANA, mail, "comments", text="We are looking into it.")
    await desk.do(SAM, logged["password"]["id"], "notes", text=f"Mind: {FOR_STAFF_ALONE}.")
    logged["chair"] = await desk.log(BEN, title="A chair has three legs", **mine)
    for ticket in logged.values():
        await desk.clocks_of(ticket["id"])
    await desk.settled("sla-monitor")
    return Tickets(mine["category"], logged)


async def pulled(client):
    """The whole feed, page by page."""
    events, after = [], 0
    while True:
        answer = await client.get("/events", params={"after": after, "limit": 200})
        assert answer.status_code == 200, answer.text
        events += answer.json()["events"]
        if "link" not in answer.headers:
            return events
        after = answer.json()["next"]


async def streamed(client, until):
    """The live feed from its beginning, until this event has come."""
    events = []
    async with client.stream("GET", "/events", headers={"Accept": "text/event-stream"}) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                events.append(json.loads(line.removeprefix("data: ")))
                if events[-1]["id"] == until:
                    return events
    raise AssertionError("the stream ended")


async def all_pages(client, path, **params):
    """The ids of a list, page by page."""
    found, params = [], {**params, "limit": 2}
    while True:
        answer = await client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        found += [row["id"] for row in answer.json()["items"]]
        if (following := answer.json()["next"]) is None:
            return found
        params["after"] = following


async def each(client, tickets, path, **params):
    """The tickets of which this can be read; the others must look as if they were not there."""
    seen = set()
    nothing = await client.get(path.format(uuid4()), params=params)
    for name, ticket in tickets.logged.items():
        answer = await client.get(path.format(ticket["id"]), params=params)
        if answer.status_code == 200:
            seen.add(name)
        else:
            assert told(answer) == told(nothing)
    return seen


def told(answer):
    """What a refusal tells, but for the id by which it can be looked up in the logs."""
    return answer.status_code, problem(answer, 404) | {"trace_id": None}


def of_streams(events):
    return [event["subject"].partition("-")[2] for event in events]
