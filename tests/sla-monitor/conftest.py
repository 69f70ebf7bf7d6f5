import sys
from importlib.resources import files
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # a_ticket and a_monitor are imported by name

from a_monitor import Monitor, Told
from a_ticket import agreement, calendar

from deskstream.database import connect_pool, migrate


@pytest.fixture
async def monitor(database):
    """The monitor's own database."""
    await migrate(database, [files("sla_monitor") / "migrations"])
    pool = await connect_pool(database, size=4)
    yield Monitor(pool)
    await pool.close()


@pytest.fixture
async def told(monitor):
    told = Told(monitor.pool)
    await told.policy(calendar())
    await told.policy(agreement())
    return told
