"""What would happen by itself leaves imported tickets alone until their history has ended."""

import asyncio
from datetime import timedelta

import pytest
from a_history import BEGINNING, DAY, HOUR, REPORT, RESOLUTION, begun, step, told

from deskstream.cloudevent import Message
from deskstream.envelope import LIVE
from incident.consumer import FollowUps
from incident.events.ending import IncidentResolved

TIMES = ("occurred_at", "recorded_at")


@pytest.fixture
async def timers(app):
    """The service's own timekeeper, at work."""
    *_, keep = app.state.work
    keeping = asyncio.create_task(keep())
    yield
    keeping.cancel()


async def types_of(pool, reference):
    rows = await pool.fetch(
        "SELECT e.type, e.occurred_at FROM events e JOIN incidents i USING (stream)"
        " WHERE i.external = $1 ORDER BY e.version",
        reference,
    )
    return [(row["type"].split(".")[1], row["occurred_at"]) for row in rows]


async def until_status(pool, reference, status):
    async with asyncio.timeout(20):
        while status != await pool.fetchval(
            "SELECT status FROM incidents WHERE external = $1", reference
        ):
            await asyncio.sleep(0.05)


async def test_it_closes_and_resumes_after_the_end_dated_when_that_was_due(importer, pool, timers):
    path = await begun(importer)
    promised = BEGINNING + DAY
    await told(
        importer,
        path,
        [
            step("T1", 1, "log", **REPORT),
            step("T1", 2, "hold", reason="awaiting_caller", until=promised.isoformat()),
            step("T2", 1, "log", **REPORT),
            step("T2", 2, "resolve", **RESOLUTION),
        ],
    )
    await asyncio.sleep(1.5)  # the keeper looks at least once a second
    assert await told(importer, path, [step("T1", 3, "note", BEGINNING + 2 * DAY, text="Hm.")]) == [
        "done"
    ]
    assert [what for what, _ in await types_of(pool, "T1")] == [
        "logged",
        "put_on_hold",
        "note_added",
    ]
    assert [what for what, _ in await types_of(pool, "T2")] == ["logged", "resolved"]
    await importer.post(f"{path}/end")
    await until_status(pool, "T1", "in_progress")
    await until_status(pool, "T2", "closed")
    # The hold ended when that was promised, but not before what is known to have happened later.
    assert (await types_of(pool, "T1"))[-1] == ("resumed", BEGINNING + 2 * DAY)
    assert (await types_of(pool, "T2"))[-1] == (
        "closed",
        BEGINNING + 2 * HOUR + timedelta(days=7),
    )


async def test_a_history_tells_itself_what_became_of_the_children(importer, pool):
    """Of a parent that is resolved in its history, nobody resolves the children today."""
    path = await begun(importer)
    await told(
        importer,
        path,
        [
            step("P", 1, "log", **REPORT),
            step("C", 1, "log", **REPORT),
            step("C", 2, "child", parent="P"),
            step("P", 3, "resolve", **RESOLUTION),
        ],
    )
    row = await pool.fetchrow("SELECT * FROM events WHERE type = $1", IncidentResolved.stored)
    for source, noticed in ((f"import:{path.removeprefix('/imports/')}", 0), (LIVE, 1)):
        resolved = Message(
            id=f"{row['stream']}:{row['version']}",
            provenance=source,
            body=row["data"].encode(),
            correlation="x",
            depth=0,
            trace=None,
            **{name: row[name] for name in ("stream", "version", "position", "type", *TIMES)},
        )
        async with pool.acquire() as connection:
            await FollowUps(leaving=None)(connection, [resolved])
        assert await pool.fetchval("SELECT count(*) FROM resolved_parents") == noticed
