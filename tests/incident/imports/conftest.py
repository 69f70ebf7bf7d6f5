import sys
import zoneinfo
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pytest

from deskstream_testing.fixtures import make_template
from deskstream_testing.middle import assembled, in_role
from incident.main import SERVICE

sys.path.insert(0, str(Path(__file__).parent))  # a_history is imported by name
zoneinfo.reset_tzpath(())  # the rules that the project pins, not those of the host


@pytest.fixture(scope="session")
async def template(postgres):
    return await make_template(postgres, SERVICE.migrations)


@pytest.fixture
async def another_app(database):
    """Makes the service without its relay, as another process of it: here Kafka plays no part."""
    async with AsyncExitStack() as processes:

        async def make():
            return await processes.enter_async_context(assembled(SERVICE, database))

        yield make


@pytest.fixture
async def app(another_app):
    return await another_app()


@pytest.fixture
def caller(app):
    """`caller("service", "import")` is a client that calls in this role, with these scopes."""
    return partial(in_role, app)


@pytest.fixture
def importer(app):
    return in_role(app, "service", "import")


@pytest.fixture
def pool(app):
    return app.state.pool
