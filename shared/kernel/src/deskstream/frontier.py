"""Timers by what is known of other services: run by the owner of each of their partitions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from aiokafka import TopicPartition

from deskstream.consumer import Partition
from deskstream.database import Connection
from deskstream.progress import hold
from deskstream.timekeeper import Share
from deskstream.timer import Basis
from deskstream.watermark import WatermarkReader

OFFSETS = """
SELECT topic, partition, next_offset FROM progress
WHERE (consumer_group, topic) IN (SELECT * FROM unnest($1::text[], $2::text[]))
"""


@dataclass(frozen=True)
class Frontier:
    """The times up to which nothing can still arrive.

    Args:
        watermarks: what the other services announced.
        owned: the partitions that this process's consumer has in hand.
        topic: the one whose partitions own the timers.
        whole: groups and topics that have to be complete in every partition besides.
    """

    watermarks: WatermarkReader
    owned: Callable[[], Mapping[TopicPartition, Partition]]
    topic: str
    whole: Sequence[tuple[str, str]]

    async def shares(self, connection: Connection) -> Sequence[Share]:
        """One for each partition in hand, up to the earliest of the frontiers that bind it."""
        mine = {one: held for one, held in self.owned().items() if one.topic == self.topic}
        if not mine:
            return []
        bound = await self._whole_until(connection)
        shares = []
        for one, held in mine.items():
            offsets = {one.partition: held.progress.next_offset}
            until = min(bound, self.watermarks.complete_until(self.topic, offsets, one.partition))
            fence = partial(hold, progress=held.progress)
            shares.append(Share(Basis.FRONTIER, one.partition, until, fence))
        return shares

    def release(self) -> None:
        """Nothing hangs on the timekeeper's connection."""

    async def _whole_until(self, connection: Connection) -> datetime:
        groups, topics = (list(column) for column in zip(*self.whole, strict=True))
        rows = await connection.fetch(OFFSETS, groups, topics)
        offsets: dict[str, dict[int, int]] = {topic: {} for topic in topics}
        for row in rows:
            offsets[row["topic"]][row["partition"]] = row["next_offset"]
        return min(self.watermarks.complete_until(topic, offsets[topic]) for topic in topics)
