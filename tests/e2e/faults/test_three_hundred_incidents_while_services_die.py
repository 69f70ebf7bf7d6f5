"""Three hundred incidents by twenty clients while services are killed and revived at random."""

import asyncio
import random

from deskstream_testing.spine import SERVICES

CLIENTS, INCIDENTS = 20, 300
SEED = 20000


async def test_three_hundred_incidents_survive_random_kills(spine, holds):
    chance = random.Random(SEED)
    priorities = [chance.choice([1, 2, 5]) for _ in range(INCIDENTS)]
    tasks_left = asyncio.Queue()
    for nth, priority in enumerate(priorities):
        tasks_left.put_nowait((nth, priority))
    async with spine.agent() as ada, asyncio.TaskGroup() as tasks:
        clients = [tasks.create_task(_work_off(tasks_left, ada)) for _ in range(CLIENTS)]
        while not all(client.done() for client in clients):
            victim = chance.choice(SERVICES)
            await asyncio.sleep(chance.uniform(0.1, 0.6))
            await spine.stack.kill(victim)
            await asyncio.sleep(chance.uniform(0.0, 0.3))
            await spine.stack.revive(victim)
    logged = [incident for client in clients for incident in client.result()]
    assert len(set(logged)) == INCIDENTS
    async with spine.stack.database("incident") as database:
        rows = await database.fetch("SELECT title FROM incidents WHERE title LIKE 'One of many%'")
    assert sorted(row["title"] for row in rows) == sorted(map(_title, range(INCIDENTS)))
    await holds()


def _title(nth):
    return f"One of many: {nth}"


async def _work_off(tasks_left, ada):
    logged = []
    while not tasks_left.empty():
        nth, priority = tasks_left.get_nowait()
        incident = await ada.log(priority, title=_title(nth))
        logged.append(incident)
        if nth % 3 == 0:
            await ada.hold(incident)
            await ada.resume(incident)
        if nth % 2 == 0:
            await ada.resolve(incident)
    return logged
