"""Requests that wait at the same time commit together."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextvars import Context
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter
from typing import Any, Generic

from deskstream.aggregate import Aggregate
from deskstream.answers import Answer
from deskstream.database import Pool
from deskstream.decider import E
from deskstream.envelope import Recorded
from deskstream.gate import WriteGate
from deskstream.http.problems import assert_open
from deskstream.store import Appendix

WRITERS = 2
LARGEST_GROUP = 64


@dataclass(eq=False, slots=True)
class _Entry(Generic[E]):
    """What one request has to record."""

    appendices: Sequence[Appendix[E]]
    answer: Answer | None
    recorded: asyncio.Future[list[Recorded[E]]]

    @property
    def streams(self) -> set[str]:
        return {one.stream for one in self.appendices}

    def succeed(self, events: Sequence[Recorded[E]]) -> None:
        if not self.recorded.done():  # who asked may have gone
            self.recorded.set_result([event for event in events if event.stream in self.streams])

    def fail(self, error: Exception) -> None:
        if not self.recorded.done():
            self.recorded.set_exception(error)


class _Void(Exception):
    """Nothing was recorded, for certain: the transaction ends before it was to commit.

    When the server goes away while it commits, that is not certain, and to try again might do
    the same twice.
    """

    def __init__(self, reason: Exception) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(eq=False)
class GroupCommit(Generic[E]):
    """Records what requests have decided, as many as wait in one transaction.

    A transaction costs nearly the same for one request as for many. While the writers are at work
    others queue, so groups grow with the load, and a request that comes alone does not wait.
    """

    aggregate: Aggregate[Any, Any, E]
    pool: Pool
    gate: WriteGate
    _waiting: deque[_Entry[E]] = field(default_factory=deque, init=False)
    _writers: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    async def record(
        self, appendices: Sequence[Appendix[E]], answer: Answer | None = None
    ) -> list[Recorded[E]]:
        """Append, with the projections and the answer; durable when it returns.

        Raises:
            VersionConflict, AnsweredBefore: nothing of this request was recorded.
        """
        entry = _Entry(appendices, answer, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        if len(self._writers) < WRITERS:
            writer = asyncio.create_task(self._write(), context=Context())  # no request's own
            self._writers.add(writer)
        return await entry.recorded

    async def _write(self) -> None:
        try:
            while self._waiting:
                longest = min(len(self._waiting), LARGEST_GROUP)
                await self._commit([self._waiting.popleft() for _ in range(longest)])
        finally:  # before anybody else can run, or who comes next would count on this writer
            self._writers.discard(asyncio.current_task())

    async def _commit(self, group: Sequence[_Entry[E]]) -> None:
        """All of them; if one cannot be, each by itself, so that it alone hears of it."""
        try:
            events = await self._transact(group)
        except _Void as void:
            if len(group) > 1:
                await asyncio.gather(*(self._commit([one]) for one in group))
            else:
                group[0].fail(void.reason)
        except Exception as error:  # noqa: BLE001  the requests raise it
            for one in group:
                one.fail(error)
        else:
            for one in group:
                one.succeed(events)

    async def _transact(self, group: Sequence[_Entry[E]]) -> list[Recorded[E]]:
        """In the order of the streams, which all groups have in common: none waits in a ring."""
        appendices = sorted(
            chain.from_iterable(one.appendices for one in group), key=attrgetter("stream")
        )
        answers = [one.answer for one in group if one.answer]
        async with self.pool.acquire() as connection:
            assert_open(self.gate)  # a connection that is new has just looked
            async with connection.transaction():
                try:
                    return await self.aggregate.record(connection, appendices, answers)
                except Exception as error:  # whatever it is, nothing was committed
                    raise _Void(error) from error
