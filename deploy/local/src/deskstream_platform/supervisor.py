"""The whole platform: what starts after what, what is kept running, what stops before what."""

import asyncio
import os
import time
from asyncio import TaskGroup
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from deskstream_platform.databases import ensure_shared_database
from deskstream_platform.errors import PlatformError
from deskstream_platform.folder import occupied
from deskstream_platform.issuer import public_keys
from deskstream_platform.jars import missing_jars
from deskstream_platform.kafka import KafkaServer, tells_metadata
from deskstream_platform.keeper import Part, keep_running
from deskstream_platform.port_plan import plan_ports, until_free
from deskstream_platform.ports import LOOPBACK
from deskstream_platform.postgres import PostgresServer
from deskstream_platform.record import (
    RunningPlatform,
    RunningService,
    forget,
    record_ports,
    recorded_ports,
    was_interrupted,
)
from deskstream_platform.service import SERVICES, Service, ServiceProcess
from deskstream_platform.settings import PlatformSettings

Tell = Callable[[str], None]

_POSTGRES_PORT = 8132
_KAFKA_PORT = 8192
_INTERRUPTED_SECONDS = 10.0


@asynccontextmanager
async def running_platform(
    settings: PlatformSettings, tell: Tell
) -> AsyncIterator[RunningPlatform]:
    """The platform, ready inside the block and stopped after it."""
    folder = settings.folder.resolve()
    with occupied(folder):
        supervisor = Supervisor(folder, settings, tell)
        try:
            yield await _start(supervisor)
        finally:
            await supervisor.stop()


async def _start(supervisor: "Supervisor") -> RunningPlatform:
    try:
        return await supervisor.start()
    except ExceptionGroup as failures:
        # What fails beside the first failure, fails because of it.
        raise failures.exceptions[0] from failures


class Supervisor:
    """Starts PostgreSQL and Kafka, then the services, keeps them running, stops them backwards."""

    def __init__(self, folder: Path, settings: PlatformSettings, tell: Tell) -> None:
        self._folder = folder
        self._settings = settings
        self._tell = tell
        self._servers: list[Part] = []
        self._processes: list[Part] = []
        self._keepers: list[asyncio.Task[None]] = []

    async def start(self) -> RunningPlatform:
        """Bring everything up and write down where it is."""
        ports = await self._plan_ports()
        async with TaskGroup() as group:
            databases = group.create_task(self._provide_databases(ports))
            kafka = group.create_task(self._provide_kafka(ports))
        running = self._describe(ports, databases.result(), kafka.result())
        async with TaskGroup() as group:
            for service in SERVICES:
                group.create_task(self._start_service(service, ports[service.name], running))
        record_ports(self._folder, ports)
        running.write(self._folder)
        self._keepers = [
            asyncio.create_task(keep_running(part, self._tell))
            for part in [*self._servers, *self._processes]
        ]
        return running

    async def stop(self) -> None:
        """Stop everything, services first."""
        for keeper in self._keepers:
            keeper.cancel()
        outcomes = await asyncio.gather(*self._keepers, return_exceptions=True)
        for stage in [self._processes, self._servers]:
            async with TaskGroup() as group:
                for part in stage:
                    group.create_task(part.stop())
        forget(self._folder)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    async def _plan_ports(self) -> dict[str, int]:
        recorded = recorded_ports(self._folder)
        if was_interrupted(self._folder):
            await until_free(recorded, _INTERRUPTED_SECONDS)
        defaults = {service.name: service.port for service in SERVICES}
        if self._settings.postgres_url is None:
            defaults[PostgresServer.name] = _POSTGRES_PORT
        if self._settings.kafka is None:
            defaults[KafkaServer.name] = _KAFKA_PORT
        return plan_ports(defaults, self._settings.ports, recorded, self._tell)

    async def _provide_databases(self, ports: Mapping[str, int]) -> dict[str, str]:
        """The address of each service's database, by the service's name."""
        url = self._settings.postgres_url
        if url is not None:
            return {s.name: await ensure_shared_database(url, s.module) for s in SERVICES}
        postgres = PostgresServer(
            self._folder / "postgres", ports[PostgresServer.name], log=self._log("postgres")
        )
        await self._start(postgres, self._servers)
        return {s.name: await postgres.ensure_database(s.module) for s in SERVICES}

    async def _provide_kafka(self, ports: Mapping[str, int]) -> str:
        """The address of Kafka."""
        address = self._settings.kafka
        if address is not None:
            if not await tells_metadata(address):
                raise PlatformError(f"The Kafka of the settings does not answer at {address}.")
            return address
        kafka = KafkaServer(self._folder / "kafka", ports[KafkaServer.name], log=self._log("kafka"))
        if missing_jars(kafka.cache):
            self._tell("Kafka's jars (50 MB) are being fetched; this happens once.")
        await self._start(kafka, self._servers)
        if kafka.trains:
            self._tell("The first stop takes some seconds: it prepares faster starts of Kafka.")
        return kafka.bootstrap

    async def _start_service(self, service: Service, port: int, running: RunningPlatform) -> None:
        environment = {
            "DESKSTREAM_DATABASE_URL": running.services[service.name].database,
            "DESKSTREAM_KAFKA": running.kafka,
            "DESKSTREAM_ISSUER": running.issuer,
            "DESKSTREAM_AUDIENCE": running.audience,
            "DESKSTREAM_JWKS": running.jwks,
        }
        process = ServiceProcess(service, port, environment, self._log(service.name))
        await self._start(process, self._processes)

    async def _start(self, part: Part, stage: list[Part]) -> None:
        # Listed before it runs, so that a start given up half-way is stopped as well.
        stage.append(part)
        since = time.monotonic()
        await part.start()
        seconds = time.monotonic() - since
        self._tell(f"{part.name} is ready on port {part.port} ({seconds:.1f} s)")

    def _describe(
        self, ports: Mapping[str, int], databases: Mapping[str, str], kafka: str
    ) -> RunningPlatform:
        return RunningPlatform(
            pid=os.getpid(),
            kafka=kafka,
            services={
                name: RunningService(f"http://{LOOPBACK}:{ports[name]}", database)
                for name, database in databases.items()
            },
            issuer=self._settings.issuer,
            audience=self._settings.audience,
            jwks=self._settings.jwks or str(public_keys(self._folder)),
        )

    def _log(self, name: str) -> Path:
        return self._folder / "logs" / f"{name}.log"
