import sys
from pathlib import Path

import pytest

from deskstream_testing.middle import front_of
from incident.main import AGGREGATE, SERVICE

sys.path.append(str(Path(__file__).parents[1]))


@pytest.fixture
async def front(database):
    async with front_of(SERVICE, database, AGGREGATE) as front:
        yield front
