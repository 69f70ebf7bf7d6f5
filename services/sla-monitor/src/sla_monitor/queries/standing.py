"""On what an answer stands: how far everything was read that it was made of."""

from dataclasses import dataclass

from pydantic import AwareDatetime

from deskstream.consuming.frontier import NEVER, WatermarkReader
from deskstream.database import Connection, Pool
from deskstream.http.bodies import View

PROGRESS = """
SELECT topic, partition, next_offset, position FROM progress
WHERE consumer_group = ANY($1) ORDER BY topic, partition
"""


class ReadTopic(View):
    """How far a partition was read.

    Attributes:
        position: of the last event of it that is in the answer.
        complete_until: everything that was recorded up to then is; absent before the first
            watermark.
    """

    topic: str
    partition: int
    position: int
    complete_until: AwareDatetime | None


class StandsOn(View):
    """On what an answer stands.

    Attributes:
        position: of the last event of this service that could be in it.
        tzdata: edition of the time zone rules.
    """

    position: int
    tzdata: str
    topics: list[ReadTopic]

    def in_brief(self) -> str:
        """As a header says it: positions, and the time up to which the answer is complete."""
        known = [one.complete_until for one in self.topics if one.complete_until is not None]
        until = f", complete-until={min(known).isoformat()}" if known else ""
        read = "".join(f", {one.topic}/{one.partition}={one.position}" for one in self.topics)
        return f"position={self.position}{until}{read}"


@dataclass(frozen=True)
class Ground:
    """What the service's answers stand on.

    Args:
        groups: the consumer groups that its rows come from.
        watermarks: what the other services announced.
        tzdata: edition of the time zone rules.
    """

    groups: tuple[str, ...]
    watermarks: WatermarkReader
    tzdata: str

    async def now(self, database: Connection | Pool) -> StandsOn:
        """At this moment. Ask before the rows are read: they may then be newer, never older."""
        position = await database.fetchval("SELECT coalesce(max(position), 0) FROM events")
        rows = await database.fetch(PROGRESS, list(self.groups))
        topics = [
            ReadTopic(
                topic=row["topic"],
                partition=row["partition"],
                position=row["position"],
                complete_until=self._until(row["topic"], row["partition"], row["next_offset"]),
            )
            for row in rows
        ]
        return StandsOn(position=position, tzdata=self.tzdata, topics=topics)

    def _until(self, topic: str, partition: int, offset: int) -> AwareDatetime | None:
        until = self.watermarks.complete_until(topic, {partition: offset}, partition)
        return None if until == NEVER else until
