"""PostgreSQL killed: requests are told to come again, nothing acknowledged is lost, all recover."""

import asyncio
from http import HTTPStatus


async def test_while_postgres_is_dead_every_answer_says_when_to_try_again(spine):
    async with spine.agent() as ada, spine.stack.client("sla-monitor") as clocks:
        incident = await ada.log()
        await spine.stack.postgres.kill()
        report = spine.report(5, "Nobody can take this up")
        key = {"Idempotency-Key": "while-postgres-is-dead"}
        for answer in [
            await ada.client.post("/incidents", json=report),
            await ada.client.post("/incidents", json=report, headers=key),
            await ada.client.post(f"/incidents/{incident}/start"),
            await ada.client.get(f"/incidents/{incident}"),
            await ada.client.get("/incidents"),
            await clocks.get("/clocks"),
        ]:
            assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE, answer.text
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.headers["content-type"] == "application/problem+json"
        await spine.stack.postgres.start()
        await ada.resolve(incident)


async def test_services_recover_by_themselves_and_keep_what_they_acknowledged(spine, holds):
    async with spine.agent() as ada:
        overdue, paused = await ada.log(priority=2), await ada.log(priority=2)
        await ada.hold(paused)
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            writers = [tasks.create_task(_log_until(enough, ada)) for _ in range(4)]
            await spine.grows(20)
            await spine.stack.postgres.kill()
            await asyncio.gather(*(_is_refused(ada, spine) for _ in range(3)))
            await spine.stack.postgres.start()
            await spine.grows(20)
            enough.set()
        logged = [incident for writer in writers for incident in writer.result()]
        await ada.resolve(paused)
        await spine.passed_due(overdue)
        await holds()
    assert len(set(logged)) == len(logged)
    assert await spine.breaches(overdue) == {"first_response", "resolution"}


async def _log_until(enough, ada):
    logged = []
    while not enough.is_set():
        logged.append(await ada.log())
    return logged


async def _is_refused(ada, spine):
    answer = await ada.client.post("/incidents", json=spine.report(5, "Not now"))
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
