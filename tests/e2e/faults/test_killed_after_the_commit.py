"""Committed, and the answer lost on its way: the retry gives that answer, nothing happens twice.

Whether the service dies, the network swallows the answer, or the database's own confirmation of
the commit is what gets lost.
"""

import asyncio
import contextlib

import httpx

from deskstream.envelope import event_id
from deskstream_testing.faults import Line, eventually, held_lock, tcp_proxy


async def test_killed_after_the_commit_and_before_the_answer(spine, holds):
    key = "killed-after-the-commit"
    report = spine.report(5, "Killed after the commit")
    dsn = await spine.stack.postgres.ensure_database("incident")
    port = spine.stack.services["incident"].port
    async with tcp_proxy("127.0.0.1", port) as proxy, spine.stack.database("incident") as database:
        # Without its row the relay neither settles nor publishes.
        async with held_lock(dsn, "SELECT FROM relay FOR UPDATE"):
            proxy.set(Line.DEAF)
            async with spine.agent(url=proxy.url) as ada:
                asked = asyncio.create_task(
                    ada.client.post("/incidents", json=report, headers={"Idempotency-Key": key})
                )
                await eventually(lambda: _is_answered(proxy), "the service has answered")
                await spine.stack.kill("incident")
                with contextlib.suppress(httpx.TransportError):
                    await asked
            (stream,) = await _streams(database, report["title"])
            assert _first(stream) not in await _published(spine)
        await spine.stack.revive("incident")
        async with spine.agent() as ada:
            again = await ada.post("/incidents", report, key=key)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.status_code == 201
        assert again.content == proxy.body
        assert await _streams(database, report["title"]) == [stream]
    await holds()
    assert (await _published(spine)).count(_first(stream)) == 1


async def test_the_answer_swallowed_by_the_network(spine, holds):
    key = "swallowed-by-the-network"
    report = spine.report(5, "Swallowed by the network")
    port = spine.stack.services["incident"].port
    async with tcp_proxy("127.0.0.1", port) as proxy, spine.agent(url=proxy.url) as ada:
        proxy.set(Line.DEAF)
        asked = asyncio.create_task(
            ada.client.post("/incidents", json=report, headers={"Idempotency-Key": key})
        )
        await eventually(lambda: _is_answered(proxy), "the service has answered")
        proxy.cut()
        with contextlib.suppress(httpx.TransportError):
            await asked
        again = await ada.post("/incidents", report, key=key)
        assert again.content == proxy.body
    async with spine.stack.database("incident") as database:
        assert len(await _streams(database, report["title"])) == 1
    await holds()


async def test_the_confirmation_of_the_commit_lost_on_the_way_to_the_service(spine, holds):
    key = "confirmation-lost"
    report = spine.report(5, "Confirmation lost")
    dsn = await spine.stack.postgres.ensure_database("incident")
    direct = spine.stack.postgres.port
    async with (
        tcp_proxy("127.0.0.1", direct) as proxy,
        spine.stack.database("incident") as database,
    ):
        through = dsn.replace(f":{direct}/", f":{proxy.port}/")
        await spine.start_replica("incident", DESKSTREAM_DATABASE_URL=through)
        async with spine.agent("incident-2") as ada:
            # Others commit on the same line; whose report it is stands in what is recorded.
            proxy.deaf_after = (report["title"].encode(), b"COMMIT")
            asked = asyncio.create_task(
                ada.client.post("/incidents", json=report, headers={"Idempotency-Key": key})
            )
            (stream,) = await eventually(
                lambda: _streams(database, report["title"]), "PostgreSQL has committed"
            )
            proxy.cut()
            in_doubt = await asked
            assert in_doubt.status_code == 503, in_doubt.text
            assert "Retry-After" in in_doubt.headers
            again = await ada.post("/incidents", report, key=key)
            assert again.headers["Idempotency-Replayed"] == "true"
            assert f"incident-{again.json()['id']}" == stream
        assert await _streams(database, report["title"]) == [stream]
        await holds()


async def _is_answered(proxy):
    return bool(proxy.body)


async def _streams(database, title):
    rows = await database.fetch(
        "SELECT stream FROM events WHERE type = 'incident.logged.v1' AND data ->> 'title' = $1",
        title,
    )
    return [row["stream"] for row in rows]


def _first(stream):
    return event_id(stream, 1)


async def _published(spine):
    return [arrival.message.id for arrival in await spine.stack.topic("itsm.incident.events.v1")]
