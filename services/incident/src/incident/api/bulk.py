"""One command for many incidents: each is decided by itself, and answered by itself."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import Field, model_validator

from deskstream.access import Principal
from deskstream.aggregate import UnitOfWork, database_time
from deskstream.answers import Answer
from deskstream.database import Pool
from deskstream.decider import Occasion, Refusal, ToldAfterwards
from deskstream.envelope import Origin
from deskstream.http.bodies import Body, View
from deskstream.http.commanding import ATTEMPTS, Desk
from deskstream.http.conditions import Ask
from deskstream.http.problems import Problem, assert_open, busy
from deskstream.observe import correlation_id, traceparent
from deskstream.retry import Backoff
from deskstream.store import AnsweredBefore, VersionConflict
from incident.api.bodies import Assignment, Escalation, NewClassification, NewPriority
from incident.api.catalogue import Catalogue
from incident.api.once import answered_before, part_of
from incident.commands import IncidentCommand
from incident.commands.conversation import AddComment, AddNote
from incident.commands.ending import CancelIncident, CloseIncident, ReopenIncident, ResolveIncident
from incident.commands.holding import PutOnHold, ResumeWork
from incident.commands.triage import TakeIncident
from incident.commands.work import StartWork
from incident.decider.state import State
from incident.events import IncidentEvent
from incident.queries.listing import IncidentFilters, streams_of

MOST: Final = 1000
AT_ONCE: Final = 50
IN_PROGRESS: Final = "The first request with this Idempotency-Key is still being carried out."
CONTENDED: Final = Refusal("contended", "Too many change it at once. Please try again.")


class OneCommand(Body):
    """What is asked of each, under the noun of its own route; exactly one."""

    priority: NewPriority | None = None
    classification: NewClassification | None = None
    assignment: Assignment | None = None
    taking: TakeIncident | None = None
    escalation: Escalation | None = None
    start: StartWork | None = None
    hold: PutOnHold | None = None
    resumption: ResumeWork | None = None
    comments: AddComment | None = None
    notes: AddNote | None = None
    resolution: ResolveIncident | None = None
    reopening: ReopenIncident | None = None
    closure: CloseIncident | None = None
    cancellation: CancelIncident | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self._given) != 1:
            message = f"exactly one of {', '.join(type(self).model_fields)} must be given"
            raise ValueError(message)
        return self

    @property
    def _given(self) -> Sequence[Any]:
        return [one for _, one in self if one is not None]

    async def command(self, catalogue: Catalogue) -> IncidentCommand:
        """It, with what it needs of the catalogue."""
        given = self._given[0]
        match given:
            case NewPriority():
                return given.command((await catalogue.directory()).tables)
            case NewClassification():
                known = await catalogue.knowing(
                    organisation=given.organisation, service=given.service
                )
                return given.command(known.tables, await catalogue.parties())
            case Assignment() | Escalation():
                return given.command(await catalogue.parties())
            case _:
                command: IncidentCommand = given
                return command


class BulkChange(Body):
    """Which incidents, and what is asked of each of them."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST)] | None = None
    filter: IncidentFilters | None = Field(
        default=None, description="All that a list would show, if they are not too many."
    )
    command: OneCommand
    preview: bool = Field(default=False, description="Only say what would happen.")

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if (self.ids is None) == (self.filter is None):
            message = "either `ids` or `filter` must be given"
            raise ValueError(message)
        if self.ids and len(set(self.ids)) < len(self.ids):
            message = "each of `ids` may stand there once"
            raise ValueError(message)
        return self

    async def streams(self, pool: Pool, by: Principal) -> Sequence[str]:
        """Those that it names, or those of the filter that the caller sees."""
        if self.filter is None:
            return [f"incident-{identity}" for identity in self.ids or ()]
        streams = await streams_of(pool, by, self.filter, MOST + 1)
        if len(streams) > MOST:
            detail = f"These are more than {MOST}. Narrow the filter, and go on in parts."
            raise Problem(422, "too-many", detail, field="filter")
        return streams


class BulkItem(View):
    """What came of it for one incident, or would come."""

    id: str
    done: bool
    version: int | None
    code: str | None
    text: str

    @classmethod
    def refused(cls, identity: str, refusal: Refusal, version: int | None = None) -> Self:
        """Nothing, and why."""
        code, text = refusal.code, refusal.detail
        return cls(id=identity, done=False, version=version, code=code, text=text)


class BulkAnswer(View):
    """What came of it, in the order that was asked for. `correlation` is in every event of it."""

    preview: bool
    correlation: str
    done: int
    refused: int
    items: list[BulkItem]


@dataclass(frozen=True)
class Plan:
    """What is to be done. It is kept under the request's key, so that it can be gone on with."""

    streams: Sequence[str]
    correlation: str

    def chunks(self) -> Iterator[Sequence[str]]:
        """Those that are changed in one transaction each."""
        for first in range(0, len(self.streams), AT_ONCE):
            yield self.streams[first : first + AT_ONCE]


