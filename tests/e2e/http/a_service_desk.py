"""Two customers' people, and those who work for them, over the real services."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from catalog.starter import DEMO_CUSTOMER
from deskstream.cloudevent import partition_of
from deskstream.settings import Settings
from deskstream_testing.stack import Stack

T = TypeVar("T")

ACME = str(DEMO_CUSTOMER)  # the one customer that the starter set brings along
GLOBEX = "0198a000-0000-7000-8000-00000000910b"
NETWORK, SECURITY = "network", "security"


@dataclass(frozen=True)
class Person:
    """Somebody with a token."""

    name: str
    role: str
    org: str | None = None
    groups: Sequence[str] = ()
    scopes: Sequence[str] = ()


ANNA = Person("anna", "requester", org=ACME)
BEN = Person("ben", "requester", org=ACME)
CARLA = Person("carla", "customer", org=ACME)
GINA = Person("gina", "customer", org=GLOBEX)
RICK = Person("rick", "requester", org=GLOBEX)
DANA = Person("dana", "agent", groups=(NETWORK,))
SAM = Person("sam", "agent", groups=(SECURITY,))
LENA = Person("lena", "lead", groups=(NETWORK,))
OLGA = Person("olga", "owner")
AUDREY = Person("audrey", "auditor")
IMPORTER = Person("importer", "service", scopes=("import", "read", "stream"))
STREAMER = Person("streamer", "service", scopes=("read", "stream", "operate"))
OPERATOR = Person("operator", "service", scopes=("operate",))


async def eventually(check: Callable[[], Awaitable[T]], within: float = 20.0) -> T:
    """What a condition comes to, as soon as it holds."""
    deadline = time.monotonic() + within
    while not (found := await check()):
        assert time.monotonic() < deadline, f"not within {within:g} s: {check.__qualname__}"
        await asyncio.sleep(0.05)
    return found


@dataclass
class ServiceDesk:
    """The services as people call them: `desk.incident(ANNA).get("/incidents")`."""

    stack: Stack
    clients: AsyncExitStack
    _open: dict[tuple[str, Person], httpx.AsyncClient] = field(default_factory=dict)

    async def open(self, *people: Person) -> None:
        """Give these people a client of every service."""
        for service in self.stack.services:
            for person in people:
                client = self.stack.client(
                    service,
                    person.name,
                    person.role,
                    org=person.org,
                    groups=person.groups,
                    scopes=person.scopes,
                )
                self._open[service, person] = await self.clients.enter_async_context(client)

    def of(self, service: str, person: Person) -> httpx.AsyncClient:
        """This person at this service."""
        return self._open[service, person]

    def incident(self, person: Person) -> httpx.AsyncClient:
        """This person at the incident service."""
        return self._open["incident", person]

    def monitor(self, person: Person) -> httpx.AsyncClient:
        """This person at the monitor of service levels."""
        return self._open["sla-monitor", person]

    def catalog(self, person: Person) -> httpx.AsyncClient:
        """This person at the catalogue."""
        return self._open["catalog", person]

    async def log(self, by: Person, **told: Any) -> dict[str, Any]:
        """An incident that somebody logs."""
        answer = await self.incident(by).post("/incidents", json={"title": "It is broken", **told})
        assert answer.status_code == 201, answer.text
        logged: dict[str, Any] = answer.json()
        return logged

    async def do(self, by: Person, incident: str, what: str, **body: Any) -> dict[str, Any]:
        """Something that somebody does with an incident."""
        answer = await self.incident(by).post(f"/incidents/{incident}/{what}", json=body or None)
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done

    async def settled(self, service: str = "incident") -> None:
        """Wait until everything that was written is in the feed."""
        async with self.stack.database(service) as database:
            written = await database.fetchval("SELECT coalesce(max(position), 0) FROM events")

            async def published():
                return written <= await database.fetchval("SELECT safe_position FROM relay")

            await eventually(published)

    async def clocks_of(self, incident: str) -> None:
        """Wait until the monitor follows everything that has happened to this incident."""
        stream = f"incident-{incident}"
        partition = partition_of(stream, Settings().partitions)
        async with self.stack.database("incident") as database:
            last = "SELECT max(position) FROM events WHERE stream = $1"
            written = await database.fetchval(last, stream)
        async with self.stack.database("sla-monitor") as database:

            async def followed():
                return await database.fetchval(
                    "SELECT position >= $2 FROM progress"
                    " WHERE topic = 'itsm.incident.events.v1' AND partition = $1",
                    partition,
                    written,
                )

            await eventually(followed)


def problem(answer: httpx.Response, *status: int) -> dict[str, Any]:
    """The problem document that the answer must be."""
    assert answer.status_code in status, (answer.request.url, answer.status_code, answer.text[:500])
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == answer.status_code
    assert document["type"].startswith("https://deskstream.example/problems/")
    assert " " in document["detail"]
    assert document["trace_id"]
    return document
