"""Commands become facts: load, decide, append, project, in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from deskstream.answers import Answer
from deskstream.codec import Codec
from deskstream.database import Connection, Pool
from deskstream.decider import C, Decider, E, Fact, Occasion, Refusal, S
from deskstream.envelope import Origin, Recorded
from deskstream.store import Appendix, EventStore

E_contra = TypeVar("E_contra", bound=Fact, contravariant=True)


class Projection(Protocol[E_contra]):
    """Rows made of events, and of nothing else, so that they can be made again.

    `tables` are what it writes. `apply` names them without a schema, sees a stream's events in
    order, and may see streams in any order.
    """

    @property
    def name(self) -> str:
        """By which a rebuild is asked for."""

    @property
    def tables(self) -> tuple[str, ...]:
        """What it writes."""

    async def apply(self, connection: Connection, events: Sequence[Recorded[E_contra]]) -> None:
        """Take these events into the rows."""


@dataclass(frozen=True)
class Aggregate(Generic[C, S, E]):
    """A decider with its stored names and the read models that are written with its events."""

    decider: Decider[C, S, E]
    codec: Codec[E]
    projections: Sequence[Projection[E]] = ()

    @property
    def store(self) -> EventStore[E]:
        """Where its events are."""
        return EventStore(self.codec)

    def stream(self, identity: object) -> str:
        """The name of the stream of the aggregate with this id."""
        return f"{self.decider.category}-{identity}"

    def identity(self, stream: str) -> str:
        """The id of the aggregate whose stream has this name."""
        return stream.removeprefix(f"{self.decider.category}-")

    def fold(self, events: Iterable[Recorded[E]], state: S | None = None) -> S:
        """The state after these events."""
        return self.decider.fold((event.fact for event in events), state)

    async def record(
        self,
        connection: Connection,
        appendices: Sequence[Appendix[E]],
        answers: Sequence[Answer] = (),
    ) -> list[Recorded[E]]:
        """Append in the caller's transaction, and write the projections; raises as the store."""
        events = await self.store.append(connection, appendices, answers)
        if events:
            for projection in self.projections:
                await projection.apply(connection, events)
        return events


@dataclass(slots=True)
class Loaded(Generic[S]):
    """A stream in hand: its state and version, with what is staged."""

    state: S
    version: int


@dataclass(slots=True)
class Deliberation(Generic[C, S, E]):
    """Several commands on several streams, decided and not yet recorded.

    Args:
        database: where the streams are read.
    """

    aggregate: Aggregate[C, S, E]
    database: Connection | Pool
    staged: list[Appendix[E]] = field(default_factory=list, init=False)
    _loaded: dict[str, Loaded[S]] = field(default_factory=dict, init=False)

    async def load(self, streams: Iterable[str]) -> None:
        """Take these streams in hand, in one round trip for those that are not yet."""
        wanted = [stream for stream in dict.fromkeys(streams) if stream not in self._loaded]
        if not wanted:
            return
        found = await self.aggregate.store.load_many(self.database, wanted)
        for stream, events in found.items():
            self._loaded[stream] = Loaded(self.aggregate.fold(events), len(events))

    def begin(self, stream: str) -> None:
        """Take a stream in hand that is known to be new."""
        self._loaded[stream] = Loaded(self.aggregate.decider.initial, 0)

    def state(self, stream: str) -> S:
        """The state of a stream in hand, with what is staged."""
        return self._loaded[stream].state

    def version(self, stream: str) -> int:
        """The version of a stream in hand, with what is staged."""
        return self._loaded[stream].version

    def decide(
        self, stream: str, command: C, when: Occasion, origin: Origin
    ) -> Sequence[E] | Refusal:
        """Decide a command on a stream in hand, and stage the facts.

        The occasion's time stands in, until they are stored, for that of facts which the database
        will date.
        """
        held = self._loaded[stream]
        decided = self.aggregate.decider.decide(command, when, held.state)
        if isinstance(decided, Refusal) or not decided:
            return decided
        self.staged.append(Appendix(stream, held.version, decided, origin))
        dated = (fact if fact.at else fact.model_copy(update={"at": when.now}) for fact in decided)
        held.state = self.aggregate.decider.fold(dated, held.state)
        held.version += len(decided)
        return decided


@dataclass(slots=True)
class UnitOfWork(Deliberation[C, S, E]):
    """Several commands on several streams that commit together, in the caller's transaction."""

    database: Connection

    async def save(self, answer: Answer | None = None) -> list[Recorded[E]]:
        """Record what is staged."""
        answers = () if answer is None else (answer,)
        events = await self.aggregate.record(self.database, self.staged, answers)
        self.staged.clear()
        return events


async def database_time(database: Connection | Pool) -> datetime:
    """When a fact would be recorded: by the database's clock, never before the relay's time.

    So it does not go back when that clock is set back.
    """
    now: datetime = await database.fetchval("SELECT greatest(clock_timestamp(), t) FROM relay")
    return now
