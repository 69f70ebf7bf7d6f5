"""A service process: its HTTP side, its relay, its consumers and timers, from start to stop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.resources.abc import Traversable
from typing import Any, Protocol

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI

from deskstream import observe
from deskstream.aggregate import Aggregate
from deskstream.consumer import Consumer, Subscription
from deskstream.database import TRANSIENT, Pool, connect_pool, migrate
from deskstream.gate import Incarnation, WriteGate
from deskstream.http import operations
from deskstream.http.health import health_routes
from deskstream.http.limits import OpenStreams, add_middlewares
from deskstream.http.permissions import assert_every_route_declares
from deskstream.http.problems import install
from deskstream.http.tokens import TokenVerifier
from deskstream.relay import Horizon, Relay
from deskstream.retry import Backoff
from deskstream.settings import Settings

log = structlog.get_logger()
GRACE = 5
TIDY_EVERY = 300.0
FORGET = """
DELETE FROM answers WHERE key IN (
    SELECT key FROM answers WHERE answered_at < clock_timestamp() - interval '24 hours' LIMIT 10000
)
"""


class Work(Protocol):
    """Something that runs as long as the service does."""

    async def run(self) -> None:
        """Run until cancelled."""


@dataclass
class Runtime:
    """What the parts of a running service share."""

    name: str
    settings: Settings
    pool: Pool
    horizon: Horizon
    gate: WriteGate
    streams: OpenStreams
    listeners: list[Callable[[], None]] = field(default_factory=list)
    consumers: list[Consumer] = field(default_factory=list)

    def committed(self) -> None:
        """Tell whoever waits for new events of this service."""
        self.horizon.written()
        for listener in self.listeners:
            listener()

    def consumer(self, subscription: Subscription) -> Consumer:
        """A consumer of this service."""
        consumer = Consumer(self.name, subscription, self.pool, self.settings.kafka)
        self.consumers.append(consumer)
        return consumer


@dataclass(frozen=True)
class Assembly:
    """A service put together.

    Args:
        state: what its routes find, by name.
        work: what runs beside them.
    """

    state: Mapping[str, object]
    work: Sequence[Work] = ()


@dataclass(frozen=True)
class Service:
    """What makes one service out of the kernel.

    Args:
        name: in topics and databases.
        title: for people.
        package: the distribution, for its version.
        migrations: its own, after the kernel's.
        aggregates: what it keeps.
        routes: its HTTP side.
        assemble: puts the rest together, once the database is there.
        copies: its projections of other services' events, which can be made again from the topics.
    """

    name: str
    title: str
    package: str
    migrations: Traversable
    aggregates: Sequence[Aggregate[Any, Any, Any]]
    routes: APIRouter
    assemble: Callable[[Runtime], Assembly]
    copies: Sequence[Subscription] = ()


class Bringup:
    """What is still missing before the service can serve."""

    def __init__(self) -> None:
        self.missing: str | None = "the database has not answered yet"
        self.relay: Relay | None = None


def create_app(service: Service, settings: Settings) -> FastAPI:
    """The service's application. It serves its health while it waits for its database."""
    bringup, gate, streams = Bringup(), WriteGate(), OpenStreams()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        background = asyncio.create_task(_live(app, service, settings, bringup, gate, streams))
        yield
        background.cancel()
        await asyncio.gather(background, return_exceptions=True)

    app = FastAPI(
        title=f"Deskstream {service.title}",
        version=version(service.package),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=observe.TELEMETRY,
        lifespan=lifespan,
    )
    app.state.verifier = TokenVerifier(settings.issuer, settings.audience, settings.jwks)
    app.state.streams = streams
    install(app)
    add_middlewares(app)

    async def database() -> str | None:
        return bringup.missing

    async def writes() -> str | None:
        return gate.reason

    async def topics() -> str | None:
        return None if bringup.relay is None else bringup.relay.trouble

    checks = {"database": database, "writes": writes, "topics": topics}
    app.include_router(health_routes(checks))
    app.include_router(operations.routes)
    app.include_router(service.routes)
    assert_every_route_declares(app)
    return app


