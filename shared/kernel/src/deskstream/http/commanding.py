"""From a request to a command, from its facts to an answer."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

import asyncpg
from fastapi import Response

from deskstream.aggregate import Aggregate, UnitOfWork, database_time
from deskstream.database import Connection
from deskstream.decider import Fact, Occasion, Refusal
from deskstream.envelope import LIVE, Origin
from deskstream.gate import WriteGate
from deskstream.http.conditions import Ask, entity_tag, json_response, stored_answer
from deskstream.http.history import Archive, Render, Shown
from deskstream.http.problems import MEDIA_TYPE, Problem, busy
from deskstream.observe import APPEND_SECONDS, correlation_id, traceparent
from deskstream.retry import Backoff
from deskstream.store import AnsweredBefore, VersionConflict

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E", bound=Fact)

ATTEMPTS = 5
PATIENCE = 1.0
CLOCK_STAYS_FRESH = 1.0


@dataclass(frozen=True, slots=True)
class Told:
    """Whether and why something is told afterwards.

    Args:
        at: when it happened; None for now.
        reason: why it is told only now.
        source: `live`, or `import:<id>`.
    """

    at: datetime | None = None
    reason: str | None = None
    source: str = LIVE


NOW = Told()


@dataclass(frozen=True, slots=True)
class _Errand(Generic[C, S]):
    """A command to be carried out: on which stream, and how to answer.

    Args:
        location: path of the new item; None when an existing one is to change.
    """

    identity: str
    command: C
    render: Render[S]
    told: Told
    location: str | None

    @property
    def status(self) -> int:
        return 200 if self.location is None else 201

    def headers(self, version: int) -> dict[str, str]:
        place = {} if self.location is None else {"Location": self.location}
        return {"ETag": entity_tag(version), **place}


class _Refused(Exception):
    """The domain said no; the transaction is void."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class _Turns:
    """Lets those who want the same thing take turns, without holding a connection meanwhile."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str | bytes, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def take(self, thing: str | bytes) -> AsyncIterator[None]:
        lock = self._locks.setdefault(thing, asyncio.Lock())
        try:
            async with asyncio.timeout(PATIENCE):
                await lock.acquire()
        except TimeoutError:
            raise busy("The same is still being done. Please try again.", 409, "busy") from None
        try:
            yield
        finally:
            lock.release()


class _DatabaseClock:
    """The database's time without a round trip: as last heard, carried on by the monotonic clock.

    The host's own wall clock is never asked: it may be wrong.
    """

    def __init__(self) -> None:
        self._told = datetime.min.replace(tzinfo=UTC)
        self._heard = float("-inf")

    def heard(self, told: datetime) -> None:
        self._told = told
        self._heard = time.monotonic()

    async def read(self, connection: Connection, *, exactly: bool) -> datetime:
        age = time.monotonic() - self._heard
        if exactly or age > CLOCK_STAYS_FRESH:
            self.heard(await database_time(connection))
            return self._told
        return self._told + timedelta(seconds=age)


@dataclass(frozen=True)
class Desk(Generic[C, S, E]):
    """Takes commands for one kind of aggregate.

    Args:
        archive: the same aggregate's streams.
        wake: tells the relay that there is something to publish.
        gate: closed while the service must not write.
    """

    archive: Archive[C, S, E]
    wake: Callable[[], None]
    gate: WriteGate
    _clock: _DatabaseClock = field(default_factory=_DatabaseClock, init=False)
    _turns: _Turns = field(default_factory=_Turns, init=False)

    async def create(
        self,
        ask: Ask,
        identity: object,
        command: C,
        render: Render[S],
        *,
        location: str,
        told: Told = NOW,
    ) -> Response:
        """Begin a stream. `location` is a path with `{}` for the identity."""
        place = location.format(identity)
        return await self._carry_out(ask, _Errand(str(identity), command, render, told, place))

    async def change(
        self,
        ask: Ask,
        identity: object,
        command: C,
        render: Render[S],
        *,
        told: Told = NOW,
    ) -> Response:
        """Continue a stream that exists and that the caller may see."""
        return await self._carry_out(ask, _Errand(str(identity), command, render, told, None))

    @property
    def _aggregate(self) -> Aggregate[C, S, E]:
        return self.archive.aggregate

    async def _carry_out(self, ask: Ask, errand: _Errand[C, S]) -> Response:
        if self.gate.reason is not None:
            raise busy(f"Nothing can be written just now: {self.gate.reason}")
        if ask.key is None:
            try:
                return await self._persist(ask, errand)
            except _Refused as refused:
                raise Problem.of(refused.refusal) from None
        async with self._turns.take(ask.key):
            return await self._once(ask, errand)

    async def _once(self, ask: Ask, errand: _Errand[C, S]) -> Response:
        """Carry out what has a key. It is looked up only when it cannot be carried out afresh."""
        try:
            return await self._persist(ask, errand)
        except AnsweredBefore:
            return await self._replay(ask, errand, _in_progress())
        except _Refused as refused:
            return await self._keep(ask, errand, refused.refusal)
        except asyncpg.LockNotAvailableError:
            raise _in_progress() from None
        except Problem as problem:
            if problem.status_code != HTTPStatus.PRECONDITION_FAILED:
                raise
            return await self._replay(ask, errand, problem)

    async def _persist(self, ask: Ask, errand: _Errand[C, S]) -> Response:
        """Attempt until nobody else was first; after one lost race in line with the others."""
        backoff = Backoff(first=0.002, longest=0.05)
        async with AsyncExitStack() as line:
            for attempt in range(ATTEMPTS):
                try:
                    return await self._attempt(ask, errand)
                except VersionConflict:
                    if errand.location is not None:
                        raise Problem(409, "exists", "There is one with this id.") from None
                if attempt == 0:
                    await line.enter_async_context(self._turns.take(errand.identity))
                await backoff.pause()
        raise busy("Too many change this at once. Please try again.", 409, "contended")

    async def _attempt(self, ask: Ask, errand: _Errand[C, S]) -> Response:
        async with self.archive.pool.acquire() as connection:
            now = await self._clock.read(connection, exactly=errand.told.at is not None)
            async with connection.transaction():
                work = UnitOfWork(self._aggregate, connection)
                before = await self._take_in_hand(work, ask, errand)
                version = self._decide(work, ask, errand, now)
                kept = ask.answer(errand.status, errand.headers(version), self._stream(errand))
                with APPEND_SECONDS.time():
                    events = await work.save(kept)
        if events:
            self._clock.heard(events[-1].recorded_at)
            self.wake()
        # Made of the facts as the database dated them, the answer equals the next GET.
        state = self._aggregate.fold(events, before)
        shown = Shown(errand.identity, state, version, ask.by)
        return _respond(errand, shown, errand.headers(version))

    async def _take_in_hand(self, work: UnitOfWork[C, S, E], ask: Ask, errand: _Errand[C, S]) -> S:
        stream = self._stream(errand)
        if errand.location is not None:
            work.begin(stream)
            return work.state(stream)
        await work.load([stream])
        self.archive.admit(ask.by, work.state(stream), work.version(stream))
        ask.require(work.version(stream))
        return work.state(stream)

    def _decide(
        self, work: UnitOfWork[C, S, E], ask: Ask, errand: _Errand[C, S], now: datetime
    ) -> int:
        """Stage the facts, and say which version they lead to."""
        told = errand.told
        when = Occasion(ask.by.actor, now, told.at)
        origin = Origin(
            ask.by.name,
            ask.by.role.value,
            correlation_id(),
            source=told.source,
            reason=told.reason,
            trace=traceparent(),
        )
        decided = work.decide(self._stream(errand), errand.command, when, origin)
        if isinstance(decided, Refusal):
            raise _Refused(decided)
        return work.version(self._stream(errand))

    async def _keep(self, ask: Ask, errand: _Errand[C, S], refusal: Refusal) -> Response:
        """Refuse the same way from now on, unless it went through before, or waiting helps."""
        problem = Problem.of(refusal)
        if refusal.retry_after is not None:
            return await self._replay(ask, errand, problem)
        response = problem.response()
        body = bytes(response.body).decode()
        try:
            async with self.archive.pool.acquire() as connection:
                kept = ask.answer(response.status_code, {}, body)
                await self._aggregate.store.append(connection, [], kept)
        except AnsweredBefore:
            return await self._replay(ask, errand, problem)
        return response

    async def _replay(self, ask: Ask, errand: _Errand[C, S], otherwise: Problem) -> Response:
        """What was answered under this key before, or this problem if nothing was.

        Of a success the stream and version were kept: it is rendered again, for whoever asks now.
        """
        async with self.archive.pool.acquire() as connection:
            kept = await stored_answer(connection, ask.key or b"")
        if kept is None:
            raise otherwise
        if kept.fingerprint != ask.fingerprint:
            detail = "This Idempotency-Key was sent with another body. Use a new key."
            raise Problem(422, "idempotency-key-reused", detail, field="Idempotency-Key")
        headers = {**kept.headers, "Idempotency-Replayed": "true"}
        if kept.status >= HTTPStatus.BAD_REQUEST:
            return Response(kept.body, kept.status, headers, MEDIA_TYPE)
        events = await self.archive.read(ask.by, kept.body, "item")
        version = int(kept.headers["ETag"].strip('"'))
        return _respond(errand, self.archive.shown(events[:version], ask.by), headers)

    def _stream(self, errand: _Errand[C, S]) -> str:
        return self._aggregate.stream(errand.identity)


def _respond(errand: _Errand[C, S], shown: Shown[S], headers: Mapping[str, str]) -> Response:
    return json_response(errand.render(shown).model_dump_json(), errand.status, headers)


def _in_progress() -> Problem:
    detail = "The first request with this Idempotency-Key is still being carried out."
    return busy(detail, 409, "in-progress")
