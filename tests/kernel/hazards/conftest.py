import sys
from pathlib import Path

import asyncpg
import pytest
import structlog

from deskstream.database import connect_pool

sys.path.insert(0, str(Path(__file__).parent))  # ledger and outside are imported by name

from consuming import Group
from ledger import TABLES
from outside import make_topics


@pytest.fixture
async def ledger_dsn(database):
    """A database with the kernel's tables and the ledger's."""
    connection = await asyncpg.connect(database)
    await connection.execute(TABLES)
    await connection.close()
    return database


@pytest.fixture
async def pool(ledger_dsn):
    pool = await connect_pool(ledger_dsn, size=30)
    yield pool
    pool.terminate()


@pytest.fixture
def bootstrap(kafka):
    return kafka.bootstrap


@pytest.fixture(autouse=True)
def logged():
    """What the kernel logs, rather than on the terminal."""
    with structlog.testing.capture_logs() as entries:
        yield entries


@pytest.fixture
async def group(pool, bootstrap, fresh_name):
    """A group that reads a topic of its own."""
    topic = await make_topics(bootstrap, fresh_name("elsewhere"))
    return Group(pool, bootstrap, fresh_name("here"), topic)
