"""The spine as a whole: catalogue, incidents and clocks as processes, and people who use them."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from signal import SIGCONT
from typing import Any

import httpx

from deskstream_platform.errors import PlatformError
from deskstream_platform.kafka import KafkaServer
from deskstream_platform.postgres import PostgresServer
from deskstream_platform.service import ServiceProcess
from deskstream_testing.faults import eventually
from deskstream_testing.stack import Stack, running_stack

SERVICES = ("catalog", "incident", "sla-monitor")
PROMISES: Mapping[int, Mapping[str, int]] = {
    1: {"first_response": 1, "resolution": 2},
    2: {"first_response": 3, "resolution": 6},
    3: {"first_response": 10, "resolution": 20},
    5: {"first_response": 1800, "resolution": 3600},
}
"""Seconds promised, around the clock, by priority; nobody breaks the last one in a test."""
PAUSES_ON = frozenset({"awaiting_caller"})
LEVELS = {1: ("high", "high"), 2: ("high", "medium"), 3: ("high", "low"), 5: ("low", "low")}
LATEST = 60.0


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A write that was answered with success: the stream has this version."""

    stream: str
    version: int


@dataclass
class Agent:
    """Somebody who asks again until there is an answer, under one Idempotency-Key a request.

    Args:
        client: speaks for the agent.
        spine: whose customer the agent serves.
    """

    client: httpx.AsyncClient
    spine: "Spine"

    async def log(self, priority: int = 5, title: str = "Mail is down", key: str = "") -> str:
        """Log an incident; its id."""
        answer = await self.post("/incidents", self.spine.report(priority, title), key=key)
        return str(answer.json()["id"])

    async def comment(self, incident: str) -> None:
        """Answer the caller, which is the first response."""
        await self.post(f"/incidents/{incident}/comments", {"text": "We are looking into it."})

    async def hold(self, incident: str) -> None:
        """Let it wait for the caller."""
        await self.post(f"/incidents/{incident}/hold", {"reason": "awaiting_caller"})

    async def resume(self, incident: str) -> None:
        """Go on."""
        await self.post(f"/incidents/{incident}/resumption")

    async def resolve(self, incident: str) -> None:
        """Resolve it."""
        await self.post(f"/incidents/{incident}/resolution", {"code": "fixed", "text": "Done."})

    async def post(self, path: str, body: object = None, *, key: str = "") -> httpx.Response:
        """Ask until it is answered with success, and remember that it was.

        Raises:
            AssertionError: the answer was neither success nor "try again".
        """
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        async with asyncio.timeout(LATEST):
            while True:
                try:
                    answer = await self.client.post(path, json=body, headers=headers)
                except httpx.TransportError:
                    answer = None
                if answer is not None and answer.is_success:
                    return self.spine.remember(answer)
                again = answer is None or "Retry-After" in answer.headers
                assert again, f"{path}: {answer and answer.text}"
                await asyncio.sleep(0.1)


