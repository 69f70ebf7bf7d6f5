"""What tests do from outside: wait, run things beside, hold locks, and publish by hand."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import asyncpg
from aiokafka import AIOKafkaProducer
from ledger import EARLIER, PARTITIONS

from deskstream.cloudevent import message_headers, partition_of
from deskstream.envelope import Origin
from deskstream.topics import ensure_topics, events_topic, topics_of
from deskstream_testing.topics import Arrival

PATIENCE = 40.0
Headers = list[tuple[str, bytes | None]]


async def until(holds: Callable[[], Awaitable[Any]], what: str) -> Any:
    """Wait for a condition; its value when it is true."""
    __tracebackhide__ = True
    seen = None
    try:
        async with asyncio.timeout(PATIENCE):
            while not (seen := await holds()):
                await asyncio.sleep(0.01)
    except TimeoutError:
        message = f"never came to pass: {what} (last seen: {seen!r})"
        raise AssertionError(message) from None
    return seen


class Work(Protocol):
    async def run(self) -> None: ...


@asynccontextmanager
async def running(*works: Work) -> AsyncIterator[None]:
    """These run beside the test. None may end with an error, and all have to let go in time."""
    tasks = [asyncio.create_task(work.run()) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        async with asyncio.timeout(PATIENCE):
            ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        assert end is None or isinstance(end, asyncio.CancelledError), repr(end)


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the test's own."""
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        connection.terminate()


async def is_waiting_for_a_lock(connection: asyncpg.Connection, *, statement: str = "") -> bool:
    """Whether somebody in this database waits for a lock, with a statement that contains this."""
    return await connection.fetchval(
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock' AND position($1 in query) > 0",
        statement,
    )


@dataclass
class Child:
    """A process of its own that runs one piece of the kernel."""

    process: asyncio.subprocess.Process
    said: list[str] = field(default_factory=list)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def child(role: str, **told: Any) -> AsyncIterator[Child]:
    """Run a role of `child.py` with these arguments, until it is ready and as long as wanted."""
    script = Path(__file__).parent / "child.py"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(script), role, json.dumps(told)), stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE):
            assert await process.stdout.readline() == b"ready\n"
        yield Child(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@dataclass(frozen=True)
class Told:
    """A record for a topic, made by hand."""

    stream: str
    body: bytes | None
    headers: Headers
    key: bytes | None = None

    def having(self, **changed: str | None) -> "Told":
        """The same with other headers; None leaves one out."""
        kept = [one for one in self.headers if one[0] not in changed]
        new = [(name, value.encode()) for name, value in changed.items() if value is not None]
        return replace(self, headers=[*kept, *new])

    def without_headers(self) -> "Told":
        return replace(self, headers=[])

    def without_body(self) -> "Told":
        return replace(self, body=None)

    def with_an_empty_header(self, name: str) -> "Told":
        """A header with a name and nothing else, which Kafka allows."""
        return replace(self, headers=[*self.having(**{name: None}).headers, (name, None)])

    def under_key(self, key: bytes) -> "Told":
        return replace(self, key=key)


def event(
    stream: str,
    version: int,
    position: int,
    data: dict[str, Any] | None = None,
    *,
    name: str = "money.in.v1",
    depth: int = 0,
) -> Told:
    """An event of another service."""
    row = {
        "stream": stream,
        "version": version,
        "position": position,
        "type": name,
        "occurred_at": EARLIER,
        "recorded_at": EARLIER,
        "origin": json.dumps(Origin("somebody", "agent", "a-story", depth=depth).as_json()),
    }
    body = json.dumps(data or {"amount": 1}).encode()
    return Told(stream, body, message_headers("elsewhere", row))


def story(*streams: str, versions: int, first_position: int = 1) -> list[Told]:
    """Events of these streams in turn, each in its order."""
    turns = [(stream, version) for version in range(1, versions + 1) for stream in streams]
    return [event(*turn, position) for position, turn in enumerate(turns, first_position)]


async def make_topics(bootstrap: str, service: str, partitions: int = PARTITIONS) -> str:
    await ensure_topics(bootstrap, topics_of(service, partitions), replication=1)
    return events_topic(service)


async def publish(
    bootstrap: str,
    topic: str,
    records: Iterable[Told],
    *,
    partition: int | None = None,
    key: bytes | None = None,
) -> None:
    """Put these on the topic, in this order, where their streams belong unless told otherwise."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        sent = []
        for one in records:
            place = partition_of(one.stream, PARTITIONS) if partition is None else partition
            sent.append(
                await producer.send(
                    topic,
                    one.body,
                    key=one.key or key or one.stream.encode(),
                    partition=place,
                    headers=one.headers,
                )
            )
        await asyncio.gather(*sent)


def seen_by_the_repeat_rule(arrivals: Sequence[Arrival]) -> list[tuple[int, str, int]]:
    """What a consumer takes: it drops a position at or below the last one of the partition."""
    last: dict[int, int] = {}
    taken = []
    for arrival in arrivals:
        one, partition = arrival.message, arrival.record.partition
        if one.position > last.get(partition, 0):
            last[partition] = one.position
            taken.append((one.position, one.stream, one.version))
    return taken


def assert_complete_and_in_order(
    arrivals: Sequence[Arrival], recorded: Sequence[tuple[int, str, int]]
) -> None:
    """Under the repeat rule the topic tells the record: nothing lost, doubled or out of order."""
    __tracebackhide__ = True
    taken = seen_by_the_repeat_rule(arrivals)
    versions: dict[str, list[int]] = {}
    for _, stream, version in taken:
        versions.setdefault(stream, []).append(version)
    for stream, seen in versions.items():
        assert seen == list(range(1, len(seen) + 1)), f"{stream} arrived as {seen}"
    assert sorted(taken) == sorted(recorded)
