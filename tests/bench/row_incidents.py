"""Incidents logged per second, by one service process for 32 connections."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import asyncpg
import django_helpdesk
from http_load import Plan, load
from measure import Row, duel, missing
from servers import HERE, Servers, listening, trace_sink

from deskstream.database import migrate
from deskstream.topics import ensure_topics, topics_of
from deskstream_platform.ports import LOOPBACK, free_port
from deskstream_testing.stack import Stack
from incident.main import SERVICE

WHAT = "incidents logged, one process, 32 connections"
BARE_GOAL, HELPDESK_GOAL = 0.5, 12.0
SECONDS = 4.0
PARTITIONS = 6
REPORT = {"title": "The printer is out", "description": "It says paper jam, but there is none."}
BODY = json.dumps({**REPORT, "caller": "ada", "category": "printing"})
TICKET = json.dumps({**REPORT, "queue": 0, "priority": 3})


async def rows(servers: Servers) -> Sequence[Row]:
    """Against a bare route and against django-helpdesk."""
    async with incident_service(servers) as (stack, ours), bare_route(servers) as bare:
        measure = partial(_rate, stack)
        against_bare = await duel(partial(measure, ours), partial(measure, bare))
        first = against_bare.row(WHAT, "/s", "bare FastAPI + asyncpg route", BARE_GOAL)
        return [first, await _against_helpdesk(servers, stack, ours)]


async def _against_helpdesk(servers: Servers, stack: Stack, ours: Plan) -> Row:
    measure = partial(_rate, stack)
    body = TICKET.replace('"queue": 0', '"queue": {queue}')
    try:
        async with django_helpdesk.running(servers.postgres, servers.folder, body) as theirs:
            found = await duel(partial(measure, ours), partial(measure, theirs), rounds=3)
    except django_helpdesk.CannotBeHad as reason:
        return missing(WHAT, f"≥ {HELPDESK_GOAL:g} ×", f"django-helpdesk cannot be had: {reason}")
    return found.row(WHAT, "/s", "django-helpdesk, REST, one process", HELPDESK_GOAL)


@asynccontextmanager
async def incident_service(servers: Servers) -> AsyncIterator[tuple[Stack, Plan]]:
    """The service as it ships, and the plan of requests to it."""
    await other_topics(servers.kafka.bootstrap)
    async with trace_sink(servers.folder) as tracing:
        stack = Stack(servers.folder, servers.postgres, servers.kafka, tracing)
        try:
            await stack.start("incident")
            port = stack.services["incident"].port
            token = f"Bearer {stack.token('ada', 'agent')}"
            yield stack, Plan(port, "/incidents", token, BODY, SECONDS)
        finally:
            await stack.stop()


async def other_topics(bootstrap: str) -> None:
    """Make the topics that the service listens to, which are there in a running system."""
    for name in ("catalog", "sla-monitor"):
        await ensure_topics(bootstrap, topics_of(name, PARTITIONS), replication=1)


@asynccontextmanager
async def bare_route(servers: Servers) -> AsyncIterator[Plan]:
    """The bare route on a database with the same tables, and the plan of requests to it."""
    database = await servers.postgres.ensure_database("bare")
    await migrate(database, [SERVICE.migrations])
    port = free_port()
    command: list[str | Path] = [
        *(sys.executable, "-m", "uvicorn", "bare_service:app", "--app-dir", HERE),
        *("--host", LOOPBACK, "--port", str(port), "--no-access-log", "--log-level", "warning"),
        *("--loop", "uvloop", "--http", "httptools"),
    ]
    async with listening("bare", command, port, servers.folder, BARE_DATABASE=database):
        yield Plan(port, "/incidents", "Bearer none", BODY, SECONDS)


async def _rate(stack: Stack, plan: Plan) -> float:
    result = await load(replace(plan, seconds=SECONDS))
    if result.others or not result.rate:
        raise RuntimeError(f"not all were created: {result}")
    await _relayed(stack)
    return result.rate


async def _relayed(stack: Stack) -> None:
    """Wait until the service has nothing left to do that would burden the next round."""
    async with stack.database("incident") as database:
        while await _left(database):
            await asyncio.sleep(0.1)


async def _left(database: "asyncpg.Connection[asyncpg.Record]") -> bool:
    left: bool = await database.fetchval(
        "SELECT published < (SELECT coalesce(max(position), 0) FROM events) FROM relay"
    )
    return left
