"""Facts given, a request, and what is answered and recorded: over a real database."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from an_incident import (
    AFFECTED,
    AGENT,
    ASSIGNED,
    BREACHED,
    CALLER,
    COLLEAGUE,
    HOUR,
    IMPORTER,
    LEAD,
    LOGGED,
    MACHINE,
    MONDAY,
    REOPENED,
    STARTED,
    resolved,
)

from incident.events.conversation import CommentAdded
from incident.events.ending import IncidentCancelled, IncidentClosed, IncidentResolved
from incident.events.holding import IncidentPutOnHold, IncidentResumed
from incident.events.service_levels import ServiceLevelBreachCorrected
from incident.events.triage import IncidentAssigned, IncidentLogged
from incident.terms import Closure, HoldReason, Restriction, ResumeCause, Speaker

NOW = datetime.now(UTC)
NUMBERS = count(1)
JUST = resolved(NOW - HOUR)
LONG_AGO = {"happened_at": "2026-01-05T10:00:00Z", "late_because": "It comes from the old tool."}
RESOLUTION = {"code": "fixed", "text": "Done."}


def today(**different):
    """A report of an hour ago, under a number of its own."""
    return LOGGED.model_copy(
        update={"at": NOW - HOUR, "number": f"INC{next(NUMBERS):07}", **different}
    )


def past(fact, hours=1):
    return fact.model_copy(update={"at": MONDAY + hours * HOUR})


OLD = past(LOGGED, 0)


async def test_a_report_becomes_an_incident(front):
    body = {"title": "Mail cannot be sent", "impact": "high", "urgency": "high"}
    identity = await front.given().post("/incidents", body, by=CALLER).then(201, IncidentLogged)
    seen = await front.get(f"/incidents/{identity}", CALLER)
    assert (seen["caller"], seen["organisation"], seen["priority"]) == ("Anna", "acme", 1)


async def test_a_report_that_comes_too_late_follows_another(front):
    body = {"title": "Mail again", "follows": "INC0001234"}
    identity = await front.given().post("/incidents", body, by=CALLER).then(201, IncidentLogged)
    assert (await front.get(f"/incidents/{identity}", CALLER))["follows"] == "INC0001234"


@pytest.mark.parametrize("body", [None, {}])
async def test_what_needs_no_words_needs_no_body(front, body):
    await front.given(today()).post("/incidents/{id}/start", body, by=AGENT).then(200, STARTED)


async def test_a_body_is_the_command_itself(front):
    hold = {"reason": "awaiting_supplier", "supplier": "Northwind", "reference": "NW-4711"}
    await (front.given(today()).post("/incidents/{id}/hold", hold, by=AGENT)).then(
        200, IncidentPutOnHold(**hold)
    )
    assign = {"group": "messaging", "person": "Dana"}
    await (
        front.given(today()).post("/incidents/{id}/assignment", assign, by=LEAD).then(200, ASSIGNED)
    )
    wrong = {"group": "messaging", "when": "now"}
    await (
        front.given(today())
        .post("/incidents/{id}/assignment", wrong, by=LEAD)
        .then_refused("invalid-request", 422)
    )


TOLD_BY_A_TOOL = [
    ((OLD,), "start", {}, past(STARTED)),
    ((OLD,), "assignment", {"group": "messaging", "person": "Dana"}, past(ASSIGNED)),
    (
        (OLD, past(IncidentPutOnHold(reason=HoldReason.OTHER, text="A strike."), 0)),
        "resumption",
        {},
        past(IncidentResumed(cause=ResumeCause.BY_HAND)),
    ),
    (
        (OLD,),
        "comments",
        {"text": "We are on it.", "speaker": "agent"},
        past(CommentAdded(text="We are on it.", speaker=Speaker.AGENT)),
    ),
    ((OLD,), "resolution", RESOLUTION, resolved(MONDAY + HOUR, text="Done.")),
    (
        (OLD, resolved(MONDAY)),
        "reopening",
        {"reason": "It has stopped again."},
        past(REOPENED),
    ),
    (
        (OLD, resolved(MONDAY)),
        "closure",
        {},
        past(IncidentClosed(how=Closure.IMPORTED)),
    ),
    ((OLD,), "cancellation", {"reason": "A test."}, past(IncidentCancelled(reason="A test."))),
]


@pytest.mark.parametrize(
    ("so_far", "path", "body", "fact"), TOLD_BY_A_TOOL, ids=[one[1] for one in TOLD_BY_A_TOOL]
)
async def test_an_importer_tells_whatever_happened_when_it_happened(
    front, so_far, path, body, fact
):
    await (
        front.given(*so_far).post(f"/incidents/{{id}}/{path}", body | LONG_AGO, by=IMPORTER)
    ).then(200, fact)


async def test_as_of_a_moment_it_is_as_it_was_known_then_whenever_that_had_happened(front):
    identity = await front.exists(today())
    (logged,) = await front.recorded(identity)
    path, late = f"/incidents/{identity}", "I was on the phone."
    told = {"happened_at": (NOW - HOUR / 2).isoformat(), "late_because": late}
    answer = await front.send("POST", f"{path}/resolution", AGENT, json=RESOLUTION | told)
    assert answer.status_code == 200, answer.text
    for as_of, status in ((logged.recorded_at, "new"), (datetime.now(UTC), "resolved")):
        assert (await front.get(path, AGENT, as_of=as_of.isoformat()))["status"] == status
    before = {"as_of": (logged.recorded_at - HOUR).isoformat()}
    assert (await front.send("GET", path, AGENT, params=before)).status_code == 404
    *_, entry = (await front.get(f"{path}/history", AGENT))["items"]
    assert (datetime.fromisoformat(entry["at"]), entry["reason"]) == (NOW - HOUR / 2, late)


async def test_people_tell_late_what_the_table_says_and_not_long_ago(front):
    an_hour_ago = {"happened_at": (NOW - HOUR / 2).isoformat(), "late_because": "I was away."}
    resolution, start = "/incidents/{id}/resolution", "/incidents/{id}/start"
    await (front.given(today()).post(resolution, RESOLUTION | an_hour_ago, by=AGENT)).then(
        200, resolved(NOW - HOUR / 2, text="Done.")
    )
    late_start = front.given(today()).post(start, an_hour_ago, by=AGENT)
    await late_start.then_refused("cannot-be-told-afterwards", 422)
    long_ago = front.given(OLD).post(resolution, RESOLUTION | LONG_AGO, by=AGENT)
    await long_ago.then_refused("too-long-ago", 422)


@pytest.mark.parametrize("path", ["cancellation", "reopening"])
async def test_a_colleague_ends_nothing_that_is_not_theirs(front, path):
    after = (JUST,) if path == "reopening" else ()
    asked, body = f"/incidents/{{id}}/{path}", {"reason": "Never mind."}
    await (
        front.given(today(), *after)
        .post(asked, body, by=COLLEAGUE)
        .then_refused("not-yours-to-do", 409)
    )
    await (
        front.given(today(), *after)
        .post("/incidents/{id}/comments", {"text": "Me too."}, by=COLLEAGUE)
        .then(200, CommentAdded(text="Me too.", speaker=Speaker.CUSTOMER))
    )


async def test_a_route_admits_whom_the_table_names(front):
    for path, by in (("closure", AGENT), ("notes", CALLER), ("confirmation", IMPORTER)):
        await (
            front.given(today(), JUST)
            .post(f"/incidents/{{id}}/{path}", {}, by=by)
            .then_refused("forbidden", 403)
        )
    await (
        front.given(today(), JUST)
        .post("/incidents/{id}/start", {}, by=MACHINE)
        .then_refused("forbidden", 403)
    )
    await (
        front.given(today(), JUST)
        .post("/incidents/{id}/confirmation", by=AFFECTED)
        .then(200, IncidentClosed(how=Closure.CONFIRMED))
    )


async def test_a_breach_that_was_none_hides_no_other(front):
    other = BREACHED.model_copy(update={"target": "resolution"})
    none = ServiceLevelBreachCorrected(target="first_response", cycle=1)
    identity = await (
        front.given(today(), BREACHED, other, none).post("/incidents/{id}/start", by=AGENT)
    ).then(200, STARTED)
    item = await front.get(f"/incidents/{identity}", AGENT)
    (row,) = (await front.get("/incidents", AGENT, breached=True))["items"]
    assert (item["breached"], row["breached"]) == (["resolution"], True)
    assert (await front.get("/incidents", AGENT, breached=False))["items"] == []


async def test_a_row_was_changed_when_that_was_recorded_not_when_it_happened(front):
    identity = await (front.given(OLD).post("/incidents/{id}/start", LONG_AGO, by=IMPORTER)).then(
        200, past(STARTED)
    )
    (row,) = (await front.get("/incidents", AGENT))["items"]
    assert row["id"] == str(identity)
    assert datetime.fromisoformat(row["updated_at"]) > NOW - timedelta(minutes=1)


CUSTOMER, OLD_PARENT, NEW_PARENT = "acme", "holding", "others"
MATRIX = """
INSERT INTO priority_matrices (customer, version, effective_from, priorities)
SELECT $1, 1, '2026-01-01Z', jsonb_object_agg(impact, jsonb_build_object(
    'high', $2::int, 'medium', $2::int, 'low', $2::int
)) FROM unnest(ARRAY['high', 'medium', 'low']) AS impact
"""
PARTY = """
INSERT INTO known_versions (kind, id, version, effective_from, name, parent)
VALUES ('organisation', $1, $2, $3, $1, $4)
"""


async def test_a_customer_who_moves_next_month_keeps_the_old_parents_table_until_then(front):
    await front.pool.execute(MATRIX, OLD_PARENT, 2)
    await front.pool.execute(MATRIX, NEW_PARENT, 5)
    await front.pool.execute(PARTY, CUSTOMER, 1, MONDAY, OLD_PARENT)
    await front.pool.execute(PARTY, CUSTOMER, 2, NOW + timedelta(days=30), NEW_PARENT)
    identity = await (front.given().post("/incidents", {"title": "Mail is down"}, by=CALLER)).then(
        201, IncidentLogged
    )
    assert (await front.get(f"/incidents/{identity}", CALLER))["priority"] == 2


async def test_a_restricted_incident_cannot_be_handed_out_of_sight(front):
    secret = today(restricted=Restriction.SECURITY)
    held = IncidentAssigned(group="messaging")
    await (
        front.given(secret, held).post(
            "/incidents/{id}/assignment", {"group": "mesaging"}, by=AGENT
        )
    ).then_refused("restricted-stays-in-sight", 422)


async def test_what_is_decided_now_is_dated_by_the_database(front):
    identity = await (
        front.given(today()).post("/incidents/{id}/resolution", RESOLUTION, by=AGENT)
    ).then(200, IncidentResolved)
    *_, event = await front.recorded(identity)
    assert event.occurred_at == event.recorded_at
