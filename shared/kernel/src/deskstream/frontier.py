"""Timers by what is known of other services: run by the owner of each of their partitions."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from aiokafka import TopicPartition

from deskstream.database import Connection, Pool
from deskstream.progress import hold
from deskstream.subscription import Partition
from deskstream.timekeeper import Share
from deskstream.timer import Basis
from deskstream.watermark import NEVER, WatermarkReader

SILENCE = 2.0
FORGOTTEN = 60.0
OFFSETS = """
SELECT topic, partition, next_offset FROM progress
WHERE (consumer_group, topic) IN (SELECT * FROM unnest($1::text[], $2::text[]))
"""


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
