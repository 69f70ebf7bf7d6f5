"""Two incidents at once: both change, or neither, over a real database."""

from datetime import UTC, datetime
from itertools import count
from uuid import uuid4

from an_incident import AGENT, CALLER, COLLEAGUE, HOUR, LOGGED

from incident.decider.family import NOT_FOR_OTHERS
from incident.events.conversation import CommentAdded, NoteAdded
from incident.events.work import WorkRecorded
from incident.jobs.families import Families
from incident.main import AGGREGATE
from incident.terms import Speaker
from incident.terms.related import WorkKind

NOW = datetime.now(UTC)
NUMBERS = count(1)
SAID = CommentAdded(at=NOW - HOUR / 2, text="It is every mail.", speaker=Speaker.CUSTOMER)
NOTED = NoteAdded(at=NOW - HOUR / 2, text="The relay's certificate has expired.")
WORKED = WorkRecorded(at=NOW - HOUR / 2, person="Dana", minutes=15, kind=WorkKind.DIAGNOSIS)


async def logged(front, *facts, **different):
    """The id and number of an incident of an hour ago."""
    identity, number = uuid4(), f"INC{next(NUMBERS):07}"
    fact = LOGGED.model_copy(update={"at": NOW - HOUR, "number": number, **different})
    await front.record(identity, [fact, *facts])
    return identity, number


async def post(front, identity, noun, body=None, by=AGENT):
    return await front.send("POST", f"/incidents/{identity}/{noun}", by, json=body or {})


async def kinds(front, identity):
    return [event.type.split(".")[1] for event in await front.recorded(identity)]


async def test_a_child_and_its_parent_change_together(front):
    child, _ = await logged(front)
    parent, number = await logged(front, caller="Greta")
    answer = await post(front, child, "parent", {"parent": number})
    assert answer.status_code == 200, answer.text
    assert answer.json()["related"]["parent"] == number
    assert await kinds(front, parent) == ["logged", "took_child"]
    assert (await front.get(f"/incidents/{parent}", AGENT))["related"]["children"] == 1
    (row,) = (await front.get("/incidents", AGENT, parent=number))["items"]
    assert row["id"] == str(child)


async def test_a_level_too_many_changes_neither(front):
    child, number = await logged(front)
    parent, parents = await logged(front)
    other, others = await logged(front)
    assert (await post(front, child, "parent", {"parent": parents})).status_code == 200
    answer = await post(front, other, "parent", {"parent": number})
    assert answer.json()["type"].endswith("/parent-is-child")
    answer = await post(front, parent, "parent", {"parent": others})
    assert answer.json()["type"].endswith("/has-children")
    assert await kinds(front, other) == ["logged"]


async def test_a_parent_that_is_not_there_looks_like_one_that_is_not_theirs(front):
    child, number = await logged(front)
    for identity, parent in ((child, "INC9999999"), (uuid4(), number)):
        answer = await post(front, identity, "parent", {"parent": parent})
        assert answer.status_code == 404
    assert (await post(front, child, "parent", {"parent": number})).status_code == 422


async def test_a_duplicate_moves_into_the_other(front):
    duplicate, first = await logged(front, SAID, NOTED, WORKED)
    survivor, number = await logged(front)
    answer = await post(front, duplicate, "merger", {"into": number})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["status"], answer.json()["related"]["merged_into"]) == ("merged", number)
    assert await kinds(front, survivor) == [
        *("logged", "took_in", "comment_moved", "note_moved", "work_moved")
    ]
    assert (await front.get(f"/incidents/{survivor}", AGENT))["related"]["minutes_worked"] == 15
    where = f"of {first}, {SAID.at:%Y-%m-%d %H:%M:%S} UTC"
    inside = (await front.get(f"/incidents/{survivor}/history", AGENT))["items"]
    assert f"From the duplicate ({where}). Noted: {NOTED.text}" in [one["text"] for one in inside]
    told = (await front.get(f"/incidents/{survivor}/history", CALLER))["items"]
    assert [one["text"] for one in told[1:]] == [
        f"Took in its duplicate {first}.",
        f"From the duplicate ({where}). The customer said: It is every mail.",
    ]


async def test_who_watches_sees_it_and_customers_do_not_see_who_watches(front):
    ticket, _ = await logged(front, organisation="globex")
    path = f"/incidents/{ticket}"
    assert (await front.send("GET", path, COLLEAGUE)).status_code == 404
    await post(front, ticket, "watchers", {"person": COLLEAGUE.name})
    assert (await front.get(path, COLLEAGUE))["related"]["watchers"] == []
    assert (await front.get(path, AGENT))["related"]["watchers"] == [COLLEAGUE.name]
    assert len((await front.get("/incidents", COLLEAGUE))["items"]) == 1
    await post(front, ticket, "unwatching", by=COLLEAGUE)
    assert (await front.send("GET", path, COLLEAGUE)).status_code == 404


