import sys
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from deskstream_testing.stack import running_stack

sys.path.insert(0, str(Path(__file__).parent))  # a_service_desk is imported by name

from a_service_desk import (
    ANNA,
    AUDREY,
    BEN,
    CARLA,
    DANA,
    GINA,
    IMPORTER,
    LENA,
    OLGA,
    OPERATOR,
    RICK,
    SAM,
    ServiceDesk,
    eventually,
)

EVERYBODY = (ANNA, BEN, CARLA, GINA, RICK, DANA, SAM, LENA, OLGA, AUDREY, IMPORTER, OPERATOR)


@pytest.fixture(scope="session")
async def stack(tmp_path_factory):
    """All three services, with the starter set in every copy of it."""
    async with running_stack(tmp_path_factory.mktemp("http")) as stack:
        await stack.start("catalog", "incident", "sla-monitor")
        async with stack.client("catalog", "olga", "owner") as olga:
            items = (await olga.post("/starter-set")).raise_for_status().json()["items"]

        def number_of(*kinds):
            return sum(item["kind"] in kinds for item in items)

        async with stack.database("sla-monitor") as monitor, stack.database("incident") as incident:

            async def copied():
                policies = await monitor.fetchval("SELECT count(*) FROM policies")
                matrices = await incident.fetchval("SELECT count(*) FROM priority_matrices")
                known = await incident.fetchval("SELECT count(*) FROM known_versions")
                parties = await incident.fetchval(
                    "SELECT (SELECT count(*) FROM people) + (SELECT count(*) FROM groups)"
                    " + (SELECT count(*) FROM routings)"
                )
                return (policies, matrices, known, parties) == (
                    number_of("organisation", "service", "calendar", "agreement"),
                    number_of("priority_matrix"),
                    number_of("organisation", "service"),
                    number_of("person", "group", "routing"),
                )

            await eventually(copied)
        yield stack


@pytest.fixture(scope="session")
async def desk(stack):
    """The services as people call them."""
    async with AsyncExitStack() as clients:
        desk = ServiceDesk(stack, clients)
        await desk.open(*EVERYBODY)
        yield desk


@pytest.fixture(scope="session")
async def nobody(stack):
    """A caller of a service who has no token."""
    async with AsyncExitStack() as clients:
        callers = {}
        for name, process in stack.services.items():
            client = httpx.AsyncClient(base_url=process.url, trust_env=False, timeout=30)
            callers[name] = await clients.enter_async_context(client)
        yield callers
