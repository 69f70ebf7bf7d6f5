"""What arrives on Kafka, as its own console consumer shows it."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from deskstream_platform.errors import PlatformError
from deskstream_platform.kafka import console_consumer
from deskstream_platform.process import Child, spawn

_POLL = 0.02
_START_SECONDS = 60.0
_STOP_SECONDS = 5.0
_FIELDS = 5
_HEADER = re.compile(r"(?:^|,)(?=(?:ce_\w+|content-type|traceparent):)")


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event, and where it lies on Kafka."""

    topic: str
    partition: int
    offset: int
    id: str
    type: str
    stream: str
    version: int
    at: datetime
    recorded_at: datetime
    data: Mapping[str, Any]

    @property
    def ticket(self) -> str:
        """The id that a ticket and its clocks have in common."""
        return self.stream.partition("-")[2]


def read_line(topic: str, line: str) -> Arrival | None:
    """What a line of the console consumer shows; None if it shows no event."""
    fields = line.rstrip("\n").split("\t", _FIELDS - 1)
    if len(fields) < _FIELDS or not fields[0].startswith("Partition:"):
        return None
    partition, offset, headers, _, body = fields
    told = dict(_named(header) for header in _HEADER.split(headers) if header)
    if "ce_id" not in told:
        return None
    return Arrival(
        topic=topic,
        partition=int(_named(partition)[1]),
        offset=int(_named(offset)[1]),
        id=told["ce_id"],
        type=told["ce_type"],
        stream=told["ce_subject"],
        version=int(told["ce_streamversion"]),
        at=datetime.fromisoformat(told["ce_time"]),
        recorded_at=datetime.fromisoformat(told["ce_recordedtime"]),
        data=json.loads(body),
    )


def _named(pair: str) -> tuple[str, str]:
    name, _, value = pair.partition(":")
    return name, value


def out_of_order(arrivals: Sequence[Arrival]) -> list[str]:
    """The streams whose events did not arrive one after the other, without gap."""
    versions: dict[str, list[int]] = {}
    for arrival in arrivals:
        versions.setdefault(arrival.stream, []).append(arrival.version)
    return [
        f"{stream} arrived in the order {found}"
        for stream, found in versions.items()
        if found != list(range(1, len(found) + 1))
    ]


class Stream:
    """The events that arrived, each once: a topic may repeat a truth.

    Args:
        since: what was recorded before is none of ours.
    """

    def __init__(self, since: datetime) -> None:
        self.arrivals: dict[str, Arrival] = {}
        self._since = since
        self._listeners: list[Callable[[Arrival], None]] = []
        self._news = asyncio.Event()
        self._broken: PlatformError | None = None

    def listen(self, listener: Callable[[Arrival], None]) -> None:
        """Tell this one about everything, from the first arrival on."""
        for arrival in self.arrivals.values():
            listener(arrival)
        self._listeners.append(listener)

    def forget(self, listener: Callable[[Arrival], None]) -> None:
        """Tell this one no more."""
        self._listeners.remove(listener)

    def of(self, ticket: str) -> Sequence[Arrival]:
        """What arrived of a ticket and its clocks."""
        return [arrival for arrival in self.arrivals.values() if arrival.ticket == ticket]

    async def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until arrivals have made this true; whether they did in time.

        Raises:
            PlatformError: nothing can arrive any more.
        """
        deadline = time.monotonic() + seconds
        while not condition():
            if self._broken is not None:
                raise self._broken
            self._news.clear()
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    await self._news.wait()
            except TimeoutError:
                return condition()
        return True

    def take(self, arrival: Arrival) -> None:
        """Take an event in."""
        if arrival.recorded_at < self._since or arrival.id in self.arrivals:
            return
        self.arrivals[arrival.id] = arrival
        for listener in self._listeners:
            listener(arrival)
        self._news.set()

    def end(self, why: PlatformError) -> None:
        """Say that nothing will arrive any more."""
        self._broken = why
        self._news.set()


@asynccontextmanager
async def console_stream(
    bootstrap: str, topics: Sequence[str], since: datetime, logs: Path
) -> AsyncIterator[Stream]:
    """A stream that console consumers feed, one for each topic, all of them reading."""
    stream = Stream(since)
    groups = {topic: f"deskstream.demo.{uuid4()}" for topic in topics}
    consumers = {topic: _console(bootstrap, topic, group, logs) for topic, group in groups.items()}
    readers = [
        asyncio.create_task(_follow(topic, consumer, stream))
        for topic, consumer in consumers.items()
    ]
    try:
        await _until_they_read(bootstrap, list(groups.values()))
        yield stream
    finally:
        for reader in readers:
            reader.cancel()
        outcomes = await asyncio.gather(*readers, return_exceptions=True)
        await asyncio.gather(*(one.stop(_STOP_SECONDS) for one in consumers.values()))
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome


def _console(bootstrap: str, topic: str, group: str, logs: Path) -> Child:
    log = logs / f"console-{topic}.log"
    log.unlink(missing_ok=True)
    return spawn(f"console-{topic}", console_consumer(bootstrap, topic, "--group", group), log)


async def _until_they_read(bootstrap: str, groups: Sequence[str]) -> None:
    from aiokafka.admin import AIOKafkaAdminClient  # noqa: PLC0415 - slow to import

    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        async with asyncio.timeout(_START_SECONDS):
            while not all([await _is_stable(admin, group) for group in groups]):  # noqa: ASYNC110 - Kafka's to know
                await asyncio.sleep(_POLL)
    except TimeoutError as error:
        raise PlatformError("Kafka's console consumer does not begin to read.") from error
    finally:
        await admin.close()


async def _is_stable(admin: Any, group: str) -> bool:  # noqa: ANN401 - of a library without types
    from aiokafka.errors import KafkaError  # noqa: PLC0415 - slow to import

    try:
        (answer,) = await admin.describe_consumer_groups([group])
    except KafkaError:
        # A new Kafka has no coordinator of groups before the first one asks for it.
        return False
    ((_, _, state, *_),) = answer.groups
    return bool(state == "Stable")


async def _follow(topic: str, consumer: Child, stream: Stream) -> None:
    with consumer.log.open(errors="replace") as output:
        line = ""
        while consumer.running:
            line += output.readline()
            if not line.endswith("\n"):
                await asyncio.sleep(_POLL)
                continue
            arrival = read_line(topic, line)
            if arrival is not None:
                stream.take(arrival)
            line = ""
            await asyncio.sleep(0)
    last = consumer.last_words()
    stream.end(PlatformError(f"Kafka's console consumer of {topic} ended: {last}"))
