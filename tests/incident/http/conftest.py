import sys
from pathlib import Path

import pytest

from deskstream_testing.fixtures import make_template
from deskstream_testing.middle import front_of
from incident.main import AGGREGATE, SERVICE

sys.path.append(str(Path(__file__).parents[1]))


@pytest.fixture(scope="session")
async def template(postgres):
    return await make_template(postgres, SERVICE.migrations)


@pytest.fixture
async def front(database):
    async with front_of(SERVICE, database, AGGREGATE) as front:
        yield front


@pytest.fixture(scope="module")
async def shared_front(shared_database):
    """For the tests of a module that only read."""
    async with front_of(SERVICE, shared_database, AGGREGATE) as front:
        yield front
