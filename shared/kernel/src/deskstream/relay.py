"""The way of a service's events to Kafka: in order, completely, with watermarks.

Two loops share one lease. `_settle` finds up to which position the record is final, keeps the
watermark moving, and never needs Kafka. `_publish` brings Kafka up to what is settled, and
announces the watermark when everything below it is acknowledged. A truth may be published again
after a crash or by a revived former owner; see the repeat rule in `consumer`.
"""

import asyncio
import contextlib
import math
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import BrokerResponseError, KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import RecordMetadata

from deskstream.cloudevent import message_headers, partition_of
from deskstream.database import TRANSIENT, Connection, connected
from deskstream.gate import WriteGate, accept_database, check_tails, read_tails
from deskstream.kafka import started
from deskstream.lease import Lease, LeaseLost, take_lease
from deskstream.retry import Backoff, keep_trying
from deskstream.store import present_writers_gone, settled_position
from deskstream.topics import (
    WrongTopic,
    empty_topic,
    ensure_topics,
    events_topic,
    topics_of,
    watermarks_topic,
)
from deskstream.watermark import Watermark

TICK = 0.2
UNMEASURED = 60.0
POLL_BUSY, POLL_IDLE = 0.01, 0.1
BATCH = 500
BATCH_BYTES = 256 * 1024
log = structlog.get_logger()

# While the database's clock is more than a second off the time that has really passed, the
# watermark goes on at the pace of this process's monotonic clock: $2 is what time it should be by
# that, if this process has ever looked, and $3 by how much the two may differ.
ADVANCE_WATERMARK = """
WITH held AS (
    UPDATE leases SET beat = beat + 1 WHERE name = 'relay' AND epoch = $1 RETURNING epoch
)
UPDATE relay SET t = CASE
    WHEN clock_timestamp() NOT BETWEEN t - interval '1 second' AND $2::timestamptz + $3::interval
        THEN greatest(t, $2)
    ELSE greatest(t, clock_timestamp()) END
FROM held RETURNING t, extract(epoch FROM clock_timestamp() - t)::float AS off,
    extract(epoch FROM t - (SELECT former.t FROM relay former))::float AS step
"""
PENDING = """
SELECT position, stream, version, type, data, origin, occurred_at, recorded_at
FROM events WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3
"""
SETTLED = "UPDATE relay SET safe_position = greatest(safe_position, $1)"
MARK_PUBLISHED = """
UPDATE relay SET published = $1
WHERE EXISTS (SELECT FROM leases WHERE name = 'relay' AND epoch = $2) RETURNING true
"""


class WrongDatabase(Exception):
    """The topics know what the database does not."""


class TopicReplaced(Exception):
    """The topic begins anew where it should have gone on: somebody deleted it and made another."""


