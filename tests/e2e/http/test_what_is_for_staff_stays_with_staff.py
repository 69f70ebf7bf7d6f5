"""An internal note reaches nobody who asks for help, by no channel and in no refusal."""

import json
from uuid import uuid4

import pytest
from a_service_desk import ANNA, AUDREY, CARLA, DANA, IMPORTER, LENA, OLGA, problem
from four_tickets import BODIES, FOR_STAFF_ALONE, pulled, streamed

CHANGING = {
    "assignment",
    "resolution",
    "cancellation",
    "hold",
    "start",
    "priority",
    "conversion",
    "watchers",
}


async def everything_told_to(desk, by, tickets):
    """All that somebody can be told about the four tickets, as text."""
    mail = tickets["mail"]
    own, monitor = desk.incident(by), desk.monitor(by)
    answers = [
        await own.get(f"/incidents/{mail['id']}"),
        await own.get(f"/incidents/{mail['id']}", params={"as_of": "8999-01-01T00:00:00Z"}),
        await own.get(f"/incidents/{mail['id']}/history"),
        await own.get("/incidents", params={"category": tickets.category}),
        await own.get("/incidents/counts", params={"category": tickets.category}),
        await monitor.get(f"/clocks/{mail['id']}"),
        await monitor.get(f"/clocks/{mail['id']}/explanation"),
        await monitor.get(f"/clocks/{mail['id']}/history"),
    ]
    key = {"Idempotency-Key": str(uuid4())}
    for write, body in BODIES.items():
        if write in CHANGING:
            continue  # would change the ticket for the tests that follow
        path = f"/incidents/{mail['id']}/{write}"
        answers += [await own.post(path, json=body, headers=key) for _ in range(2)]
    answers += [
        await own.post(
            f"/incidents/{mail['id']}/comments",
            json={"text": "?", "happened_at": "2001-01-01T00:00:00Z", "late_because": "?"},
        )
    ]
    events = await pulled(own)
    live = await streamed(own, until=events[-1]["id"])
    clocks = await pulled(monitor)
    return "\n".join([*(a.text for a in answers), json.dumps([events, live, clocks])])


@pytest.mark.parametrize("by", [ANNA, CARLA], ids=lambda person: person.name)
async def test_an_internal_note_reaches_nobody_who_asks_for_help(by, desk, tickets):
    everything = await everything_told_to(desk, by, tickets)
    assert tickets["mail"]["title"] in everything
    assert FOR_STAFF_ALONE not in everything
    assert "note_added" not in everything
    assert "escalated" not in everything


@pytest.mark.parametrize("by", [DANA, LENA, OLGA, AUDREY, IMPORTER], ids=lambda one: one.name)
async def test_but_everybody_else_who_sees_the_ticket(by, desk, tickets):
    history = await desk.incident(by).get(f"/incidents/{tickets['mail']['id']}/history")
    assert FOR_STAFF_ALONE in history.text
    assert FOR_STAFF_ALONE in json.dumps(await pulled(desk.incident(by)))


async def test_nobody_learns_from_a_refusal_when_a_note_was_written(desk, tickets):
    mail = tickets["mail"]
    body = {"text": "?", "happened_at": mail["opened_at"], "late_because": "I forgot."}
    answer = await desk.incident(ANNA).post(f"/incidents/{mail['id']}/comments", json=body)
    assert problem(answer, 422)["type"].endswith("told-by-staff-only")
