"""The servers that the rows are measured on, set up as `make up` sets them up."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deskstream_platform.kafka import KafkaServer
from deskstream_platform.ports import LOOPBACK, free_port, is_free
from deskstream_platform.postgres import PostgresServer
from deskstream_platform.process import Child, spawn

HERE = Path(__file__).parent
START_SECONDS = 30.0


@dataclass(frozen=True)
class Servers:
    """A PostgreSQL and a Kafka in a folder."""

    folder: Path
    postgres: PostgresServer
    kafka: KafkaServer


@asynccontextmanager
async def servers(folder: Path) -> AsyncIterator[Servers]:
    """Both, empty, and with the platform's own settings: a commit is on the disk."""
    postgres, kafka = PostgresServer(folder / "postgres"), KafkaServer(folder / "kafka")
    await postgres.start()
    try:
        await kafka.start()
        try:
            yield Servers(folder, postgres, kafka)
        finally:
            await kafka.stop()
    finally:
        await postgres.stop()


@asynccontextmanager
async def listening(
    name: str, command: Sequence[str | Path], port: int, folder: Path, **environment: str
) -> AsyncIterator[Child]:
    """A program that listens on a port, as long as the block lasts."""
    words = [str(word) for word in command]
    child = spawn(name, words, folder / "logs" / f"{name}.log", env=environment)
    try:
        async with asyncio.timeout(START_SECONDS):
            while is_free(port):
                if not child.running:
                    raise RuntimeError(f"{name} did not start: {child.last_words()}")
                await asyncio.sleep(0.05)
        yield child
    finally:
        await child.stop(10.0)


@asynccontextmanager
async def trace_sink(folder: Path) -> AsyncIterator[Mapping[str, str]]:
    """Somebody who takes traces; the settings by which a service sends them there."""
    port = free_port()
    sink: list[str | Path] = [sys.executable, HERE / "otlp_sink.py", str(port)]
    async with listening("otlp-sink", sink, port, folder):
        yield {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{LOOPBACK}:{port}"}