@dataclass
class Spine:
    """The running services, one customer with an agreement in seconds, and what was acknowledged.

    Args:
        stack: servers and services.
        customer: the organisation that the agreement is for.
        service: the service that it is about.
    """

    stack: Stack
    customer: str = ""
    service: str = ""
    acknowledged: list[Acknowledged] = field(default_factory=list)

    def report(self, priority: int, title: str) -> dict[str, str]:
        """The body of a new incident."""
        impact, urgency = LEVELS[priority]
        return {
            "title": title,
            "caller": "cleo",
            "organisation": self.customer,
            "service": self.service,
            "impact": impact,
            "urgency": urgency,
        }

    def remember(self, answer: httpx.Response) -> httpx.Response:
        """Note that this was acknowledged."""
        version = int(answer.headers["ETag"].strip('"'))
        self.acknowledged.append(Acknowledged(f"incident-{answer.json()['id']}", version))
        return answer

    @asynccontextmanager
    async def agent(self, name: str = "incident", url: str = "") -> AsyncIterator[Agent]:
        """Somebody who works on incidents, by this process of the service, or by this address."""
        async with self.stack.client(name, "ada", "agent") as client:
            client.base_url = httpx.URL(url or self.stack.services[name].url)
            yield Agent(client, self)

    async def start_replica(self, name: str, **environment: str) -> None:
        """Start a second process of a service, on the same database, with this besides."""
        stack = self.stack
        usual = stack.environment
        stack.environment = {**usual, **environment}
        try:
            await stack.start(name, replica="-2")
        finally:
            stack.environment = usual

    async def now(self, service: str = "incident") -> datetime:
        """The time that a service's database records."""
        async with self.stack.database(service) as database:
            found: datetime = await database.fetchval("SELECT clock_timestamp()")
            return found

    async def grows(self, more: int) -> None:
        """Wait until so many more writes were acknowledged."""
        goal = len(self.acknowledged) + more

        async def has_grown() -> bool:
            return len(self.acknowledged) >= goal

        await eventually(has_grown, f"{more} more writes acknowledged")

    async def passed(self, moment: datetime) -> None:
        """Wait until this moment is past, by the database's clock."""

        async def is_past() -> bool:
            return await self.now() > moment

        await eventually(is_past, f"{moment} passed")

    async def passed_due(self, incident: str, target: str = "resolution") -> None:
        """Wait until the target of an incident that was never held is due, and a little more."""
        async with self.stack.database("incident") as database:
            row = await database.fetchrow(
                "SELECT opened_at, priority FROM incidents WHERE stream = $1",
                f"incident-{incident}",
            )
        assert row is not None
        promised = timedelta(seconds=PROMISES[row["priority"]][target])
        await self.passed(row["opened_at"] + promised + timedelta(seconds=0.1))

    async def clock_events(self, incident: str) -> list[str]:
        """What happened to the clocks of an incident: stored names and targets, in order."""
        async with self.stack.database("sla-monitor") as database:
            rows = await database.fetch(
                "SELECT type, data ->> 'target' AS target FROM events WHERE stream = $1"
                " ORDER BY version",
                f"clock-{incident}",
            )
        return [f"{row['type']} {row['target']}" for row in rows]

    async def breaches(self, incident: str) -> set[str]:
        """The targets of an incident that were declared breached."""
        told = [line.split() for line in await self.clock_events(incident)]
        return {target for kind, target in told if kind == "clock.breached.v1"}

    async def make_whole(self) -> None:
        """Whatever was stopped goes on, whatever was killed is started again, replicas end."""
        stack = self.stack
        for server in (stack.postgres, stack.kafka):
            await _start_again(server)
        for name in [name for name in stack.services if name not in SERVICES]:
            await _end(stack.services.pop(name))
        for name in SERVICES:
            if name not in stack.services:
                await stack.start(name)
            elif stack.services[name].child.running:
                stack.resume(name)
            else:
                await stack.revive(name)


@asynccontextmanager
async def running_spine(folder: Path, **environment: str) -> AsyncIterator[Spine]:
    """Servers and services of one's own, with the agreement known to all of them."""
    async with running_stack(folder, **environment) as stack:
        await stack.start(*SERVICES)
        spine = Spine(stack)
        await agree(spine)
        yield spine
        await spine.make_whole()


async def agree(spine: Spine) -> None:
    """Register a customer and a service, promise them targets in seconds, and let it spread."""
    async with spine.stack.client("catalog", "otto", "owner") as owner:
        starter = await _created(owner, "/starter-set", {})
        calendar = next(
            item["id"] for item in starter["items"] if item["name"] == "Around the clock"
        )
        customer = {"name": "Customer in a hurry", "kind": "customer"}
        service = {"name": "Service in a hurry", "criticality": "high"}
        spine.customer = (await _created(owner, "/organisations", customer))["id"]
        spine.service = (await _created(owner, "/services", service))["id"]
        agreement = {
            "name": "Targets in seconds",
            "kind": "sla",
            "customer": spine.customer,
            "service": spine.service,
            "valid_from": datetime(datetime.now(UTC).year, 1, 1, tzinfo=UTC).isoformat(),
            "calendar": calendar,
            "targets": [
                {"ticket_type": "incident", "priority": priority, "seconds": seconds}
                for priority, seconds in PROMISES.items()
            ],
            "pauses_on": sorted(PAUSES_ON),
            "warn_at": ["0.5"],
        }
        agreed = (await _created(owner, "/agreements", agreement))["id"]

    async def has_spread() -> bool:
        async with stack.database("sla-monitor") as monitor, stack.database("incident") as desk:
            return bool(
                await monitor.fetchval("SELECT true FROM policies WHERE id = $1", agreed)
                and await desk.fetchval(
                    "SELECT true FROM known_versions WHERE id = $1", spine.service
                )
                and await desk.fetchval("SELECT true FROM priority_matrices LIMIT 1")
            )

    stack = spine.stack
    await eventually(has_spread, "the agreement is known to all services")


async def _created(client: httpx.AsyncClient, path: str, body: object) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    while "Retry-After" in answer.headers:
        await asyncio.sleep(0.5)
        answer = await client.post(path, json=body)
    assert answer.status_code in {HTTPStatus.OK, HTTPStatus.CREATED}, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _start_again(server: PostgresServer | KafkaServer) -> None:
    try:
        running = server.child.running
    except PlatformError:
        running = False
    if running:
        os.kill(server.child.pid, SIGCONT)
    else:
        await server.start()


async def _end(process: ServiceProcess) -> None:
    if process.child.running:
        os.kill(process.child.pid, SIGCONT)
    await process.stop()
