"""Given facts, when a request, then a status and facts: one service over a real PostgreSQL.

Between the decider alone and the whole stack: routes, access, bodies, store and rows are the
service's own, and nothing of Kafka runs.

await front.given(LOGGED).post("/incidents/{id}/start", by=AGENT).then(200, WorkStarted())
await front.given(LOGGED).post("/incidents/{id}/hold", {}, by=AGENT).then_refused("invalid")
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from deskstream.access import Principal
from deskstream.aggregate import Aggregate
from deskstream.database import Pool, connect_pool, migrate
from deskstream.decider import Actor, Fact, Role
from deskstream.envelope import Origin, Recorded
from deskstream.service import Runtime, Service, create_app
from deskstream.settings import Settings
from deskstream.store import Appendix

FOR_EVER = 1e12
FORMER = Origin("somebody", "agent", "what-was-before")


@dataclass
class KnownCallers:
    """Takes the name of a caller for the token: what tokens are worth is tested elsewhere."""

    callers: dict[str, Principal] = field(default_factory=dict)

    def token_of(self, actor: Actor) -> str:
        """The token with which this actor calls."""
        token = f"{actor.name}-{'-'.join(sorted(actor.scopes))}".replace(" ", "-")
        self.callers[token] = Principal(
            actor.name,
            actor.role,
            actor.groups,
            actor.organisation,
            actor.scopes,
            expires_at=FOR_EVER,
        )
        return token

    async def verify(self, token: str) -> Principal:
        """Who calls with this token."""
        return self.callers[token]


@dataclass(frozen=True)
class Front:
    """A service's HTTP side with its database, and one of its aggregates."""

    app: FastAPI
    pool: Pool
    aggregate: Aggregate[Any, Any, Any]
    callers: KnownCallers

    def given(self, *facts: Fact) -> "Given":
        """These facts are on the record of one item, in this order."""
        return Given(self, facts)

    async def get(self, path: str, by: Actor, **query: Any) -> Any:  # noqa: ANN401  any JSON
        """What is answered to this caller."""
        answer = await self.send("GET", path, by, params=query)
        assert answer.is_success, answer.text
        return answer.json()

    async def send(self, method: str, path: str, by: Actor, **more: Any) -> httpx.Response:  # noqa: ANN401  as httpx takes it
        """The answer to a request of this caller."""
        headers = {
            "Authorization": f"Bearer {self.callers.token_of(by)}",
            **more.pop("headers", {}),
        }
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://middle.test") as client:
            return await client.request(method, path, headers=headers, **more)

    async def record(self, identity: UUID, facts: Sequence[Fact]) -> None:
        """Put these facts on the record of a new item, with the rows that follow."""
        appendix = Appendix(self.aggregate.stream(identity), 0, facts, FORMER)
        async with self.pool.acquire() as connection, connection.transaction():
            events = await self.aggregate.store.append(connection, [appendix])
            for projection in self.aggregate.projections:
                await projection.apply(connection, events)

    async def exists(self, *facts: Fact) -> UUID:
        """The id of a new item on whose record these facts are."""
        identity = uuid4()
        await self.record(identity, facts)
        return identity

    async def recorded(self, identity: UUID | str) -> Sequence[Recorded[Any]]:
        """What is on the record of an item."""
        async with self.pool.acquire() as connection:
            return await self.aggregate.store.load(connection, self.aggregate.stream(identity))


@dataclass(frozen=True)
class Given:
    """What is on the record."""

    front: Front
    facts: Sequence[Fact]

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, by: Actor) -> "Posted":
        """This is asked; `{id}` in the path is the item."""
        return Posted(self.front, self.facts, path, body, by)


@dataclass(frozen=True)
class Posted:
    """What is asked."""

    front: Front
    facts: Sequence[Fact]
    path: str
    body: Mapping[str, Any] | None
    by: Actor

    async def then(self, status: int, *facts: Fact | type[Fact]) -> UUID:
        """It is answered so, and these facts follow: whole ones, or any of a type. The item's id.

        A fact without a time may have any.
        """
        __tracebackhide__ = True
        identity, answer = await self._ask()
        assert answer.status_code == status, answer.text
        identity = UUID(answer.json()["id"]) if status == HTTPStatus.CREATED else identity
        events = await self.front.recorded(identity)
        found = [event.fact for event in events[len(self.facts) :]]
        assert len(found) == len(facts), found
        for one, wanted in zip(found, facts, strict=True):
            if isinstance(wanted, type):
                assert isinstance(one, wanted), found
            else:
                undated = wanted.at is None
                assert (one.model_copy(update={"at": None}) if undated else one) == wanted
        return identity

    async def then_refused(self, code: str, status: int | None = None) -> None:
        """It is refused with a problem of this code, and nothing follows."""
        __tracebackhide__ = True
        identity, answer = await self._ask()
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        assert answer.json()["type"].endswith(f"/{code}"), answer.text
        assert status in (None, answer.status_code), answer.text
        assert len(await self.front.recorded(identity)) == len(self.facts)

    async def _ask(self) -> tuple[UUID, httpx.Response]:
        identity = uuid4()
        if self.facts:
            await self.front.record(identity, self.facts)
        path = self.path.format(id=identity)
        more = {} if self.body is None else {"json": self.body}
        return identity, await self.front.send("POST", path, self.by, **more)


@asynccontextmanager
async def assembled(service: Service, dsn: str) -> AsyncIterator[FastAPI]:
    """A service on this database, without what else would run in its process."""
    await migrate(dsn, [service.migrations])
    pool, settings = await connect_pool(dsn, size=6), Settings(database_url=dsn)
    app, runtime = create_app(service, settings), Runtime(service, settings, pool)
    state = {"pool": pool, **service.assemble(runtime), "work": runtime.work}
    for name, value in {**state, "verifier": KnownCallers()}.items():
        setattr(app.state, name, value)
    try:
        yield app
    finally:
        pool.terminate()


@asynccontextmanager
async def front_of(
    service: Service, dsn: str, aggregate: Aggregate[Any, Any, Any]
) -> AsyncIterator[Front]:
    """The HTTP side of a service, and one of its aggregates."""
    async with assembled(service, dsn) as app:
        yield Front(app, app.state.pool, aggregate, app.state.verifier)


def in_role(app: FastAPI, role: str, *scopes: str) -> httpx.AsyncClient:
    """Calls the service as somebody in this role, or as a machine with these scopes."""
    actor = Actor(f"one {role}", Role(role), scopes=frozenset(scopes))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://middle.test",
        headers={"Authorization": f"Bearer {app.state.verifier.token_of(actor)}"},
    )