async def _live(
    app: FastAPI,
    service: Service,
    settings: Settings,
    bringup: Bringup,
    gate: WriteGate,
    streams: OpenStreams,
) -> None:
    pool = await _database(service, settings, bringup)
    horizon = Horizon()
    runtime = Runtime(service.name, settings, pool, horizon, gate, streams)
    assembly = service.assemble(runtime)
    for name, value in {"pool": pool, **assembly.state}.items():
        setattr(app.state, name, value)
    relay = Relay(
        service.name,
        settings.database_url,
        settings.kafka,
        settings.partitions,
        settings.replication,
        horizon,
        gate,
    )
    bringup.relay = relay
    incarnation = Incarnation(pool, gate)
    await incarnation.check()
    bringup.missing = None
    log.info("service is ready", service=service.name)
    try:
        always: list[Work] = [relay, incarnation, Gauges(runtime, relay), Housekeeping(pool)]
        async with asyncio.TaskGroup() as tasks:
            for work in always:
                tasks.create_task(_keep_running(work))
            for work in assembly.work:
                tasks.create_task(_keep_running(Gated(work, gate)))
    finally:
        await pool.close()


async def _database(service: Service, settings: Settings, bringup: Bringup) -> Pool:
    backoff = Backoff()
    while True:
        try:
            await migrate(settings.database_url, [service.migrations])
            return await connect_pool(settings.database_url, size=settings.connections)
        except TRANSIENT as error:
            bringup.missing = f"the database does not answer: {error!r}"
            log.warning("waiting for the database", because=repr(error))
        except Exception as error:
            bringup.missing = f"the database cannot be prepared: {error!r}"
            log.exception("the database cannot be prepared")
        await backoff.pause()


async def _keep_running(work: Work) -> None:
    """Begin again after an error that nobody foresaw; it stands in the log with its trace."""
    backoff = Backoff()
    while True:
        try:
            await work.run()
        except Exception:
            log.exception("background work failed", work=type(work).__name__)
        else:
            return
        await backoff.pause()


@dataclass(frozen=True)
class Gated:
    """Work that writes, and so rests while nothing may be written."""

    work: Work
    gate: WriteGate

    async def run(self) -> None:
        """Run whenever the gate is open."""
        while True:
            await self.gate.run_while_open(self.work.run)


class Gauges:
    """Keeps the figures of the background work that are looked at rather than counted."""

    def __init__(self, runtime: Runtime, relay: Relay) -> None:
        self._runtime = runtime
        self._relay = relay

    async def run(self) -> None:
        """Refresh them every second."""
        while True:
            await self._refresh()
            await asyncio.sleep(1.0)

    async def _refresh(self) -> None:
        observe.RELAY_LAG.set(self._relay.kafka_lag)
        for consumer in self._runtime.consumers:
            for one, lag in consumer.lag.items():
                observe.CONSUMER_LAG.labels(consumer.group, one.topic, one.partition).set(lag)
        try:
            row = await self._runtime.pool.fetchrow(
                "SELECT (SELECT count(*) FROM parked) AS parked,"
                " extract(epoch FROM clock_timestamp() - t)::float AS age FROM relay"
            )
        except TRANSIENT:
            return
        if row is not None:
            observe.PARKED.set(row["parked"])
            observe.WATERMARK_AGE.set(row["age"])


@dataclass(frozen=True)
class Housekeeping:
    """Forgets what was answered under Idempotency-Keys a day ago."""

    pool: Pool

    async def run(self) -> None:
        """Tidy up every few minutes."""
        while True:
            with contextlib.suppress(*TRANSIENT):  # there will be another time
                await self.pool.execute(FORGET)
            await asyncio.sleep(TIDY_EVERY)


class _Server(uvicorn.Server):
    """Closes open event streams first, because they would keep the server from stopping."""

    def __init__(self, config: uvicorn.Config, streams: OpenStreams) -> None:
        super().__init__(config)
        self._streams = streams

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        self._streams.close()
        await super().shutdown(sockets)


def run(service: Service) -> None:
    """Run the service as this process, with settings from the environment, until SIGTERM."""
    settings = Settings()
    settings.check()
    observe.configure_logging(service.name)
    observe.set_up_tracing(service.name)
    app = create_app(service, settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE,
        loop="uvloop",
        http="httptools",
    )
    _Server(config, app.state.streams).run()
