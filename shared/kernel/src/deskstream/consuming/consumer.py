"""A member of a consumer group: which partitions it has in hand, and where it reads on.

Progress is the database's: an assignment takes a partition over there, and goes on where it says.
"""

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord

from deskstream.consuming.intake import Intake
from deskstream.consuming.progress import (
    advance,
    blocked_streams,
    check_ownership,
    note_halt,
    take_partition,
)
from deskstream.consuming.subscription import Arrival, Gap, Partition
from deskstream.database import TRANSIENT, Connection
from deskstream.kafka import started
from deskstream.retry import Backoff, keep_trying
from deskstream.store import VersionConflict
from deskstream.topics import wait_for_topics

log = structlog.get_logger()
BATCH = 500
LOOK_AGAIN = 0.02
LOOK_AROUND_EVERY = 1.0
ANSWERED_WITHIN = 5.0


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed
    """One member of one group. `run` ends when it is cancelled.

    Args:
        intake: what the member does with messages.
        bootstrap: Kafka's addresses.
    """

    def __init__(self, intake: Intake, bootstrap: str) -> None:
        self.group, self.subscription = intake.group, intake.subscription
        self.lag: dict[TopicPartition, int] = {}
        self.partitions: dict[TopicPartition, Partition] = {}
        self._intake, self._pool, self._bootstrap = intake, intake.pool, bootstrap
        self._looked_around = 0.0
        self._batch = BATCH
        self._committed: dict[TopicPartition, int] = {}
        self._not_taken: Exception | None = None

    async def run(self) -> None:
        """Consume for ever, beginning again from the database's progress after any trouble."""
        await keep_trying(self.group, self._consume)

    async def _consume(self, backoff: Backoff) -> None:
        await wait_for_topics(self._bootstrap, self.subscription.topics)
        self._kafka, self._not_taken = self._client(), None
        self._kafka.subscribe(list(self.subscription.topics), listener=self)
        try:
            async with started(self._kafka):
                while True:
                    await self._look_around()
                    for one, records in (await self._fetch()).items():
                        await self._take(one, records)
                        self._batch = min(BATCH, self._batch * 2)
                        backoff.reset()
        except (KafkaError, *TRANSIENT):
            # What did not fit into a transaction's time may fit in smaller portions.
            self._batch = max(1, self._batch // 2)
            raise
        finally:
            self.partitions.clear()
            self.lag.clear()

    def _client(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
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

    async def _fetch(self) -> Mapping[TopicPartition, Sequence[ConsumerRecord]]:
        if self._not_taken is not None:
            raise self._not_taken
        batches: Mapping[TopicPartition, Sequence[ConsumerRecord]] = {}
        try:
            batches = await self._kafka.getmany(timeout_ms=500, max_records=self._batch)
        except OffsetOutOfRangeError as error:
            await self._from_the_earliest(list(error.args[0]))
        except NoOffsetForPartitionError as error:
            self._go_to_progress(error.args[0])
        return batches

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Let go. A batch that is under way is fenced off by the next owner's epoch."""
        for one in revoked:
            self.partitions.pop(one, None)
            self.lag.pop(one, None)

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
        blocked = await blocked_streams(connection, progress)
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
            known = partition.progress
            async with self._pool.acquire() as connection, connection.transaction():
                moved = await advance(connection, known, offset, known.position)
            partition.progress = moved
            partition.versions.clear()
            self._kafka.seek(one, offset)

    async def _take(self, one: TopicPartition, records: Sequence[ConsumerRecord]) -> None:
        if (partition := self.partitions.get(one)) is None:
            return
        seen, next_offset = partition.progress.position, partition.progress.next_offset
        arrivals = [Arrival.of(record) for record in records]
        first = records[0].offset
        if first > next_offset and partition.sought != next_offset:
            # What does not come the second time either is not on the topic, such as the mark that
            # a transaction leaves. Whether an event is missing, the versions tell.
            partition.sought = next_offset
            self._go_to_progress(one)
        elif first < next_offset and 0 < seen < arrivals[0].event.position:
            await self._from_the_earliest([one])
        else:
            new = [arrival for arrival in arrivals if arrival.record.offset >= next_offset]
            await self._take_in(one, partition, new)

    async def _take_in(self, one: TopicPartition, held: Partition, new: Sequence[Arrival]) -> None:
        try:
            recorded = [arrival.event.recorded_at for arrival in new]
            ready = await self.subscription.ready(self._pool, recorded)
            await self._intake.take_in(held, new[:ready])
            if ready < len(new):
                self._go_to_progress(one)
                await asyncio.sleep(LOOK_AGAIN)
        except Gap as gap:
            await note_halt(self._pool, held.progress, str(gap))
            self._halt(one, str(gap))
        except VersionConflict:
            self._go_to_progress(one)

    def _halt(self, one: TopicPartition, reason: str) -> None:
        """Read no more of it, until it is rewound."""
        log.critical("partition stopped", group=self.group, because=reason)
        if one in self.partitions:
            self._kafka.pause(one)

    async def _look_around(self) -> None:
        """Every second: is all still in hand, has something been ordered, how far is it."""
        if time.monotonic() - self._looked_around < LOOK_AROUND_EVERY:
            return
        self._looked_around = time.monotonic()
        held = [partition.progress for partition in self.partitions.values()]
        await check_ownership(self._pool, self.group, held)
        await self._commit_to_kafka()
        await self._measure_lag()
        for partition in list(self.partitions.values()):
            await self._intake.carry_out_orders(partition)

    async def _commit_to_kafka(self) -> None:
        """Commit to Kafka too, for tools that show lag; nothing here reads it."""
        offsets = {one: held.progress.next_offset for one, held in self.partitions.items()}
        if offsets and offsets != self._committed:
            # Kafka's client may look for its coordinator for ever: then it is time for a new one.
            with contextlib.suppress(KafkaError):
                async with asyncio.timeout(ANSWERED_WITHIN):
                    await self._kafka.commit(offsets)
                self._committed = offsets

    async def _measure_lag(self) -> None:
        ends = {one: self._kafka.highwater(one) for one in self.partitions}
        if halted := list(self._kafka.paused()):
            # What is not read does not tell its end by the way.
            with contextlib.suppress(KafkaError, TimeoutError):
                async with asyncio.timeout(ANSWERED_WITHIN):
                    ends |= await self._kafka.end_offsets(halted)
        self.lag = {
            one: max(0, ends[one] - held.progress.next_offset)
            for one, held in self.partitions.items()
            if ends.get(one) is not None
        }
