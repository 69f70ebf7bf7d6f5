"""The real servers and services, started and stopped by a test, each in a process of its own."""

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP

import asyncpg
import httpx

from deskstream_platform.issuer import AUDIENCE, ISSUER, Person, issue_token, public_keys
from deskstream_platform.kafka import KafkaServer
from deskstream_platform.ports import free_port
from deskstream_platform.postgres import PostgresServer
from deskstream_platform.service import SERVICES, ServiceProcess
from deskstream_testing.topics import Arrival, read_topic

KINDS = {service.name: service for service in SERVICES}


@dataclass
class Stack:
    """A PostgreSQL, a Kafka and any of the services, in one folder.

    Args:
        folder: for data, logs and keys.
        postgres, kafka: running servers.
        environment: of every service, besides what the stack gives it.
    """

    folder: Path
    postgres: PostgresServer
    kafka: KafkaServer
    environment: Mapping[str, str] = field(default_factory=dict)
    services: dict[str, ServiceProcess] = field(default_factory=dict)

    async def start(self, *names: str, replica: str = "") -> None:
        """Start these services and wait until they are ready. A replica shares the database."""
        for name in names:
            dsn = await self.postgres.ensure_database(name)
            process = ServiceProcess(
                KINDS[name],
                free_port(),
                {**self._settings(dsn), **self.environment},
                self.folder / "logs" / f"{name}{replica}.log",
            )
            self.services[name + replica] = process
            await process.start()

    def _settings(self, dsn: str) -> dict[str, str]:
        return {
            "DESKSTREAM_DATABASE_URL": dsn,
            "DESKSTREAM_KAFKA": self.kafka.bootstrap,
            "DESKSTREAM_ISSUER": ISSUER,
            "DESKSTREAM_AUDIENCE": AUDIENCE,
            "DESKSTREAM_JWKS": str(public_keys(self.folder)),
        }

    async def stop(self) -> None:
        """Stop the services, not the servers."""
        for process in reversed(self.services.values()):
            await process.stop()
        self.services.clear()

    async def kill(self, name: str) -> None:
        """SIGKILL a service."""
        os.kill(self.services[name].child.pid, SIGKILL)
        await self.services[name].child.wait()

    async def revive(self, name: str) -> None:
        """Start it again where it was."""
        await self.services[name].start()

    def pause(self, name: str) -> None:
        """SIGSTOP a service: it holds what it holds, and does nothing."""
        os.kill(self.services[name].child.pid, SIGSTOP)

    def resume(self, name: str) -> None:
        """SIGCONT it."""
        os.kill(self.services[name].child.pid, SIGCONT)

    def token(
        self,
        name: str,
        role: str,
        *,
        org: str | None = None,
        groups: Sequence[str] = (),
        scopes: Sequence[str] = (),
        lifetime: int = 3600,
    ) -> str:
        """A token of the local issuer."""
        return issue_token(self.folder, Person(name, role, org, groups, scopes), lifetime)

    @asynccontextmanager
    async def client(
        self,
        service: str,
        name: str = "ada",
        role: str = "agent",
        *,
        org: str | None = None,
        groups: Sequence[str] = (),
        scopes: Sequence[str] = (),
    ) -> AsyncIterator[httpx.AsyncClient]:
        """An HTTP client of a service that speaks for somebody."""
        token = self.token(name, role, org=org, groups=groups, scopes=scopes)
        async with httpx.AsyncClient(
            base_url=self.services[service].url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
            trust_env=False,
        ) as client:
            yield client

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """A connection to a service's database, for a test to see what is really there."""
        connection = await asyncpg.connect(await self.postgres.ensure_database(service))
        try:
            yield connection
        finally:
            await connection.close()

    async def topic(self, name: str) -> list[Arrival]:
        """Everything on a topic, partition by partition."""
        return await read_topic(self.kafka.bootstrap, name)


@asynccontextmanager
async def running_stack(folder: Path, **environment: str) -> AsyncIterator[Stack]:
    """Servers of one's own, without services yet."""
    postgres = PostgresServer(folder / "postgres", settings={"fsync": "off"})
    kafka = KafkaServer(folder / "kafka")
    await postgres.start()
    try:
        await kafka.start()
        stack = Stack(folder, postgres, kafka, environment)
        try:
            yield stack
        finally:
            await stack.stop()
            await kafka.kill()
    finally:
        await postgres.stop()
