"""Other services' events, taken in order, with effect and progress in one transaction.

The rule for repeats: what has a `position` at or below the last one seen on its partition is
dropped. A message that cannot be handled is parked, later ones of its stream wait behind it.
"""

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord

from deskstream import parking
from deskstream.cloudevent import Malformed, Message, read_message
from deskstream.database import TRANSIENT, Connection, Pool
from deskstream.envelope import DEEPEST_CAUSATION
from deskstream.farewell import let_go
from deskstream.progress import (
    Fenced,
    Progress,
    advance,
    check_ownership,
    hold,
    note_halt,
    take_partition,
)
from deskstream.retry import Backoff, Stopped, keep_trying
from deskstream.store import VersionConflict
from deskstream.topics import wait_for_topics

log = structlog.get_logger()
Ready = Callable[[Pool, Sequence[datetime]], Awaitable[int]]
Handler = Callable[[Connection, Sequence[Message]], Awaitable[None]]
BATCH = 500
LOOK_AGAIN = 0.02
ORDERS_EVERY = 1.0
TOLD_WITHIN = 5.0
MANY_PARKED, WITHIN = 20, 60.0
STREAMS_REMEMBERED = 50_000


class UnknownForeignType(Exception):
    """A type that the subscription neither handles nor ignores."""


class TooDeep(Exception):
    """Policies have answered each other so often that they must be going in a circle."""


class Gap(Exception):
    """A stream's next version is missing: the topic has lost an event."""


class TooManyParked(Stopped):
    """So many messages could not be handled that the fault must be on this side."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a group reads and does.

    Args:
        purpose: last part of the group's name.
        topics: of the services that it reads.
        handled: foreign stored names that `handle` is given.
        ignored: foreign stored names that are of no interest. Any other is parked.
        handle: the effect of a batch of one partition, in a transaction of its own.
        ready: how many of a batch's events, by the times at which they were recorded, need not
            wait for what another group has still to read; by default all.
        tables: what it writes, if it is a projection that may be made again from the beginning;
            none for a policy.
    """

    purpose: str
    topics: Sequence[str]
    handled: frozenset[str]
    ignored: frozenset[str]
    handle: Handler
    tables: tuple[str, ...] = ()
    ready: Ready | None = None


