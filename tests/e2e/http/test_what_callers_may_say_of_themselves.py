"""Who asks for help says what is theirs to say, and learns nothing by trying more."""

from uuid import uuid4

import pytest
from a_service_desk import (
    ACME,
    ANNA,
    BEN,
    CARLA,
    DANA,
    GINA,
    LENA,
    NETWORK,
    RICK,
    SAM,
    SECURITY,
    problem,
)

ASKERS = (ANNA, BEN, CARLA, GINA, RICK)


@pytest.mark.parametrize("by", ASKERS, ids=lambda person: person.name)
@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"caller": "the-chairwoman"}, "caller"),
        ({"organisation": "0198a000-0000-7000-8000-0000000000ff"}, "organisation"),
        ({"group": NETWORK}, "group"),
        ({"happened_at": "2026-01-01T00:00:00Z", "late_because": "?"}, "happened_at"),
        ({"number": "INC0000001"}, "number"),
        ({"status": "closed"}, "status"),
        ({"priority": 1}, "priority"),
        ({"opened_at": "2026-01-01T00:00:00Z"}, "opened_at"),
        ({"occurred_at": "2026-01-01T00:00:00Z"}, "occurred_at"),
        ({"recorded_at": "2026-01-01T00:00:00Z"}, "recorded_at"),
        ({"matrix_version": 7}, "matrix_version"),
        ({"matrix": {}}, "matrix"),
        ({"person": "dana"}, "person"),
        ({"people": ["carla"]}, "people"),
        ({"id": "0198a000-0000-7000-8000-0000000000ff"}, "id"),
        ({"version": 7}, "version"),
        ({"by_agent": True}, "by_agent"),
        ({"source": "import:x"}, "source"),
    ],
)
async def test_who_asks_for_help_sets_only_what_is_theirs(by, wanted, field, desk):
    answer = await desk.incident(by).post("/incidents", json={"title": "Help", **wanted})
    assert problem(answer, 422)["field"] == field


async def test_who_asks_for_help_does_not_learn_which_customers_there_are(desk):
    there = {"title": "Help", "organisation": ACME}
    not_there = {"title": "Help", "organisation": str(uuid4())}
    for by in (GINA, RICK):
        answers = [await desk.incident(by).post("/incidents", json=b) for b in (there, not_there)]
        first, second = (problem(answer, 422) | {"trace_id": None} for answer in answers)
        assert first == second


async def test_who_asks_for_help_may_say_what_is_so_anyway(desk):
    ticket = await desk.log(ANNA, caller="anna", organisation=ACME, on_behalf_of="ben")
    assert (ticket["caller"], ticket["organisation"]) == ("anna", ACME)
    assert (await desk.incident(BEN).get(f"/incidents/{ticket['id']}")).status_code == 200


async def test_who_asks_for_help_can_do_so_in_confidence(desk):
    ticket = await desk.log(ANNA, restricted="personnel", group=SECURITY)
    for by, status in {ANNA: 200, SAM: 200, CARLA: 404, DANA: 404, LENA: 404}.items():
        answer = await desk.incident(by).get(f"/incidents/{ticket['id']}")
        assert answer.status_code == status, by


async def test_staff_log_for_everybody(desk):
    ticket = await desk.log(DANA, caller="anna", organisation=ACME, group=NETWORK, channel="phone")
    assert (ticket["caller"], ticket["group"]) == ("anna", NETWORK)
