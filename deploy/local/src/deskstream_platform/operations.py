"""What operators do to the consumers and projections of a running platform."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import asyncpg
from aiokafka import TopicPartition

from deskstream.consuming import progress
from deskstream.consuming.progress import NOT_KEPT
from deskstream.operating.rewind import Place, offsets_at, rewind
from deskstream.service import Service
from deskstream_platform.errors import PlatformError
from deskstream_platform.record import RunningPlatform, RunningService
from deskstream_platform.service import SERVICES


def running(folder: Path, service: str) -> RunningService:
    """The addresses of a service that runs."""
    services = RunningPlatform.find(folder).services
    if service not in services:
        raise PlatformError(f"There is no service {service}; there are: {', '.join(services)}.")
    return services[service]


def definition(service: str) -> Service:
    """What makes this service."""
    module = next(one.module for one in SERVICES if one.name == service)
    found: Service = import_module(f"{module}.main").SERVICE
    return found


async def parked_events(folder: Path, service: str) -> list[asyncpg.Record]:
    """What is parked, oldest first."""
    async with _database(folder, service) as connection:
        return await connection.fetch("SELECT * FROM parked ORDER BY id")


async def order_parked(
    folder: Path, service: str, kind: str, identity: int, by_and_why: tuple[str, str]
) -> None:
    """Order a retry or skip of what is parked under this id."""
    async with _database(folder, service) as connection:
        ordered = await progress.order(connection, kind, identity, by_and_why, NOT_KEPT)
    if ordered is None:
        raise PlatformError(f"Nothing is parked under {identity} in {service}.")


async def rewind_group(
    folder: Path, service: str, purpose: str, place: Place, by_and_why: tuple[str, str]
) -> int:
    """Let a consumer group read again; return how many partitions it has."""
    group = f"itsm.{service}.{purpose}"
    bootstrap = RunningPlatform.find(folder).kafka
    async with _database(folder, service) as connection:
        partitions = await _partitions(connection, group)
        if not partitions:
            raise PlatformError(f"There is no group {group} that has read anything.")
        offsets = await offsets_at(bootstrap, partitions, place)
        tables = _tables(service, purpose) if place == Place() else ()
        async with connection.transaction():
            await rewind(connection, group, offsets, by_and_why, tables)
    return len(partitions)


async def _partitions(
    connection: "asyncpg.Connection[asyncpg.Record]", group: str
) -> list[TopicPartition]:
    rows = await connection.fetch(
        "SELECT topic, partition FROM progress WHERE consumer_group = $1 ORDER BY 1, 2", group
    )
    return [TopicPartition(row["topic"], row["partition"]) for row in rows]


def _tables(service: str, purpose: str) -> tuple[str, ...]:
    copies = definition(service).copies
    return next((one.tables for one in copies if one.purpose == purpose), ())


@asynccontextmanager
async def _database(
    folder: Path, service: str
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(running(folder, service).database)
    try:
        yield connection
    finally:
        await connection.close()