@dataclass
class Partition:
    """A partition in hand."""

    progress: Progress
    blocked: set[str] = field(default_factory=set)
    versions: OrderedDict[str, int] = field(default_factory=OrderedDict)

    def check_gaps(self, messages: Sequence[Message]) -> None:
        """Notice that a stream's event is missing, as far as the stream is remembered.

        Raises:
            Gap: it is.
        """
        seen: dict[str, int] = {}
        for message in messages:
            known = seen.get(message.stream) or self.versions.get(message.stream)
            if known is not None and message.version > known + 1:
                found = f"{message.stream} goes from version {known} to {message.version}"
                raise Gap(found)
            seen[message.stream] = message.version

    def remember(self, message: Message) -> None:
        """The stream has come to this version."""
        self.versions[message.stream] = message.version
        self.versions.move_to_end(message.stream)
        if len(self.versions) > STREAMS_REMEMBERED:
            self.versions.popitem(last=False)


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed
    """One member of one group. `run` ends when it is cancelled.

    Args:
        service: whose group it is.
        subscription: what it does.
        pool: the service's database, which keeps its progress.
        bootstrap: Kafka's addresses.
    """

    def __init__(
        self, service: str, subscription: Subscription, pool: Pool, bootstrap: str
    ) -> None:
        self.group = f"itsm.{service}.{subscription.purpose}"
        self.subscription = subscription
        self.lag: dict[TopicPartition, int] = {}
        self.partitions: dict[TopicPartition, Partition] = {}
        self.halted: dict[TopicPartition, str] = {}
        self._pool = pool
        self._bootstrap = bootstrap
        self._parked_at: list[float] = []
        self._orders_seen = 0.0
        self._batch = BATCH
        self._told: dict[TopicPartition, int] = {}
        self._not_taken: Exception | None = None

    async def run(self) -> None:
        """Consume for ever, beginning again from the database's progress after any trouble."""
        await keep_trying(self.group, self._consume)

    async def _consume(self, backoff: Backoff) -> None:
        await wait_for_topics(self._bootstrap, self.subscription.topics)
        kafka = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            group_id=self.group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            session_timeout_ms=10_000,
            heartbeat_interval_ms=1_000,
            fetch_max_wait_ms=200,
            max_partition_fetch_bytes=4 * 1024 * 1024,
            metadata_max_age_ms=5_000,
        )
        self._kafka, self._not_taken = kafka, None
        kafka.subscribe(list(self.subscription.topics), listener=self)
        try:
            await kafka.start()
            while True:
                if self._not_taken is not None:
                    raise self._not_taken
                await self._carry_out_orders()
                try:
                    batches = await kafka.getmany(timeout_ms=500, max_records=self._batch)
                except OffsetOutOfRangeError as error:
                    await self._from_the_earliest(list(error.args[0]))
                    continue
                except NoOffsetForPartitionError as error:
                    self._go_to_progress(error.args[0])
                    continue
                for one, records in batches.items():
                    await self._take(one, records)
                    self._batch = min(BATCH, self._batch * 2)
                    backoff.reset()
        except (KafkaError, *TRANSIENT):
            # What did not fit into a transaction's time may fit in smaller portions.
            self._batch = max(1, self._batch // 2)
            raise
        finally:
            self.partitions.clear()
            self.halted.clear()
            await let_go(kafka.stop())

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Let go. A batch that is under way is fenced off by the next owner's epoch."""
        for one in revoked:
            self.partitions.pop(one, None)

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Take over: raise the epoch, and go on where the database says."""
        try:
            async with self._pool.acquire() as connection:
                for one in assigned:
                    await self._take_over(connection, one)
        except Exception as error:  # noqa: BLE001  Kafka's client would go on without the partitions
            self._not_taken = error

    async def _take_over(self, connection: Connection, one: TopicPartition) -> None:
        progress = await take_partition(connection, self.group, one.topic, one.partition)
        blocked = await parking.blocked_streams(connection, progress)
        self.partitions[one] = Partition(progress, blocked)
        # The last one that was seen is read again, to see whether this still is the same topic.
        known = progress.position > 0 and progress.next_offset > 0
        self._kafka.seek(one, progress.next_offset - 1 if known else progress.next_offset)
        if progress.halted is not None:
            self._halt(one, progress.halted)

    def _go_to_progress(self, one: TopicPartition) -> None:
        """Kafka's client asked for a partition before it was told where to go on."""
        if (partition := self.partitions.get(one)) is not None:
            self._kafka.seek(one, partition.progress.next_offset)

    async def _from_the_earliest(self, lost: Sequence[TopicPartition]) -> None:
        """The topic was refilled: read it again. What was seen is dropped by its position."""
        for one, offset in (await self._kafka.beginning_offsets(lost)).items():
            if (partition := self.partitions.get(one)) is None:
                continue
            async with self._pool.acquire() as connection, connection.transaction():
                moved = await advance(
                    connection, partition.progress, offset, partition.progress.position
                )
            partition.progress = moved
            partition.versions.clear()
            self._kafka.seek(one, offset)

    async def _take(self, one: TopicPartition, records: Sequence[ConsumerRecord]) -> None:
        partition = self.partitions.get(one)
        if partition is None:
            return
        progress = partition.progress
        if records[0].offset > progress.next_offset:
            self._go_to_progress(one)
            return
        if records[0].offset < progress.next_offset:
            if progress.position and (parking.position_of(records[0]) or 0) > progress.position:
                await self._from_the_earliest([one])
                return
            records = [record for record in records if record.offset >= progress.next_offset]
        try:
            ready = await self._ready(records)
            await self._handle_or_park(partition, records[:ready])
            if ready < len(records):
                self._go_to_progress(one)
                await asyncio.sleep(LOOK_AGAIN)
        except Gap as gap:
            await note_halt(self._pool, partition.progress, str(gap))
            self._halt(one, str(gap))
        except VersionConflict:
            self._go_to_progress(one)
        if one in self.partitions:
            self.lag[one] = (self._kafka.highwater(one) or 0) - partition.progress.next_offset

    async def _ready(self, records: Sequence[ConsumerRecord]) -> int:
        if self.subscription.ready is None:
            return len(records)
        recorded = [_recorded_at(record) for record in records]
        return await self.subscription.ready(self._pool, recorded)

    def _halt(self, one: TopicPartition, reason: str) -> None:
        """Read no more of it, until it is rewound."""
        log.critical("partition stopped", group=self.group, because=reason)
        self.halted[one] = reason
        if one in self.partitions:
            self._kafka.pause(one)

    async def _handle_or_park(
        self, partition: Partition, records: Sequence[ConsumerRecord]
    ) -> None:
        """Take a batch in; if that fails one by one, and park what fails then too."""
        if not records:
            return
        try:
            await self._handle(partition, records)
        except (Fenced, Gap, VersionConflict, *TRANSIENT):
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, the message is parked with it
            if len(records) == 1:
                await self._park(partition, records[0], error)
                return
            for record in records:
                await self._handle_or_park(partition, [record])

    async def _handle(self, partition: Partition, records: Sequence[ConsumerRecord]) -> None:
        """Take a batch in, all or nothing. `partition` moves only after the commit."""
        progress = partition.progress
        new: list[Message] = []
        fresh: list[Message] = []
        waiting: list[ConsumerRecord] = []
        position = progress.position
        for record in records:
            message = _message(record)
            if message.position <= position:
                continue
            position = message.position
            new.append(message)
            if message.stream in partition.blocked:
                waiting.append(record)
            else:
                fresh.append(message)
        partition.check_gaps(new)
        async with self._pool.acquire() as connection, connection.transaction():
            await hold(connection, progress)
            for record in waiting:
                await parking.park(connection, progress, record, "waits behind a parked event")
            if wanted := [message for message in fresh if self._wants(message)]:
                await self.subscription.handle(connection, wanted)
            moved = await advance(connection, progress, records[-1].offset + 1, position)
        partition.progress = moved
        for message in new:
            partition.remember(message)

    def _wants(self, message: Message) -> bool:
        if message.type in self.subscription.ignored:
            return False
        if message.type not in self.subscription.handled:
            unknown = f"{self.group} neither handles nor ignores {message.type}"
            raise UnknownForeignType(unknown)
        if message.depth > DEEPEST_CAUSATION:
            circle = f"{message.id} is the end of a chain of {message.depth} policies"
            raise TooDeep(circle)
        return True

    async def _park(self, partition: Partition, record: ConsumerRecord, error: Exception) -> None:
        progress = partition.progress
        log.error("event parked", group=self.group, offset=record.offset, exc_info=error)
        # What cannot be read is not believed about its position either.
        message = None if isinstance(error, Malformed) else _message(record)
        position = progress.position if message is None else message.position
        async with self._pool.acquire() as connection, connection.transaction():
            await parking.park(connection, progress, record, repr(error))
            moved = await advance(connection, progress, record.offset + 1, position)
        partition.progress = moved
        partition.blocked.add(parking.stream_of(record))
        if message is not None:
            partition.remember(message)
        self._stop_if_too_many()

    def _stop_if_too_many(self) -> None:
        now = time.monotonic()
        self._parked_at = [at for at in self._parked_at if now - at < WITHIN] + [now]
        if len(self._parked_at) >= MANY_PARKED:
            reason = (
                f"{self.group} stopped: {MANY_PARKED} events could not be handled within"
                f" {WITHIN:.0f} s, so the fault is probably here"
            )
            raise TooManyParked(reason)

    async def _carry_out_orders(self) -> None:
        if time.monotonic() - self._orders_seen < ORDERS_EVERY:
            return
        self._orders_seen = time.monotonic()
        await check_ownership(self._pool, [held.progress for held in self.partitions.values()])
        await self._tell_kafka()
        for partition in list(self.partitions.values()):
            if await parking.carry_out(self._pool, partition.progress, self.subscription):
                async with self._pool.acquire() as connection:
                    partition.blocked = await parking.blocked_streams(
                        connection, partition.progress
                    )

    async def _tell_kafka(self) -> None:
        """Commit to Kafka too, for tools that show lag; nothing here reads it."""
        offsets = {one: held.progress.next_offset for one, held in self.partitions.items()}
        if offsets and offsets != self._told:
            # Kafka's client may look for its coordinator for ever: then it is time for a new one.
            with contextlib.suppress(KafkaError):
                async with asyncio.timeout(TOLD_WITHIN):
                    await self._kafka.commit(offsets)
                self._told = offsets


def _recorded_at(record: ConsumerRecord) -> datetime:
    """When it was recorded; what cannot be read has nothing to wait for."""
    try:
        return _message(record).recorded_at
    except Malformed:
        return datetime.min.replace(tzinfo=UTC)


def _message(record: ConsumerRecord) -> Message:
    if record.value is None:
        empty = f"{record.topic}/{record.partition}@{record.offset} has no body"
        raise Malformed(empty)
    return read_message(record.topic, record.partition, record.offset, record.headers, record.value)
