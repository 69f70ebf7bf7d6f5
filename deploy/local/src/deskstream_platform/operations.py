"""What operators do to the consumers and projections of a running platform."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import asyncpg
from aiokafka import TopicPartition

from deskstream.consuming import progress
from deskstream.consuming.progress import NOT_KEPT
from deskstream.operating.rebuild import rebuild
from deskstream.operating.recopy import recopy
from deskstream.operating.rewind import rewind
from deskstream.service import Service
from deskstream_platform.errors import PlatformError
from deskstream_platform.places import Place, offsets_at
from deskstream_platform.record import RunningPlatform, RunningService
from deskstream_platform.service import SERVICES

Tell = Callable[[str, int], None]


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
        async with connection.transaction():
            await rewind(connection, group, offsets, by_and_why)
    return len(partitions)


async def _partitions(
    connection: "asyncpg.Connection[asyncpg.Record]", group: str
) -> list[TopicPartition]:
    rows = await connection.fetch(
        "SELECT topic, partition FROM progress WHERE consumer_group = $1 ORDER BY 1, 2", group
    )
    return [TopicPartition(row["topic"], row["partition"]) for row in rows]


async def make_anew(folder: Path, service: str, name: str | None, tell: Tell) -> None:
    """Make read models anew: those of this name, or all; tell each and of how many events it is.

    Copies come first, because rows of the service's own events may take something from them.
    """
    where, found = running(folder, service), definition(service)
    copies = {one.purpose: one for one in found.copies}
    projections = dict.fromkeys(p.name for one in found.aggregates for p in one.projections)
    if name is not None and name not in {*copies, *projections}:
        known = ", ".join(sorted({*copies, *projections}))
        raise PlatformError(f"There is no read model {name} in {service}; there are: {known}.")
    kafka = RunningPlatform.find(folder).kafka
    for purpose, copy in copies.items():
        if name in {None, purpose}:
            group = f"itsm.{service}.{purpose}"
            tell(f"copy {purpose}", await recopy(where.database, kafka, group, copy))
    for projection in projections:
        if name in {None, projection}:
            tell(projection, await rebuild(where.database, found.aggregates, projection))


@asynccontextmanager
async def _database(
    folder: Path, service: str
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(running(folder, service).database)
    try:
        yield connection
    finally:
        await connection.close()
