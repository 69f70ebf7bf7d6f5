"""The incident service killed inside its transaction: nothing happened, and the retry does it."""

import asyncio
import contextlib

import httpx

from deskstream_testing.faults import eventually, held_lock

KEY = "killed-before-the-commit"


async def test_a_write_killed_before_its_commit_leaves_no_trace(spine, holds):
    dsn = await spine.stack.postgres.ensure_database("incident")
    async with spine.agent() as ada, spine.stack.database("incident") as database:
        report = spine.report(5, "Killed before the commit")
        async with held_lock(dsn, "LOCK TABLE incidents") as lock:
            asked = asyncio.create_task(
                ada.client.post("/incidents", json=report, headers={"Idempotency-Key": KEY})
            )
            # The event is appended by then; its row in the list is what it waits for.
            await eventually(lock.is_waited_for, "the service is stuck inside its transaction")
            await spine.stack.kill("incident")
            with contextlib.suppress(httpx.TransportError):
                await asked
        await eventually(lambda: _is_quiet(database), "PostgreSQL noticed that the service died")
        assert await _events(database) == []
        assert await database.fetch("SELECT FROM incidents WHERE title = $1", report["title"]) == []

        await spine.stack.revive("incident")
        answers = [
            await ada.client.post("/incidents", json=report, headers={"Idempotency-Key": KEY})
            for _ in range(3)
        ]
        for answer in answers:
            spine.remember(answer)
        assert {answer.status_code for answer in answers} == {201}
        assert {answer.content for answer in answers} == {answers[0].content}
        assert ["Idempotency-Replayed" in answer.headers for answer in answers] == [0, 1, 1]
        assert await _events(database) == [f"incident-{answers[0].json()['id']}"]
    await holds()


async def _events(database):
    rows = await database.fetch(
        "SELECT stream FROM events WHERE data ->> 'title' = 'Killed before the commit'"
    )
    return [row["stream"] for row in rows]


async def _is_quiet(database):
    return not await database.fetchval(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
