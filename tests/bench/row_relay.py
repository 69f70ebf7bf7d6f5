"""How fast a relay brings a backlog to Kafka."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
from aiokafka import AIOKafkaProducer
from measure import Row, duel
from row_store import FACT, ORIGIN
from servers import Servers

from deskstream.cloudevent import message_headers, partition_of
from deskstream.database import migrate
from deskstream.gate import WriteGate
from deskstream.relay import BATCH, PENDING, Horizon, Relay
from deskstream.topics import Topic, ensure_topics, events_topic, topics_of
from incident.events import CODEC

WHAT = "relay: events from a backlog in PostgreSQL acknowledged by Kafka"
GOAL = 0.6
EVENTS = 10_000
PER_STREAM = 5  # a ticket of the real log changes 5.7 times
SERVICE, PLAIN = "backlog", "plain"
PARTITIONS = 6
Ready = tuple[bytes, bytes, int, list[tuple[str, bytes]]]

FILL = """
INSERT INTO events (stream, version, type, data, origin, occurred_at, recorded_at)
SELECT stream, version, $1, $2::json, $3::json, clock_timestamp(), clock_timestamp()
FROM generate_series(1, $5::int) version,
    (SELECT 'incident-' || uuidv7() AS stream FROM generate_series(1, $4::int / $5::int)) streams
ORDER BY version, stream
"""


async def rows(servers: Servers) -> Sequence[Row]:
    """Against aiokafka alone, which produces the same bytes to another topic."""
    dsn = await servers.postgres.ensure_database(SERVICE)
    await migrate(dsn)
    bootstrap = servers.kafka.bootstrap
    await ensure_topics(bootstrap, [*topics_of(SERVICE, PARTITIONS), _plain()], replication=1)
    database = await asyncpg.connect(dsn)
    try:
        async with _relaying(dsn, bootstrap), _producer(bootstrap) as producer:
            ours = partial(_relay_backlog, database)
            theirs = partial(_produce, producer, database)
            await ours()
            found = await duel(ours, theirs)
    finally:
        await database.close()
    return [found.row(WHAT, "/s", "aiokafka, the same bytes", GOAL)]


def _plain() -> Topic:
    return topics_of(PLAIN, PARTITIONS)[0]


@asynccontextmanager
async def _relaying(dsn: str, bootstrap: str) -> AsyncIterator[None]:
    relay = Relay(SERVICE, dsn, bootstrap, PARTITIONS, 1, Horizon(), WriteGate())
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def _producer(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, acks="all"
    ) as producer:
        yield producer


async def _relay_backlog(database: "asyncpg.Connection[asyncpg.Record]") -> float:
    """One transaction makes the whole backlog appear at once, to a relay that is up."""
    name, data = CODEC.encode(FACT)
    await database.execute(FILL, name, data, json.dumps(ORIGIN.as_json()), EVENTS, PER_STREAM)
    begin = time.perf_counter()
    last = await database.fetchval("SELECT max(position) FROM events")
    while await database.fetchval("SELECT published FROM relay") < last:
        await asyncio.sleep(0.01)
    return EVENTS / (time.perf_counter() - begin)


async def _produce(
    producer: AIOKafkaProducer, database: "asyncpg.Connection[asyncpg.Record]"
) -> float:
    """What the relay sent last, ready made, in batches of the same size."""
    last: int = await database.fetchval("SELECT max(position) FROM events")
    rows = await database.fetch(PENDING, last - EVENTS, last, EVENTS)
    ready = [_ready(row) for row in rows]
    topic = events_topic(PLAIN)
    begin = time.perf_counter()
    for first in range(0, len(ready), BATCH):
        sent = [
            await producer.send(topic, value, key=key, partition=partition, headers=headers)
            for key, value, partition, headers in ready[first : first + BATCH]
        ]
        await asyncio.gather(*sent)
    return len(ready) / (time.perf_counter() - begin)


def _ready(row: asyncpg.Record) -> Ready:
    headers = message_headers(SERVICE, row)
    stream: str = row["stream"]
    return stream.encode(), row["data"].encode(), partition_of(stream, PARTITIONS), headers
