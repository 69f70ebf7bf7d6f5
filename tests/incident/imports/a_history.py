"""A short history, as an importer tells it over HTTP."""

from datetime import UTC, datetime, timedelta

BEGINNING = datetime(2016, 2, 29, 9, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REPORT = {
    "title": "Mail cannot be sent",
    "caller": "Caller 7",
    "channel": "phone",
    "impact": "medium",
    "urgency": "high",
}
RESOLUTION = {"code": "fixed", "text": "The certificate was renewed."}


def step(ticket, sequence, kind, at=None, /, **fields):
    told = {
        "ticket": ticket,
        "sequence": sequence,
        "kind": kind,
        "at": (at or BEGINNING + sequence * HOUR).isoformat(),
        "by": "Resolver 12",
    }
    return told | ({"fields": fields} if fields else {})


def a_life(ticket="T1"):
    """From the report to the closure, an hour from each to the next."""
    return [
        step(ticket, 1, "log", **REPORT, group="messaging", person="Resolver 12"),
        step(ticket, 2, "start"),
        step(ticket, 3, "hold", reason="awaiting_caller"),
        step(ticket, 4, "resume"),
        step(ticket, 5, "resolve", **RESOLUTION),
    ]


async def begun(importer, name="The former tool"):
    """The path of an import that has begun."""
    answer = await importer.post("/imports", json={"name": name, "because": "We move."})
    assert answer.status_code in {200, 201}, answer.text
    return f"/imports/{answer.json()['id']}"


async def told(importer, path, steps):
    """What became of each of these steps."""
    answer = await importer.post(f"{path}/steps", json={"steps": steps})
    assert answer.status_code == 200, answer.text
    return [one["outcome"] for one in answer.json()["outcomes"]]


STANDING = {
    "in_progress": {},
    "on_hold": {"hold": {"reason": "awaiting_caller"}},
    "resolved": {"resolution": RESOLUTION},
    "closed": {"resolution": RESOLUTION},
    "cancelled": {"cancellation": {"reason": "There was nothing."}},
    "new": {},
}
"""What is told of each state in which a ticket can be when it is first heard of."""
