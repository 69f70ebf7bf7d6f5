"""Watermarks: "all that this service recorded up to T is on its topic"."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import AwareDatetime, BaseModel, ConfigDict

from deskstream.kafka import started
from deskstream.retry import Backoff, keep_trying
from deskstream.topics import events_topic, wait_for_topics, watermarks_topic

NEVER = datetime.min.replace(tzinfo=UTC)
KEPT = 1000


class Watermark(BaseModel):
    """What a relay announces.

    Attributes:
        time: everything recorded until then is on the topic.
        position: the record's position that this covers.
        end_offsets: by partition, the offset after the last event that this covers.
        incarnation: of the database that this is true of.
    """

    model_config = ConfigDict(frozen=True)

    time: AwareDatetime
    position: int
    end_offsets: dict[int, int]
    incarnation: UUID | None = None

    def to_bytes(self) -> bytes:
        """As it stands on the topic."""
        return self.model_dump_json().encode()


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
