"""A group that takes events of another service in, with effects that can be counted."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition
from ledger import CODEC, PARTITIONS
from outside import until

from deskstream.cloudevent import Message
from deskstream.consuming.consumer import Consumer
from deskstream.consuming.intake import Intake
from deskstream.consuming.subscription import Subscription
from deskstream.database import Connection, Pool

HANDLED = frozenset({"money.in.v1", "money.out.v1"})
IGNORED = frozenset({"account.opened.v1"})
Before = Callable[[Connection, Sequence[Message]], Awaitable[None]]


async def note_effects(connection: Connection, messages: Sequence[Message]) -> None:
    """One row each, with nothing that would keep an effect from standing there twice."""
    for message in messages:
        CODEC.decode(message.type, message.body, message.occurred_at)
    await connection.executemany(
        "INSERT INTO effects (stream, version, position) VALUES ($1, $2, $3)",
        [(message.stream, message.version, message.position) for message in messages],
    )


async def copy_rows(connection: Connection, messages: Sequence[Message]) -> None:
    """A projection: the same rows, however often it is made again."""
    for message in messages:
        CODEC.decode(message.type, message.body, message.occurred_at)
    await connection.executemany(
        "INSERT INTO copies VALUES ($1, $2, $3) ON CONFLICT (stream, version)"
        " DO UPDATE SET body = excluded.body",
        [(message.stream, message.version, message.body.decode()) for message in messages],
    )


@dataclass
class Turnstile:
    """Lets a test stop a handler at a point, and let it go on."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def pass_through(self) -> None:
        self.reached.set()
        await self.opened.wait()


def _number(told: str | None) -> int:
    return int(told) if told and told.isdigit() else 0


@dataclass
class Group:
    """Members of one consumer group on one database."""

    pool: Pool
    bootstrap: str
    service: str
    topic: str

    @property
    def name(self) -> str:
        return f"itsm.{self.service}.testing"

    def member(self, handle=note_effects, *, handled=HANDLED, committed=lambda: None) -> Consumer:
        subscription = Subscription("testing", [self.topic], handled, IGNORED, handle)
        return Consumer(Intake(self.name, subscription, self.pool, committed), self.bootstrap)

    def partitions(self) -> list[TopicPartition]:
        return [TopicPartition(self.topic, number) for number in range(PARTITIONS)]

    async def effects(self) -> list[tuple[str, int]]:
        """Streams and versions, in the order in which they took effect."""
        rows = await self.pool.fetch("SELECT stream, version FROM effects ORDER BY id")
        return [tuple(row) for row in rows]

    async def copies(self) -> list[tuple[str, int, str]]:
        rows = await self.pool.fetch("SELECT * FROM copies ORDER BY stream, version")
        return [tuple(row) for row in rows]

    async def parked(self) -> list[tuple[str, int]]:
        """Streams and versions of what is parked, in the order of the topic."""
        rows = await self.pool.fetch(
            "SELECT stream, headers ->> 'ce_streamversion' AS version FROM parked"
            ' ORDER BY partition, "offset"'
        )
        return [(row["stream"], _number(row["version"])) for row in rows]

    async def progress(self) -> dict[int, int]:
        rows = await self.pool.fetch(
            "SELECT partition, next_offset FROM progress WHERE consumer_group = $1", self.name
        )
        return {row["partition"]: row["next_offset"] for row in rows}

    async def caught_up(self, ends: dict[int, int]) -> None:
        """Wait until the group has come to the ends of the partitions."""

        async def there():
            progress = await self.progress()
            return all(progress.get(one, 0) >= end for one, end in ends.items())

        await until(there, f"the group comes to {ends}")


async def ends_of(group: Group) -> dict[int, int]:
    """Where the partitions of the group's topic end."""
    async with AIOKafkaConsumer(bootstrap_servers=group.bootstrap) as consumer:
        ends = await consumer.end_offsets(group.partitions())
    return {one.partition: end for one, end in ends.items()}


def assert_each_took_effect_once_and_in_order(
    effects: Sequence[tuple[str, int]], streams: Sequence[str], versions: int
) -> None:
    __tracebackhide__ = True
    for stream in streams:
        seen = [version for name, version in effects if name == stream]
        assert seen == list(range(1, versions + 1)), f"{stream} took effect as {seen}"
