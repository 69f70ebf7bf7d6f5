"""Fixtures with the real servers, shared by a whole test run. A pytest plugin."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.resources.abc import Traversable
from itertools import count

import asyncpg
import pytest

from deskstream.database import migrate
from deskstream_platform.kafka import KafkaServer
from deskstream_platform.postgres import PostgresServer

_numbers = count(1)


@pytest.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostgresServer]:
    """A PostgreSQL for the whole run."""
    server = PostgresServer(tmp_path_factory.mktemp("postgres"), settings={"fsync": "off"})
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="session")
async def kafka(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[KafkaServer]:
    """A Kafka for the whole run; tests name topics of their own."""
    server = KafkaServer(tmp_path_factory.mktemp("kafka"))
    await server.start()
    yield server
    await server.kill()


async def make_template(postgres: PostgresServer, *migrations: Traversable) -> str:
    """A database with the kernel's tables, and those of a service, to copy from."""
    name = f"template_{next(_numbers)}"
    await migrate(await postgres.ensure_database(name), migrations)
    return name


@pytest.fixture(scope="session")
async def template(postgres: PostgresServer) -> str:
    """What tests have copies of. The tests of a service have a template of their own."""
    return await make_template(postgres)


@asynccontextmanager
async def _copied(postgres: PostgresServer, template: str) -> AsyncIterator[str]:
    name = f"test_{next(_numbers)}"
    admin = await asyncpg.connect(postgres.dsn("postgres"))
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield postgres.dsn(name)
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.fixture
async def database(postgres: PostgresServer, template: str) -> AsyncIterator[str]:
    """The address of a database of this test's own, with all its tables."""
    async with _copied(postgres, template) as dsn:
        yield dsn


@pytest.fixture(scope="module")
async def shared_database(postgres: PostgresServer, template: str) -> AsyncIterator[str]:
    """The same for all tests of a module, that only read it."""
    async with _copied(postgres, template) as dsn:
        yield dsn


@pytest.fixture
def fresh_name() -> Callable[[str], str]:
    """Makes names that no other test of the run has: of services, and so of topics and groups."""
    return lambda stem: f"{stem}-{next(_numbers)}"