class Horizon:
    """How far the record is settled, for whoever waits for more of it in this process."""

    def __init__(self) -> None:
        self.position = 0
        self.watermark: datetime | None = None
        self.moves = 0
        self._moved = asyncio.Condition()
        self._written = asyncio.Event()

    def written(self) -> None:
        """Say that something was committed."""
        self._written.set()

    async def wait_written(self, seconds: float) -> bool:
        """Wait for a commit in this process, or for the poll interval; tell which it was."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for drops a cancellation before Python 3.12
                await self._written.wait()
        was = self._written.is_set()
        self._written.clear()
        return was

    async def move(self, position: int, watermark: datetime | None) -> None:
        """Settle up to `position`; a watermark says that all recorded until then is in it."""
        async with self._moved:
            self.position = max(self.position, position)
            self.watermark = watermark or self.watermark
            self.moves += 1
            self._moved.notify_all()

    async def wait(self, seconds: float, *, after: int | None = None) -> bool:
        """Wait for a move later than `after` (default: than now); tell whether it came in time."""
        seen = self.moves if after is None else after
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._moved:
                await self._moved.wait_for(lambda: self.moves > seen)
        return self.moves > seen


@dataclass
class Relay:
    """One service's relay. `run` ends when it is cancelled.

    Args:
        service: its name in topics.
        dsn: its database.
        bootstrap: Kafka's addresses.
        partitions: of the topic of events, for ever.
        replication: of new topics.
    """

    service: str
    dsn: str
    bootstrap: str
    partitions: int
    replication: int
    horizon: Horizon
    gate: WriteGate
    kafka_lag: int = 0
    trouble: str | None = None
    _ends: dict[int, int] = field(default_factory=dict)
    _reached: dict[int, int] = field(default_factory=dict)
    _published: int = 0
    _announced: datetime | None = None
    _incarnation: UUID | None = None
    _ticked: tuple[float, datetime] | None = None

    async def run(self) -> None:
        """Relay for ever: take the lease, work until it or a server is lost, begin again."""
        await keep_trying(f"relay of {self.service}", self._own)

    async def _own(self, backoff: Backoff) -> None:
        # What a crash makes it forget is published again, as the repeat rule allows.
        forgetful = {"synchronous_commit": "off"}
        try:
            async with (
                connected(self.dsn) as settling,
                connected(self.dsn, **forgetful) as publishing,
            ):
                lease = await take_lease(settling, "relay")
                backoff.reset()
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._settle(settling, lease))
                    tasks.create_task(self._publish(publishing, lease))
        except* (LeaseLost, *TRANSIENT) as group:
            raise group.exceptions[0] from None

    async def _settle(self, connection: Connection, lease: Lease) -> None:
        poll, looked = POLL_BUSY, 0.0
        while True:
            if await self.horizon.wait_written(poll):
                poll = POLL_BUSY
            # Under load a look takes in what several commits brought.
            await asyncio.sleep(max(0.0, looked + POLL_BUSY - time.monotonic()))
            looked, t = time.monotonic(), None
            if self._ticked is None or looked - self._ticked[0] >= TICK:
                t = await self._tick(connection, lease)
                # Who has drawn an earlier time has drawn its positions too, when it has ended.
                await present_writers_gone(connection)
            position = await settled_position(connection)
            if position > self.horizon.position:
                poll = POLL_BUSY
                await connection.execute(SETTLED, position)
            else:
                poll = min(poll * 1.5, POLL_IDLE)
            if t or position > self.horizon.position:
                await self.horizon.move(position, t)

    async def _tick(self, connection: Connection, lease: Lease) -> datetime:
        now, expected, tolerance = time.monotonic(), None, timedelta(seconds=1)
        if self._ticked is not None:
            passed = timedelta(seconds=now - self._ticked[0])
            expected, tolerance = self._ticked[1] + passed, tolerance + passed / 1000
        row = await connection.fetchrow(ADVANCE_WATERMARK, lease.epoch, expected, tolerance)
        if row is None:
            raise LeaseLost(lease.name)
        if abs(row["off"]) > 1:
            log.error("the database's clock jumped", service=self.service, seconds=row["off"])
        if self._ticked is None and UNMEASURED < row["step"] < math.inf:
            log.warning("nobody measured this time", service=self.service, seconds=row["step"])
        self._ticked = now, row["t"]
        return self._ticked[1]

    async def _publish(self, connection: Connection, lease: Lease) -> None:
        backoff = Backoff()
        while True:
            try:
                await ensure_topics(
                    self.bootstrap,
                    topics_of(self.service, self.partitions),
                    replication=self.replication,
                )
                async with started(self._producer()) as producer:
                    await self._resume(connection)
                    while True:
                        seen = self.horizon.moves
                        await self._publish_settled(connection, lease, producer)
                        self.trouble = None
                        backoff.reset()
                        await self.horizon.wait(1.0, after=seen)
            except WrongDatabase as error:
                log.critical("nothing is written or published", because=str(error))
            except WrongTopic as error:
                self.trouble = str(error)
                log.critical("nothing is published", because=str(error))
            except TopicReplaced as error:
                log.critical("the topic is filled again", service=self.service, because=str(error))
                await empty_topic(self.bootstrap, events_topic(self.service))
            except (KafkaError, OSError) as error:
                self._note(error)
            await backoff.pause()

    def _note(self, error: KafkaError | OSError) -> None:
        self.kafka_lag = self.horizon.position - self._published
        if isinstance(error, BrokerResponseError) and not error.retriable:
            self.trouble = f"Kafka refuses what is sent, and waiting does not help: {error!r}"
            log.critical("nothing is published", service=self.service, because=self.trouble)
        else:
            log.warning("Kafka is away", service=self.service, because=repr(error))

    def _producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self.bootstrap,
            enable_idempotence=True,
            acks="all",
            max_batch_size=BATCH_BYTES,
        )

    async def _resume(self, connection: Connection) -> None:
        """Find where the topic ends. What it has already is not sent again, what it lost is."""
        tails = await read_tails(self.bootstrap, events_topic(self.service), self.partitions)
        wrong = await check_tails(connection, tails)
        if wrong is None:
            await accept_database(connection)
        self.gate.set(wrong)
        if wrong is not None:
            raise WrongDatabase(wrong)
        self._ends = {partition: tail.next_offset for partition, tail in tails.items()}
        self._reached = {partition: tail.position for partition, tail in tails.items()}
        self._incarnation = await connection.fetchval("SELECT id FROM incarnation")
        published: int = await connection.fetchval("SELECT published FROM relay")
        self._published = published if any(tail.event for tail in tails.values()) else 0

    async def _publish_settled(
        self, connection: Connection, lease: Lease, producer: AIOKafkaProducer
    ) -> None:
        goal, t = self.horizon.position, self.horizon.watermark
        if rows := await connection.fetch(PENDING, self._published, goal, BATCH):
            await lease.beat(connection)
        while rows:
            last = rows[-1]["position"]
            ahead = asyncio.create_task(connection.fetch(PENDING, last, goal, BATCH))
            try:
                await self._send(producer, rows)
            finally:
                rows = await ahead
            # To be allowed to say so is to be allowed to send the next ones.
            if not await connection.fetchval(MARK_PUBLISHED, last, lease.epoch):
                raise LeaseLost(lease.name)
            self._published = last
        self.kafka_lag = self.horizon.position - self._published
        if t is not None and t != self._announced:
            watermark = Watermark(
                time=t, position=goal, end_offsets=dict(self._ends), incarnation=self._incarnation
            )
            topic = watermarks_topic(self.service)
            key = self.service.encode()
            await producer.send_and_wait(topic, watermark.to_bytes(), key=key, partition=0)
            self._announced = t

    async def _send(self, producer: AIOKafkaProducer, rows: list[asyncpg.Record]) -> None:
        """Send in rounds of one batch a partition: what is refused holds back all behind it."""
        waiting: dict[int, deque[asyncpg.Record]] = {}
        for row in rows:
            partition = partition_of(row["stream"], self.partitions)
            if row["position"] > self._reached[partition]:
                waiting.setdefault(partition, deque()).append(row)
        topic = events_topic(self.service)
        while waiting:
            batches = {one: self._batch(producer, behind) for one, behind in waiting.items()}
            sent = [
                await producer.send_batch(batch, topic, partition=one)
                for one, batch in batches.items()
            ]
            acknowledged = await asyncio.gather(*sent, return_exceptions=True)
            for batch, answer in zip(batches.values(), acknowledged, strict=True):
                if isinstance(answer, BaseException):
                    raise answer
                self._take_in(answer, batch.record_count())
            waiting = {one: behind for one, behind in waiting.items() if behind}

    def _batch(self, producer: AIOKafkaProducer, rows: deque[asyncpg.Record]) -> BatchBuilder:
        """As many of these, from the first on, as fit; what is in is out of `rows`."""
        batch = producer.create_batch()
        while rows:
            row = rows[0]
            headers = message_headers(self.service, row)
            key, value = row["stream"].encode(), row["data"].encode()
            if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
                break
            rows.popleft()
        return batch

    def _take_in(self, acknowledged: RecordMetadata, count: int) -> None:
        one, offset = acknowledged.partition, acknowledged.offset
        if offset < 0:
            raise KafkaError("sent twice, and so without a word about where it lies")
        if offset < self._ends[one]:
            told = f"partition {one} goes on at {offset} and not at {self._ends[one]}"
            raise TopicReplaced(told)
        self._ends[one] = offset + count
