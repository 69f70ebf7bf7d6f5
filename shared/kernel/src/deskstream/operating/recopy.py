"""Make a copy of other services' facts anew from their topics, while its group goes on.

The new rows grow beside the old ones, as those of `rebuild` do. They take in what the group has
come to and nothing that is parked. Whatever else once followed from these events does not again.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from deskstream.cloudevent import Message
from deskstream.consuming.subscription import Arrival, Subscription
from deskstream.database import Connection
from deskstream.kafka import started
from deskstream.operating.rebuild import TAIL, lock, scratch, switch

COME_TO = "SELECT topic, partition, position FROM progress WHERE consumer_group = $1"
# The row is another one then: whoever holds the copy in memory reads it again.
HOLD = """
UPDATE progress SET incarnation = gen_random_uuid() WHERE consumer_group = $1
RETURNING topic, partition, position
"""
PARKED = "SELECT headers ->> 'ce_id' FROM parked WHERE consumer_group = $1"


async def recopy(dsn: str, bootstrap: str, group: str, copy: Subscription) -> int:
    """Make the tables of this copy anew; return how many events went into them.

    It waits for what the group has read and a topic, being filled again, does not have yet.

    Args:
        dsn: the service's database.
        bootstrap: Kafka's addresses.
        group: that keeps the copy.
        copy: whose handler writes these tables and does nothing besides.
    """
    kafka = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    async with scratch(dsn, copy.tables) as connection, started(kafka):
        new, total = _Copy(connection, kafka, group, copy), 0
        while (folded := await new.fold(await connection.fetch(COME_TO, group))) > TAIL:
            total += folded

        async def rest() -> int:
            come_to = await connection.fetch(HOLD, group)
            await lock(connection, copy.tables)
            return await new.fold(come_to)

        return total + folded + await switch(connection, copy.tables, rest)


@dataclass
class _Copy:
    connection: Connection
    kafka: AIOKafkaConsumer
    group: str
    copy: Subscription
    places: dict[TopicPartition, tuple[int, int]] = field(default_factory=dict)

    async def fold(self, come_to: Sequence[asyncpg.Record]) -> int:
        """Take in what was not yet, up to the positions to which the group has come."""
        folded = 0
        parked = {row[0] for row in await self.connection.fetch(PARKED, self.group)}
        self.kafka.assign([TopicPartition(topic, number) for topic, number, _ in come_to])
        for topic, number, position in come_to:
            async for events in self._events(TopicPartition(topic, number), position):
                known = [event for event in events if event.type in self.copy.handled]
                wanted = [event for event in known if event.id not in parked]
                if wanted:
                    async with self.connection.transaction():
                        await self.copy.handle(self.connection, wanted)
                folded += len(wanted)
        return folded

    async def _events(self, one: TopicPartition, up_to: int) -> AsyncIterator[list[Message]]:
        """By position, so that a truth that was repeated comes once."""
        offset, position = self.places.get(one, (0, 0))
        self.kafka.seek(one, offset)
        while position < up_to:
            events = []
            for record in (await self.kafka.getmany(one, timeout_ms=1000)).get(one, []):
                event = Arrival.of(record).event
                if isinstance(event, Message) and position < event.position <= up_to:
                    offset, position = record.offset + 1, event.position
                    events.append(event)
            yield events
        self.places[one] = offset, position