@dataclass(frozen=True)
class Bulk:
    """One command for many incidents, for one request."""

    desk: Desk[IncidentCommand, State, IncidentEvent]
    ask: Ask
    command: IncidentCommand
    preview: bool

    async def answer(self, streams: Sequence[str]) -> BulkAnswer:
        """Carry it out; what a former attempt under the same key has done is not done again."""
        assert_open(self.desk.gate)
        plan = Plan(streams, correlation_id())
        if self.preview or self.ask.key is None:
            return await self._carry_out(plan)
        async with self.desk.turns.take(self.ask.key):
            return await self._carry_out(await self._pinned(plan))

    async def _pinned(self, plan: Plan) -> Plan:
        """The plan that is kept under the key: this one, if none was before."""
        told = json.dumps({"streams": list(plan.streams), "correlation": plan.correlation})
        return Plan(**json.loads(await self._kept_or(self.ask.answer(202, {}, told))))

    async def _kept_or(self, answer: Answer | None) -> str:
        """What was answered under this key, or this from now on."""
        assert answer is not None  # noqa: S101  asked for only where there is a key
        pool, store = self.desk.pool, self.desk.aggregate.store
        try:
            async with pool.acquire() as connection:
                await store.append(connection, [], [answer])
        except AnsweredBefore:
            kept = await answered_before(pool, self.ask)
            if kept is None:
                raise busy(IN_PROGRESS, 409, "in-progress") from None
            return kept.body
        return answer.body

    async def _carry_out(self, plan: Plan) -> BulkAnswer:
        items: list[BulkItem] = []
        for nth, streams in enumerate(plan.chunks()):
            items += await self._chunk(nth, streams, plan.correlation)
        done = sum(item.done for item in items)
        return BulkAnswer(
            preview=self.preview,
            correlation=plan.correlation,
            done=done,
            refused=len(items) - done,
            items=items,
        )

    async def _chunk(self, nth: int, streams: Sequence[str], story: str) -> Sequence[BulkItem]:
        backoff = Backoff(first=0.01, longest=0.1)
        for _ in range(ATTEMPTS):
            try:
                return await self._attempt(nth, streams, story)
            except VersionConflict:
                await backoff.pause()
            except AnsweredBefore:
                return await self._done_before(nth)
        return [BulkItem.refused(self._identity(stream), CONTENDED) for stream in streams]

    async def _attempt(self, nth: int, streams: Sequence[str], story: str) -> Sequence[BulkItem]:
        desk = self.desk
        async with desk.pool.acquire() as connection, connection.transaction():
            now = await database_time(connection)
            work = UnitOfWork(desk.aggregate, connection)
            await work.load(streams)
            # In an order that two such requests have in common, so that neither waits for ever.
            items = {one: self._decide(work, one, now, story) for one in sorted(streams)}
            answers = [items[stream] for stream in streams]
            if not self.preview:
                await work.save(self._kept(nth, answers))
        desk.wake()
        return answers

    def _decide(
        self,
        work: UnitOfWork[IncidentCommand, State, IncidentEvent],
        stream: str,
        now: datetime,
        story: str,
    ) -> BulkItem:
        desk, by, identity = self.desk, self.ask.by, self._identity(stream)
        try:
            desk.admit(by, work.state(stream), work.version(stream))
        except Problem as problem:
            return BulkItem.refused(identity, Refusal(problem.code, str(problem.detail)))
        at, why = _told_afterwards(self.command)
        origin = Origin(by.name, by.role.value, story, reason=why, trace=traceparent())
        decided = work.decide(stream, self.command, Occasion(by, now, at), origin)
        version = work.version(stream)
        if isinstance(decided, Refusal):
            return BulkItem.refused(identity, decided, version)
        text = " ".join(fact.in_words() for fact in decided) or "Nothing had to change."
        return BulkItem(id=identity, done=True, version=version, code=None, text=text)

    def _kept(self, nth: int, items: Sequence[BulkItem]) -> Answer | None:
        """The answer to a chunk, under a key of its own."""
        body = json.dumps([item.model_dump() for item in items])
        return part_of(self.ask, nth).answer(200, {}, body)

    async def _done_before(self, nth: int) -> Sequence[BulkItem]:
        kept = await answered_before(self.desk.pool, part_of(self.ask, nth))
        if kept is None:
            raise busy(IN_PROGRESS, 409, "in-progress")
        return [BulkItem(**item) for item in json.loads(kept.body)]

    def _identity(self, stream: str) -> str:
        return self.desk.aggregate.identity(stream)


def _told_afterwards(command: IncidentCommand) -> tuple[datetime | None, str | None]:
    """When it happened, if not now, and why it is told only now."""
    if not isinstance(command, ToldAfterwards):
        return None, None
    return command.happened_at, command.late_because
