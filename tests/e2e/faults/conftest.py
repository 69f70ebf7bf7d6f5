import pytest

from deskstream_testing.ledger import everything_holds
from deskstream_testing.spine import running_spine


@pytest.fixture(scope="session")
async def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spine")
    async with running_spine(folder) as spine:
        yield spine


@pytest.fixture
async def spine(running):
    """The running spine, whole before and after each test, which shares nothing but the record."""
    await running.make_whole()
    yield running
    await running.make_whole()


@pytest.fixture
def holds(spine):
    async def check():
        await spine.make_whole()
        await everything_holds(spine)

    return check
