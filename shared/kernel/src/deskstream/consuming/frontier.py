"""Timers by what is known of other services: run by the owner of each of their partitions."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from aiokafka import AIOKafkaConsumer, TopicPartition

from deskstream.consuming.progress import hold
from deskstream.consuming.subscription import Partition
from deskstream.database import Connection, Pool
from deskstream.kafka import started
from deskstream.retry import Backoff, keep_trying
from deskstream.timekeeper import Share
from deskstream.timer import Basis
from deskstream.topics import events_topic, wait_for_topics, watermarks_topic
from deskstream.watermark import Watermark

NEVER = datetime.min.replace(tzinfo=UTC)
KEPT = 1000
SILENCE = 2.0
FORGOTTEN = 60.0
OFFSETS = """
SELECT topic, partition, next_offset FROM progress
WHERE (consumer_group, topic) IN (SELECT * FROM unnest($1::text[], $2::text[]))
"""


class WatermarkReader:
    """Follows the watermarks of other services, and tells how far a partition is complete."""

    def __init__(self, bootstrap: str, services: Sequence[str]) -> None:
        self._bootstrap = bootstrap
        self._topics = {watermarks_topic(service): events_topic(service) for service in services}
        self._announced: dict[str, list[Watermark]] = {t: [] for t in self._topics.values()}

    def complete_until(
        self, topic: str, next_offsets: Mapping[int, int], partition: int | None = None
    ) -> datetime:
        """The time up to which all is known to whoever has come to these offsets.

        Args:
            topic: of events.
            next_offsets: by partition.
            partition: the only one that matters; all of them by default.
        """
        for watermark in reversed(self._announced[topic]):
            ends = watermark.end_offsets
            wanted = ends if partition is None else [partition]
            if all(next_offsets.get(one, 0) >= ends.get(one, 0) for one in wanted):
                return watermark.time
        return NEVER

    def latest(self, topic: str) -> datetime:
        """The newest announcement of this topic, whether or not its events have been read."""
        announced = self._announced[topic]
        return announced[-1].time if announced else NEVER

    def partitions(self, topic: str) -> int:
        """How many this topic has; none before its owner announced anything."""
        announced = self._announced[topic]
        return len(announced[-1].end_offsets) if announced else 0

    async def run(self) -> None:
        """Follow for ever."""
        await keep_trying("watermarks", self._follow)

    async def _follow(self, backoff: Backoff) -> None:
        await wait_for_topics(self._bootstrap, self._topics)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=100
        )
        async with started(consumer):
            assigned = [TopicPartition(topic, 0) for topic in self._topics]
            consumer.assign(assigned)
            for one, end in (await consumer.end_offsets(assigned)).items():
                consumer.seek(one, max(0, end - 1))
            while True:
                for one, records in (await consumer.getmany(timeout_ms=1000)).items():
                    backoff.reset()
                    for record in records:
                        self._take(one.topic, Watermark.model_validate_json(record.value or b""))

    def _take(self, topic: str, watermark: Watermark) -> None:
        announced = self._announced[self._topics[topic]]
        if announced and announced[-1].incarnation != watermark.incarnation:
            announced.clear()  # another database may have filled the topic anew
        if announced and announced[-1].end_offsets == watermark.end_offsets:
            announced.pop()
        announced.append(watermark)
        del announced[:-KEPT]


@dataclass(frozen=True)
class Frontier:
    """The times up to which nothing can still arrive.

    Args:
        watermarks: what the other services announced.
        owned: the partitions that this process's consumer has in hand just then.
        topic: the one whose partitions own the timers.
        whole: groups and topics that have to be complete in every partition besides.
    """

    watermarks: WatermarkReader
    owned: Mapping[TopicPartition, Partition]
    topic: str
    whole: Sequence[tuple[str, str]]

    async def shares(self, connection: Connection) -> Sequence[Share]:
        """One for each partition in hand, up to the earliest of the frontiers that bind it."""
        mine = {one: held for one, held in self.owned.items() if one.topic == self.topic}
        partitions = self.watermarks.partitions(self.topic)
        if not mine or not partitions:
            return []
        bound = await whole_until(connection, self.watermarks, self.whole)
        shares = []
        for one, held in mine.items():
            offsets = {one.partition: held.progress.next_offset}
            until = min(bound, self.watermarks.complete_until(self.topic, offsets, one.partition))
            fence = partial(hold, progress=held.progress)
            shares.append(Share(Basis.FRONTIER, one.partition, partitions, until, fence))
        return shares


@dataclass
class Precedence:
    """Lets events wait until what was recorded before them elsewhere is known here.

    A ticket must find the policy that was set before it, whichever topic is read first. A service
    that is silent is waited for two seconds and no longer: its absence must not stand in the way
    of everybody's tickets.

    Args:
        watermarks: what the other services announced.
        whole: groups and topics that have to be complete in every partition.
    """

    watermarks: WatermarkReader
    whole: Sequence[tuple[str, str]]
    _until: datetime = NEVER
    _waiting: dict[datetime, float] = field(default_factory=dict)

    async def ready(self, database: Pool, recorded: Sequence[datetime]) -> int:
        """How many of these events, from the first on, need not wait any longer.

        Args:
            database: that keeps the groups' progress.
            recorded: when each was recorded.
        """
        if not recorded or max(recorded) > self._until:
            self._until = await whole_until(database, self.watermarks, self.whole)
        now = time.monotonic()
        early = [(nth, at) for nth, at in enumerate(recorded) if at > self._until]
        since = {at: self._waiting.get(at, now) for _, at in early}
        lately = {at: first for at, first in self._waiting.items() if now - first < FORGOTTEN}
        self._waiting = lately | since
        if not self._knows_what_was_announced():
            return early[0][0] if early else len(recorded)
        return next((nth for nth, at in early if now - since[at] <= SILENCE), len(recorded))

    def _knows_what_was_announced(self) -> bool:
        """If nothing later comes, the other service is silent, or its database's clock is slow."""
        return self._until >= min(self.watermarks.latest(topic) for _, topic in self.whole)


async def whole_until(
    database: Connection | Pool, watermarks: WatermarkReader, whole: Sequence[tuple[str, str]]
) -> datetime:
    """The time up to which these groups know everything of these topics."""
    groups, topics = (list(column) for column in zip(*whole, strict=True))
    rows = await database.fetch(OFFSETS, groups, topics)
    offsets: dict[str, dict[int, int]] = {topic: {} for topic in topics}
    for row in rows:
        offsets[row["topic"]][row["partition"]] = row["next_offset"]
    return min(watermarks.complete_until(topic, offsets[topic]) for topic in topics)