NOTICE = "INSERT INTO resolved_parents (cause, stream, version) VALUES ($1, $2, $3)"


async def resolved_family(front, monkeypatch, size=3):
    """The children, in order, of a parent of whose resolution nobody has heard yet."""
    monkeypatch.setattr("incident.jobs.families.CHUNK", 2)
    parent, number = await logged(front)
    children = sorted([(await logged(front))[0] for _ in range(size)])
    for child in children:
        await post(front, child, "parent", {"parent": number})
    await post(front, parent, "resolution", {"code": "fixed", "text": "The disk was full."})
    stream, version = f"incident-{parent}", size + 2
    await front.pool.execute(NOTICE, f"{stream}@{version}", stream, version)
    return parent, children, Families(front.pool, AGGREGATE, lambda: None)


async def statuses(front, children):
    return [(await front.get(f"/incidents/{one}", AGENT))["status"] for one in children]


async def test_children_are_resolved_chunk_by_chunk(front, monkeypatch):
    parent, children, families = await resolved_family(front, monkeypatch)
    assert await families.chunk()
    assert await statuses(front, children) == ["resolved", "resolved", "new"]
    while await families.chunk():
        pass
    assert await statuses(front, children) == ["resolved"] * 3
    *_, mine = await front.recorded(children[0])
    *_, theirs = await front.recorded(parent)
    assert (mine.occurred_at, mine.fact.text) == (theirs.occurred_at, "The disk was full.")
    assert (mine.origin.causation, mine.origin.correlation) == (
        theirs.id,
        theirs.origin.correlation,
    )


async def test_the_children_of_a_parent_that_is_reopened_meanwhile_stay_as_they_are(
    front, monkeypatch
):
    parent, children, families = await resolved_family(front, monkeypatch)
    await families.chunk()
    await post(front, parent, "reopening", {"reason": "It is full again."})
    while await families.chunk():
        pass
    assert await statuses(front, children) == ["resolved", "resolved", "new"]


async def test_a_child_that_cannot_be_read_is_left_out_and_the_others_are_resolved(
    front, monkeypatch
):
    _, children, families = await resolved_family(front, monkeypatch)
    broken = f"incident-{children[0]}"
    await front.pool.execute("UPDATE events SET data = '[]' WHERE stream = $1", broken)
    while await families.chunk():
        pass
    assert await statuses(front, children[1:]) == ["resolved"] * 2
    assert await front.pool.fetchval("SELECT left_out FROM resolved_parents") == [broken]


async def test_what_was_said_to_another_organisation_is_not_repeated(front, monkeypatch):
    parent, number = await logged(front, organisation="globex")
    child, _ = await logged(front)
    await post(front, child, "parent", {"parent": number})
    await post(front, parent, "resolution", {"code": "fixed", "text": "Their secret disk."})
    await front.pool.execute(NOTICE, f"incident-{parent}@3", f"incident-{parent}", 3)
    await Families(front.pool, AGGREGATE, lambda: None).chunk()
    *_, last = await front.recorded(child)
    assert last.fact.text == NOT_FOR_OTHERS
    for path in (f"/incidents/{child}", f"/incidents/{child}/history"):
        assert "secret" not in (await front.send("GET", path, CALLER)).text


KNOWN = """
INSERT INTO known_versions (kind, id, version, effective_from, name)
VALUES ('service', $1, 1, '-infinity', 'Payments')
"""


async def test_a_service_that_suffers_too_must_be_known_and_an_item_need_not(front):
    payments, unknown = str(uuid4()), str(uuid4())
    await front.pool.execute(KNOWN, payments)
    ticket, _ = await logged(front, configuration_items=("relay-2",))
    wanted = {"kind": "affected_service", "to": payments}
    assert (await post(front, ticket, "links", wanted)).status_code == 200
    answer = await post(front, ticket, "links", {"kind": "affected_service", "to": unknown})
    assert answer.json()["type"].endswith("/not-known-here")
    answer = await post(front, ticket, "links", {"kind": "configuration_item", "to": "relay-1"})
    assert answer.json()["configuration_items"] == ["relay-1", "relay-2"]
    assert wanted in answer.json()["related"]["links"]
