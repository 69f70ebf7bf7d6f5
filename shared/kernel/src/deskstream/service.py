"""A service process: its HTTP side, its relay, its consumers and timers, from start to stop."""

import asyncio
import zoneinfo
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from importlib.resources.abc import Traversable
from typing import Any

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI

from deskstream import observe
from deskstream.aggregate import Aggregate
from deskstream.answers import forget_answers
from deskstream.consumer import Consumer
from deskstream.database import TRANSIENT, Pool, connect_pool, migrate
from deskstream.gate import WriteGate, open_when_accepted
from deskstream.http import operations
from deskstream.http.health import Check, health_routes
from deskstream.http.limits import Edge, OpenStreams
from deskstream.http.problems import install
from deskstream.http.routes import assert_every_route_declares, names_held
from deskstream.http.tokens import TokenVerifier
from deskstream.relay import Horizon, Relay
from deskstream.retry import Backoff, Stopped, keep_trying
from deskstream.settings import Settings
from deskstream.subscription import Subscription

log = structlog.get_logger()
GRACE = 5


Work = Callable[[], Coroutine[Any, Any, None]]


class NotAssembled(Stopped):
    """The routes expect what the composition root does not give."""


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
        consumer = Consumer(self.name, subscription, self.pool, self.settings.kafka, self.committed)
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


@dataclass
class Process:
    """A service as it runs: what is still missing, and what has stopped for good."""

    service: Service
    settings: Settings
    gate: WriteGate = field(default_factory=WriteGate)
    streams: OpenStreams = field(default_factory=OpenStreams)
    missing: str | None = "the database has not answered yet"
    stopped: list[str] = field(default_factory=list)
    relay: Relay | None = None
    give_up: Callable[[], None] = lambda: None

    def app(self) -> FastAPI:
        """Its application. It serves its health while it waits for its database."""
        app = FastAPI(
            title=f"Deskstream {self.service.title}",
            version=version(self.service.package),
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            telemetry=observe.TELEMETRY,
            lifespan=self._lifespan,
        )
        settings = self.settings
        app.state.verifier = TokenVerifier(settings.issuer, settings.audience, settings.jwks)
        install(app)
        app.add_middleware(Edge)
        app.include_router(health_routes(self._checks()))
        app.include_router(operations.routes)
        app.include_router(self.service.routes)
        assert_every_route_declares(app)
        return app

    def _checks(self) -> dict[str, Check]:
        async def say(what: Callable[[], str | None]) -> str | None:
            return what()

        asked: dict[str, Callable[[], str | None]] = {
            "database": lambda: self.missing,
            "writes": lambda: self.gate.reason,
            "topics": lambda: self.relay.trouble if self.relay else None,
            "work": lambda: "; ".join(self.stopped) or None,
        }
        return {name: partial(say, what) for name, what in asked.items()}

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        living = asyncio.create_task(self._live(app))
        yield
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)

    async def _live(self, app: FastAPI) -> None:
        try:
            await keep_trying(self.service.name, lambda backoff: self._serve(app, backoff))
        except Stopped as error:
            log.critical("the service cannot run", because=str(error))
            self.give_up()

    async def _serve(self, app: FastAPI, backoff: Backoff) -> None:
        try:
            settings = self.settings
            await migrate(settings.database_url, [self.service.migrations])
            opened = await connect_pool(
                settings.database_url, size=settings.connections, look_at=self.gate.look_at
            )
            async with opened as pool:
                runtime = Runtime(
                    self.service.name, settings, pool, Horizon(), self.gate, self.streams
                )
                work = self._assemble(app, runtime)
                backoff.reset()
                self.missing = None
                log.info("service is ready", service=self.service.name)
                await self._work(runtime, work)
        except Exception as error:
            away = isinstance(error, TRANSIENT)
            what = "the database does not answer" if away else "the service cannot be put together"
            self.missing = f"{what}: {error!r}"
            raise

    def _assemble(self, app: FastAPI, runtime: Runtime) -> Sequence[Work]:
        assembly = self.service.assemble(runtime)
        state = {"pool": runtime.pool, **assembly.state}
        if forgotten := names_held(app) - state.keys():
            message = f"the routes expect {', '.join(sorted(forgotten))}, which nobody put together"
            raise NotAssembled(message)
        for name, value in state.items():
            setattr(app.state, name, value)
        return assembly.work

    async def _work(self, runtime: Runtime, work: Sequence[Work]) -> None:
        name, told, pool = self.service.name, self.settings, runtime.pool
        where = told.database_url, told.kafka, told.partitions, told.replication
        self.relay = relay = Relay(name, *where, runtime.horizon, self.gate)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(relay.run())
            tasks.create_task(keep_trying("gate", lambda _: open_when_accepted(self.gate, pool)))
            tasks.create_task(keep_trying("gauges", lambda _: refresh_gauges(runtime, relay)))
            tasks.create_task(keep_trying("answers", lambda _: forget_answers(pool)))
            for one in work:
                tasks.create_task(self._run_until_stopped(one))

    async def _run_until_stopped(self, work: Work) -> None:
        """What writes rests while nothing may be written, and stays away when it has stopped."""
        try:
            await self.gate.run_while_open(work)
        except Stopped as error:
            log.critical("stopped for good", because=str(error))
            self.stopped.append(str(error))


async def refresh_gauges(runtime: Runtime, relay: Relay) -> None:
    """Keep the figures of the background work that are looked at rather than counted."""
    while True:
        observe.RELAY_LAG.set(relay.kafka_lag)
        observe.CONSUMER_LAG.clear()
        for consumer in runtime.consumers:
            for one, lag in consumer.lag.items():
                observe.CONSUMER_LAG.labels(consumer.group, one.topic, one.partition).set(lag)
        row = await runtime.pool.fetchrow(
            "SELECT (SELECT count(*) FROM parked) AS parked,"
            " (SELECT count(*) FROM timers WHERE failed IS NOT NULL) AS failed,"
            " extract(epoch FROM clock_timestamp() - t)::float AS age FROM relay"
        )
        if row is not None:
            observe.PARKED.set(row["parked"])
            observe.FAILED_TIMERS.set(row["failed"])
            observe.WATERMARK_AGE.set(row["age"])
        await asyncio.sleep(1.0)


def create_app(service: Service, settings: Settings) -> FastAPI:
    """The service's application, for whoever serves it himself or only reads its description."""
    return Process(service, settings).app()


class _Server(uvicorn.Server):
    """Closes open event streams first, because they would keep the server from stopping."""

    def __init__(self, config: uvicorn.Config, streams: OpenStreams) -> None:
        super().__init__(config)
        self._streams = streams
        self.gave_up = False

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        self._streams.close()
        await super().shutdown(sockets)

    def give_up(self) -> None:
        """Stop serving: this process will never be able to."""
        self.should_exit = self.gave_up = True


def run(service: Service) -> None:
    """Run the service as this process, with settings from the environment, until SIGTERM.

    Raises:
        SystemExit: it never can serve as it is put together.
    """
    # The rules of time zones that the lock pins, rather than the host's.
    zoneinfo.reset_tzpath(())
    settings = Settings()
    observe.configure_logging(service.name)
    observe.set_up_tracing(service.name)
    process = Process(service, settings)
    config = uvicorn.Config(
        process.app(),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE,
        loop="uvloop",
        http="httptools",
    )
    server = _Server(config, process.streams)
    process.give_up = server.give_up
    server.run()
    if server.gave_up:
        raise SystemExit(1)
