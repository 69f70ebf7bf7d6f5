import zoneinfo
from functools import partial

import pytest

from catalog.main import SERVICE
from deskstream_testing.fixtures import make_template
from deskstream_testing.middle import assembled, in_role

zoneinfo.reset_tzpath(())  # the rules that the project pins, not those of the host


@pytest.fixture(scope="session")
async def template(postgres):
    return await make_template(postgres, SERVICE.migrations)


@pytest.fixture
async def app(database):
    """The service without its relay: nothing here is about Kafka."""
    async with assembled(SERVICE, database) as app:
        yield app


@pytest.fixture
def caller(app):
    """`caller("owner")` is a client that calls in this role."""
    return partial(in_role, app)


@pytest.fixture
def owner(caller):
    return caller("owner")
