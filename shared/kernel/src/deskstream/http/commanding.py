"""From a request to a command, from its facts to an answer."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from operator import itemgetter
from typing import Any, Generic
from weakref import WeakValueDictionary

import asyncpg
from fastapi import Response

from deskstream.aggregate import Deliberation, database_time
from deskstream.answers import find_answer
from deskstream.database import Pool
from deskstream.decider import C, E, Occasion, Refusal, S, ToldAfterwards
from deskstream.envelope import Origin
from deskstream.gate import WriteGate
from deskstream.http.conditions import Ask, entity_tag, json_response
from deskstream.http.groupcommit import GroupCommit
from deskstream.http.history import Archive, Shown
from deskstream.http.problems import MEDIA_TYPE, Problem, busy
from deskstream.observe import APPEND_SECONDS, correlation_id, traceparent
from deskstream.retry import Backoff
from deskstream.store import AnsweredBefore, VersionConflict

ATTEMPTS = 5
PATIENCE = 1.0
CLOCK_STAYS_FRESH = 1.0


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
        self._told = max(self._told, told)  # answers may overtake each other
        self._heard = time.monotonic()

    async def read(self, database: Pool, *, exactly: bool) -> datetime:
        age = time.monotonic() - self._heard
        if exactly or age > CLOCK_STAYS_FRESH:
            self.heard(await database_time(database))
            return self._told
        return self._told + timedelta(seconds=age)


@dataclass(frozen=True)
class Desk(Archive[C, S, E]):
    """Takes commands for the aggregates of an archive.

    Args:
        wake: tells the relay that there is something to publish.
        gate: closed while the service must not write.
    """

    wake: Callable[[], None]
    gate: WriteGate
    clock: _DatabaseClock = field(default_factory=_DatabaseClock, init=False)
    turns: _Turns = field(default_factory=_Turns, init=False)

    @cached_property
    def group_commit(self) -> GroupCommit[E]:
        """Through which all of its requests are recorded."""
        return GroupCommit(self.aggregate, self.pool, self.gate)

    async def create(self, ask: Ask, identity: object, command: C, *, location: str) -> Response:
        """Begin a stream. `location` is a path with `{}` for the identity."""
        commands = {self.aggregate.stream(identity): command}
        return await _Request(self, ask, commands, location.format(identity)).answer()

    async def change(self, ask: Ask, identity: object, command: C) -> Response:
        """Continue a stream that exists and that the caller may see."""
        return await self.change_many(ask, {identity: command})

    async def change_many(self, ask: Ask, commands: Mapping[Any, C]) -> Response:
        """Continue several such streams, by identity: all of them, or none.

        The answer, and the version that the caller saw, are those of the first.
        """
        by_stream = {self.aggregate.stream(one): command for one, command in commands.items()}
        return await _Request(self, ask, by_stream).answer()


@dataclass(frozen=True)
class _Request(Generic[C, S, E]):
    """One request on its way: load, decide, append, answer.

    Args:
        commands: by stream; the first one's is shown.
        location: path of the new item; None when existing ones are to change.
    """

    desk: Desk[C, S, E]
    ask: Ask
    commands: Mapping[str, C]
    location: str | None = None

    async def answer(self) -> Response:
        """Carry it out, once if it has a key."""
        if self.ask.key is None:
            return await self._persist()
        async with self.desk.turns.take(self.ask.key):
            try:
                return await self._once()
            except asyncpg.LockNotAvailableError:
                raise _in_progress() from None

    async def _once(self) -> Response:
        """Carry out what has a key. It is looked up only when it cannot be carried out afresh."""
        otherwise = _in_progress()
        with suppress(AnsweredBefore):  # which is why it is looked up then
            try:
                return await self._persist()
            except Problem as problem:
                otherwise = problem
                if problem.lasting:
                    await self._keep(problem)
                    raise
        return await self._replay(otherwise)

    async def _persist(self) -> Response:
        """Attempt until nobody else was first; after one lost race in line with the others."""
        backoff = Backoff(first=0.002, longest=0.05)
        async with AsyncExitStack() as line:
            for attempt in range(ATTEMPTS):
                try:
                    return await self._attempt()
                except VersionConflict:
                    if self.location is not None:
                        raise Problem(409, "exists", "There is one with this id.") from None
                if attempt == 0:
                    for stream in sorted(self.commands):
                        await line.enter_async_context(self.desk.turns.take(stream))
                await backoff.pause()
        raise busy("Too many change this at once. Please try again.", 409, "contended")

    async def _attempt(self) -> Response:
        desk, shown = self.desk, next(iter(self.commands))
        dated = any(_told_afterwards(one)[0] for one in self.commands.values())
        now = await desk.clock.read(desk.pool, exactly=dated)
        work = Deliberation(desk.aggregate, desk.pool)
        await self._take_in_hand(work, shown)
        before = work.state(shown)
        self._decide(work, now)
        version = work.version(shown)
        kept = self.ask.answer(self._status, self._headers(version), shown)
        with APPEND_SECONDS.time():
            events = await desk.group_commit.record(work.staged, kept)
        if events:
            desk.clock.heard(events[-1].recorded_at)
            desk.wake()
        # Made of the facts as the database dated them, the answer equals the next GET.
        state = desk.aggregate.fold([one for one in events if one.stream == shown], before)
        item = Shown(desk.aggregate.identity(shown), state, version, self.ask.by)
        return self._respond(item, self._headers(version))

    async def _take_in_hand(self, work: Deliberation[C, S, E], shown: str) -> None:
        if self.location is not None:
            work.begin(shown)
            return
        await work.load(self.commands)
        for stream in self.commands:
            self.desk.admit(self.ask.by, work.state(stream), work.version(stream))
        self.ask.require(work.version(shown))

    def _decide(self, work: Deliberation[C, S, E], now: datetime) -> None:
        """Stage the facts, in an order that two such requests have in common."""
        by = self.ask.by
        for stream, command in sorted(self.commands.items(), key=itemgetter(0)):
            at, why = _told_afterwards(command)
            origin = Origin(by.name, by.role, correlation_id(), reason=why, trace=traceparent())
            decided = work.decide(stream, command, Occasion(by, now, at), origin)
            if isinstance(decided, Refusal):
                raise Problem.of(decided)

    async def _keep(self, problem: Problem) -> None:
        """Refuse the same way from now on, unless it went through before."""
        response = problem.response()
        kept = self.ask.answer(problem.status_code, {}, bytes(response.body).decode())
        await self.desk.group_commit.record([], kept)

    async def _replay(self, otherwise: Problem) -> Response:
        """What was answered under this key before, or this problem if nothing was.

        Of a success the stream and version were kept: it is rendered again, for whoever asks now.
        """
        desk, ask = self.desk, self.ask
        kept = await find_answer(desk.pool, ask.key or b"")
        if kept is None:
            raise otherwise
        if kept.fingerprint != ask.fingerprint:
            detail = "This Idempotency-Key was sent with another body. Use a new key."
            raise Problem(422, "idempotency-key-reused", detail, field="Idempotency-Key")
        headers = {**kept.headers, "Idempotency-Replayed": "true"}
        if kept.status >= HTTPStatus.BAD_REQUEST:
            return Response(kept.body, kept.status, headers, MEDIA_TYPE)
        events = await desk.read(ask.by, desk.aggregate.identity(kept.body), "item")
        version = int(kept.headers["ETag"].strip('"'))
        return self._respond(desk.shown(events[:version], ask.by), headers)

    def _respond(self, shown: Shown[S], headers: Mapping[str, str]) -> Response:
        return json_response(self.desk.text(shown), self._status, headers)

    @property
    def _status(self) -> int:
        return 200 if self.location is None else 201

    def _headers(self, version: int) -> dict[str, str]:
        place = {} if self.location is None else {"Location": self.location}
        return {"ETag": entity_tag(version), **place}


def _in_progress() -> Problem:
    detail = "The first request with this Idempotency-Key is still being carried out."
    return busy(detail, 409, "in-progress")


def _told_afterwards(command: object) -> tuple[datetime | None, str | None]:
    """When it happened, if not now, and why it is told only now."""
    if not isinstance(command, ToldAfterwards):
        return None, None
    return command.happened_at, command.late_because
