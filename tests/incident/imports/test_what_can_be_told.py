"""Everything that can happen to an incident can be told of one that another tool kept."""

from datetime import timedelta

import pytest
from a_history import BEGINNING, HOUR, REPORT, RESOLUTION, begun, step, told

DECLARATION = {"business_impact": "Nobody is paid.", "commander": "Eve", "notified": ["The CFO"]}
UNTIL = (BEGINNING + timedelta(days=9)).isoformat()


async def types_of(pool, reference):
    rows = await pool.fetch(
        "SELECT e.type, e.occurred_at FROM events e JOIN incidents i USING (stream)"
        " WHERE i.external = $1 ORDER BY e.version",
        reference,
    )
    return [row["type"].split(".")[1] for row in rows]


async def said(pool, kind):
    rows = await pool.fetch("SELECT data::jsonb AS data FROM events WHERE type LIKE $1", kind)
    return [row["data"] for row in rows]


ALONE = [
    ("classify", {"category": "network"}, "reclassified"),
    ("escalate", {"kind": "functional", "because": "It is urgent.", "to": "network"}, "escalated"),
    ("override", {"priority": 1, "because": "The CFO waits.", "until": UNTIL}, "overridden"),
    ("end_override", {}, "override_ended"),
    ("link", {"kind": "problem", "to": "Problem ID 14"}, "linked"),
    ("link", {"kind": "caused_by_change", "to": "4711"}, "linked"),
    ("unlink", {"kind": "problem", "to": "Problem ID 14"}, "unlinked"),
    ("watch", {"person": "Ida"}, "watched"),
    ("unwatch", {"person": "Ida"}, "unwatched"),
    ("work", {"minutes": 25, "kind": "repair"}, "work_recorded"),
    ("major_proposal", {"because": "Many call."}, "proposed"),
    ("major_refusal", {"because": "They stopped."}, "declined"),
    ("major_declaration", DECLARATION, "declared"),
    ("major_notice", {"recipient": "The CEO"}, "notified"),
    ("major_update", {"text": "We are on it."}, "update_given"),
    ("major_end", {"text": "It works."}, "stood_down"),
    ("major_review", {"findings": "It was the plug."}, "reviewed"),
    ("convert", {"reason": "She wants another one."}, "converted"),
]


async def test_each_kind_of_step_is_a_fact(importer, pool):
    path = await begun(importer)
    steps = [step("T1", 1, "log", **REPORT)]
    steps += [step("T1", nth, kind, **fields) for nth, (kind, fields, _) in enumerate(ALONE, 2)]
    assert await told(importer, path, steps) == ["done"] * len(steps)
    found = iter(await types_of(pool, "T1"))
    for kind, _, fact in ALONE:
        assert any(fact in one for one in found), f"{kind} left no {fact}"
    assert await told(importer, path, steps) == ["before"] * len(steps)


async def test_who_did_it_worked_and_watches_unless_another_is_named(importer, pool):
    path = await begun(importer)
    work = {"minutes": 5, "kind": "travel"}
    steps = [
        step("T1", 1, "log", **REPORT),
        step("T1", 2, "work", **work),
        step("T1", 3, "work", **work, person="Ann"),
        step("T1", 4, "watch") | {"fields": {}},
    ]
    assert await told(importer, path, steps) == ["done"] * 4
    people = await pool.fetch(
        "SELECT data ->> 'person' FROM events"
        " WHERE type LIKE '%work_recorded%' OR type LIKE '%watched%' ORDER BY position"
    )
    assert [row[0] for row in people] == ["Resolver 12", "Ann", "Resolver 12"]


async def test_tickets_become_a_family_and_tell_their_own_ends(importer, pool):
    path = await begun(importer)
    steps = [
        step("P", 1, "log", **REPORT),
        step("C", 1, "log", **REPORT | {"caller": "Caller 8"}),
        step("C", 2, "child", parent="P"),
        step("C", 3, "independent"),
        step("C", 4, "dependent"),
        step("P", 5, "resolve", **RESOLUTION),
        step("C", 6, "resolve", **RESOLUTION),
    ]
    assert await told(importer, path, steps) == ["done"] * 7
    assert await types_of(pool, "P") == ["logged", "took_child", "resolved"]
    assert (await types_of(pool, "C"))[1:4] == [
        "became_child",
        "made_independent",
        "made_dependent",
    ]
    row = await pool.fetchrow(
        "SELECT c.parent = p.number AS theirs FROM incidents c, incidents p"
        " WHERE c.external = 'C' AND p.external = 'P'"
    )
    assert row["theirs"]
    # What a child's step did to its parent is no step of the parent.
    assert await told(importer, path, steps) == ["before"] * 7
    assert await told(importer, path, [step("P", 6, "close")]) == ["done"]


async def test_a_duplicate_takes_along_what_belongs_to_it(importer, pool):
    path = await begun(importer)
    steps = [
        step("T1", 1, "log", **REPORT),
        step("T2", 1, "log", **REPORT),
        step("T2", 2, "comment", text="It is the blue one.", speaker="customer"),
        step("T2", 3, "merge", into="T1"),
    ]
    assert await told(importer, path, steps) == ["done"] * 4
    assert await types_of(pool, "T2") == ["logged", "comment_added", "merged"]
    assert (await types_of(pool, "T1"))[1:3] == ["took_in", "comment_moved"]
    assert await told(importer, path, steps) == ["before"] * 4


@pytest.mark.parametrize(
    ("odd", "code"),
    [
        (step("T1", 2, "child", parent="T9"), "other-not-logged"),
        (step("T9", 2, "child", parent="T1"), "not-logged"),
        (step("T1", 2, "child", parent="T1"), "itself"),
        (step("T1", 2, "merge", into="T2"), "another-caller"),
        (step("T1", 2, "leave"), "no-child"),
    ],
)
async def test_what_two_tickets_cannot_have_to_do_with_each_other_is_refused(
    importer, pool, odd, code
):
    path = await begun(importer)
    both = [step("T1", 1, "log", **REPORT), step("T2", 1, "log", **REPORT | {"caller": "Ann"})]
    assert await told(importer, path, [*both, odd]) == ["done", "done", "refused"]
    (refusal,) = (await importer.get(f"{path}/refusals")).json()["items"]
    assert refusal["code"] == code
    assert await types_of(pool, "T1") == await types_of(pool, "T2") == ["logged"]


async def test_a_ticket_that_begins_as_merged_is_told_by_the_merger(importer):
    path = await begun(importer)
    merged = {"state": "merged", "opened_at": BEGINNING.isoformat()}
    steps = [step("T1", 1, "import", BEGINNING + HOUR, **REPORT, **merged)]
    answer = await importer.post(f"{path}/steps", json={"steps": steps})
    assert answer.status_code == 422
    assert "a step `merge` of its own" in answer.text
