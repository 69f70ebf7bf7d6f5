"""A service process: its HTTP side, its relay, its consumers and timers, from start to stop."""

import asyncio
import zoneinfo
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.resources.abc import Traversable
from typing import Any

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI

from deskstream import observe
from deskstream.access import Holding
from deskstream.aggregate import Aggregate
from deskstream.answers import forget_answers
from deskstream.consuming.consumer import Consumer
from deskstream.consuming.frontier import WatermarkReader
from deskstream.consuming.intake import Intake
from deskstream.consuming.subscription import Subscription
from deskstream.database import TRANSIENT, Pool, connect_pool, migrate
from deskstream.decider import C, E, S
from deskstream.gate import WriteGate, open_when_accepted
from deskstream.http import operations
from deskstream.http.commanding import Desk
from deskstream.http.feed import Feed
from deskstream.http.health import health_routes
from deskstream.http.history import Render
from deskstream.http.limits import AroundRequests, OpenStreams
from deskstream.http.problems import answer_with_problems
from deskstream.http.routes import assert_every_route_declares, names_held, plain_routes
from deskstream.http.tokens import TokenVerifier
from deskstream.relay import Horizon, Relay
from deskstream.retry import Backoff, Stopped, keep_trying
from deskstream.settings import Settings
from deskstream.timekeeper import DatabaseClock, Ownership, Timekeeper
from deskstream.timer import Due

log = structlog.get_logger()
GRACE = 5


Work = Callable[[], Coroutine[Any, Any, None]]


class NotAssembled(Stopped):
    """The routes expect what the composition root does not give."""


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
        assemble: puts the rest together, once the database is there; returns what the routes
            find, by name.
        copies: its projections of other services' events, which can be made again from the topics.
    """

    name: str
    title: str
    package: str
    migrations: Traversable
    aggregates: Sequence[Aggregate[Any, Any, Any]]
    routes: APIRouter
    assemble: "Callable[[Runtime], Mapping[str, object]]"
    copies: Sequence[Subscription] = ()


@dataclass
class Runtime:
    """What the parts of a running service share, and what makes those parts.

    Attributes:
        work: what runs beside the routes, until it is cancelled.
    """

    service: Service
    settings: Settings
    pool: Pool
    horizon: Horizon = field(default_factory=Horizon)
    gate: WriteGate = field(default_factory=WriteGate)
    streams: OpenStreams = field(default_factory=OpenStreams)
    work: list[Work] = field(default_factory=list)
    consumers: list[Consumer] = field(default_factory=list)
    keepers: list[Timekeeper[Any, Any, Any]] = field(default_factory=list)

    def committed(self) -> None:
        """Tell whoever waits for new events of this service."""
        self.horizon.written()
        for keeper in self.keepers:
            keeper.wake()

    def consumer(self, subscription: Subscription) -> Consumer:
        """A consumer of this service, which will run."""
        group = f"itsm.{self.service.name}.{subscription.purpose}"
        intake = Intake(group, subscription, self.pool, self.committed)
        consumer = Consumer(intake, self.settings.kafka)
        self.consumers.append(consumer)
        self.work.append(consumer.run)
        return consumer

    def timekeeper(
        self,
        aggregate: Aggregate[C, S, E],
        command: Callable[[Due], C | None],
        ownership: Ownership | None = None,
    ) -> None:
        """Timers of an aggregate will run: by the clock of its database, unless it is said."""
        owned = ownership or DatabaseClock()
        dsn = self.settings.database_url
        keeper = Timekeeper(dsn, self.pool, aggregate, owned, command, self.committed)
        self.keepers.append(keeper)
        self.work.append(keeper.run)

    def watermarks(self, *services: str) -> WatermarkReader:
        """What these services announce, which will be followed."""
        reader = WatermarkReader(self.settings.kafka, services)
        self.work.append(reader.run)
        return reader

    def desk(
        self,
        aggregate: Aggregate[C, S, E],
        render: Render[S],
        holding_of: Callable[[S], Holding] | None = None,
    ) -> Desk[C, S, E]:
        """Where an aggregate is asked for and told; see `Archive` for the arguments."""
        return Desk(self.pool, aggregate, holding_of, render, self.committed, self.gate)

    def feed(self, table: str | None = None) -> Feed:
        """The service's events for `add_feed`; see `Feed` for the table."""
        codecs = tuple(aggregate.codec for aggregate in self.service.aggregates)
        name = self.service.name
        return Feed(self.pool, name, codecs, table, self.horizon, self.streams)


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
        parts = health_routes(self._whatever_is_missing), operations.routes, self.service.routes
        app = FastAPI(
            routes=plain_routes(*parts),
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
        answer_with_problems(app)
        app.add_middleware(AroundRequests)
        assert_every_route_declares(app)
        return app

    def _whatever_is_missing(self) -> list[str]:
        found = {
            "database": self.missing,
            "writes": self.gate.reason,
            "topics": self.relay and self.relay.trouble,
            "work": "; ".join(self.stopped),
        }
        return [f"{name}: {sentence}" for name, sentence in found.items() if sentence]

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
                    self.service, settings, pool, gate=self.gate, streams=self.streams
                )
                self._assemble(app, runtime)
                backoff.reset()
                self.missing = None
                log.info("service is ready", service=self.service.name)
                await self._work(runtime)
        except Exception as error:  # whatever it is, readiness says so meanwhile
            away = isinstance(error, TRANSIENT)
            what = "the database does not answer" if away else "the service cannot be put together"
            self.missing = f"{what}: {error!r}"
            raise

    def _assemble(self, app: FastAPI, runtime: Runtime) -> None:
        state = {"pool": runtime.pool, **self.service.assemble(runtime)}
        if forgotten := names_held(app) - state.keys():
            message = f"the routes expect {', '.join(sorted(forgotten))}, which nobody put together"
            raise NotAssembled(message)
        for name, value in state.items():
            setattr(app.state, name, value)

    async def _work(self, runtime: Runtime) -> None:
        name, settings, pool = self.service.name, self.settings, runtime.pool
        where = settings.database_url, settings.kafka, settings.partitions, settings.replication
        self.relay = relay = Relay(name, *where, runtime.horizon, self.gate)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(relay.run())
            tasks.create_task(keep_trying("gate", lambda _: open_when_accepted(self.gate, pool)))
            tasks.create_task(keep_trying("gauges", lambda _: refresh_gauges(runtime, relay)))
            tasks.create_task(keep_trying("answers", lambda _: forget_answers(pool)))
            for one in runtime.work:
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
