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
    NETWORK,
    OLGA,
    OPERATOR,
    RICK,
    SAM,
    SECURITY,
    ServiceDesk,
    eventually,
)
from four_tickets import log_them

EVERYBODY = (ANNA, BEN, CARLA, GINA, RICK, DANA, SAM, LENA, OLGA, AUDREY, IMPORTER, OPERATOR)


async def the_groups_of_these_tests(olga):
    """Those whose agents are asked here; nothing is routed: each test says whose it is."""
    (dana,) = (await olga.get("/people?login=dana")).json()["items"]
    (network,) = (await olga.get("/groups?key=network")).json()["items"]
    (table,) = (await olga.get("/routing-tables")).json()["items"]
    for path, body in [
        (
            f"/groups/{network['id']}/versions",
            {"name": "Network", "key": NETWORK, "members": [dana["id"]]},
        ),
        ("/groups", {"name": "Security", "key": SECURITY}),
        (f"/routing-tables/{table['id']}/versions", {"name": "Nowhere", "routes": []}),
    ]:
        (await olga.post(path, json=body)).raise_for_status()


@pytest.fixture(scope="session")
async def stack(tmp_path_factory):
    """All three services, with the starter set in every copy of it."""
    async with running_stack(tmp_path_factory.mktemp("http")) as stack:
        await stack.start("catalog", "incident", "sla-monitor")
        async with stack.client("catalog", "olga", "owner") as olga:
            items = (await olga.post("/starter-set")).raise_for_status().json()["items"]
            await the_groups_of_these_tests(olga)

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
                versions_more, security = 3, 1
                return (policies, matrices, known, parties - versions_more) == (
                    number_of("organisation", "service", "calendar", "agreement", "group")
                    + security,
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


@pytest.fixture(scope="session")
async def tickets(desk):
    """Four of them, of two customers, one restricted."""
    return await log_them(desk)
