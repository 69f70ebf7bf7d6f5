import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # a_ticket and a_monitor are imported by name

from a_monitor import Monitor, Told
from a_ticket import agreement, calendar

from deskstream.database import connect_pool
from deskstream_testing.fixtures import make_template
from sla_monitor.main import SERVICE


@pytest.fixture(scope="session")
async def template(postgres):
    return await make_template(postgres, SERVICE.migrations)


@pytest.fixture
async def monitor(database):
    """The monitor's own database."""
    pool = await connect_pool(database, size=4)
    yield Monitor(pool)
    await pool.close()


@pytest.fixture
async def told(monitor):
    told = Told(monitor.pool)
    await told.policy(calendar())
    await told.policy(agreement())
    return told
