"""From a commit to a consumer of Kafka, on a quiet system."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from measure import Row, percentile
from row_store import FACT, ORIGIN
from servers import Servers
from uuid_utils import uuid7

from deskstream.cloudevent import Message
from deskstream.consuming.consumer import Consumer
from deskstream.consuming.intake import Intake
from deskstream.consuming.subscription import Subscription
from deskstream.database import Connection, Pool, connect_pool, migrate
from deskstream.gate import WriteGate
from deskstream.relay import Horizon, Relay
from deskstream.store import Appendix, EventStore
from deskstream.topics import events_topic
from incident.events import CODEC, IncidentEvent

WHAT = "commit to consumer through Kafka, quiet system"
GOAL = 50.0
EVENTS, WARM_UP = 500, 20
PAUSES = (0.005, 0.035)
SERVICE = "latency"
PARTITIONS = 6


async def rows(servers: Servers) -> Sequence[Row]:
    """Writer, relay and consumer in one process, so on one clock, which is never set."""
    dsn = await servers.postgres.ensure_database(SERVICE)
    await migrate(dsn)
    arrived: dict[str, float] = {}
    pool = await connect_pool(dsn, size=4)
    try:
        async with _relaying(dsn, servers.kafka.bootstrap, pool, arrived) as horizon:
            committed = await _write(pool, horizon, arrived)
    finally:
        await pool.close()
    waits = [1000 * (arrived[one] - at) for one, at in list(committed.items())[WARM_UP:]]
    half, most = percentile(waits, 0.5), percentile(waits, 0.99)
    measured = f"p50 {half:.1f} ms, p99 {most:.1f} ms"
    return [Row(WHAT, measured, f"p99 ≤ {GOAL:.0f} ms", met=most <= GOAL)]


@asynccontextmanager
async def _relaying(
    dsn: str, bootstrap: str, pool: Pool, arrived: dict[str, float]
) -> AsyncIterator[Horizon]:
    async def take(_: Connection, messages: Sequence[Message]) -> None:
        arrived.update((message.stream, time.perf_counter()) for message in messages)

    horizon = Horizon()
    relay = Relay(SERVICE, dsn, bootstrap, PARTITIONS, 1, horizon, WriteGate())
    topic = events_topic(SERVICE)
    subscription = Subscription("bench", [topic], CODEC.stored_names, frozenset(), take)
    consumer = Consumer(Intake("bench", subscription, pool, lambda: None), bootstrap)
    tasks = [asyncio.create_task(work.run()) for work in (relay, consumer)]
    try:
        yield horizon
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _write(pool: Pool, horizon: Horizon, arrived: dict[str, float]) -> dict[str, float]:
    store: EventStore[IncidentEvent] = EventStore(CODEC)
    committed: dict[str, float] = {}
    for number in range(WARM_UP + EVENTS):
        stream = f"incident-{uuid7()}"
        async with pool.acquire() as connection:
            await store.append(connection, [Appendix(stream, 0, [FACT], ORIGIN)])
        committed[stream] = time.perf_counter()
        horizon.written()
        if number == 0:
            await _until_arrived(arrived, committed)
        await asyncio.sleep(random.uniform(*PAUSES))
    await _until_arrived(arrived, committed)
    return committed


async def _until_arrived(arrived: dict[str, float], committed: dict[str, float]) -> None:
    async with asyncio.timeout(30):
        while len(arrived) < len(committed):
            await asyncio.sleep(0.02)
