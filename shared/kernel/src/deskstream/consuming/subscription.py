"""What a group reads and does, and what it knows of a partition that it has in hand."""

from collections import ChainMap, OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aiokafka.structs import ConsumerRecord

from deskstream.cloudevent import Malformed, Message
from deskstream.consuming.progress import Progress
from deskstream.database import Connection, Pool
from deskstream.envelope import DEEPEST_CAUSATION
from deskstream.faults import Plain

Ready = Callable[[Pool, Sequence[datetime]], Awaitable[int]]
Handler = Callable[[Connection, Sequence[Message]], Awaitable[None]]
STREAMS_REMEMBERED = 50_000


class Unwanted(Plain):
    """A message that must not be handled here."""


class UnknownForeignType(Unwanted):
    """A type that the subscription neither handles nor ignores."""


class TooDeep(Unwanted):
    """Policies have answered each other so often that they must be going in a circle."""


class Gap(Exception):
    """A stream's next version is missing: the topic has lost an event."""


async def _all_are_ready(_: Pool, recorded: Sequence[datetime]) -> int:
    return len(recorded)


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a group reads and does.

    Args:
        purpose: last part of the group's name.
        topics: of the services that it reads.
        handled: foreign stored names that `handle` is given.
        ignored: foreign stored names that are of no interest. Any other is parked.
        handle: the effect of a batch of one partition, in a transaction of its own.
        ready: how many of a batch's events, by the times at which they were recorded, need not
            wait for what another group has still to read; by default all.
        tables: what it writes, if it is a projection that may be made again from the beginning;
            none for a policy.
    """

    purpose: str
    topics: Sequence[str]
    handled: frozenset[str]
    ignored: frozenset[str]
    handle: Handler
    tables: tuple[str, ...] = ()
    ready: Ready = _all_are_ready

    def wanted(self, messages: Sequence[Message]) -> list[Message]:
        """Those that `handle` is to be given.

        Raises:
            UnknownForeignType: one is of a type that nobody here has thought of.
            TooDeep: one is the end of too long a chain of policies.
        """
        kept = [message for message in messages if message.type not in self.ignored]
        if unknown := {message.type for message in kept} - self.handled:
            sentence = f"{self.purpose} neither handles nor ignores {', '.join(sorted(unknown))}"
            raise UnknownForeignType(sentence)
        for message in kept:
            if message.depth > DEEPEST_CAUSATION:
                circle = f"{message.id} is the end of a chain of {message.depth} policies"
                raise TooDeep(circle)
        return kept


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record, and the event that it is, or why it is none."""

    record: ConsumerRecord
    event: Message | Malformed

    @classmethod
    def of(cls, record: ConsumerRecord) -> "Arrival":
        """Read a record, once for all that look at it."""
        try:
            return cls(record, Message.of(record.headers, record.value))
        except Malformed as fault:
            return cls(record, fault)

    @property
    def message(self) -> Message:
        """The event.

        Raises:
            Malformed: it is none.
        """
        if isinstance(self.event, Malformed):
            raise self.event
        return self.event


@dataclass
class Partition:
    """A partition in hand.

    Args:
        progress: as it was committed last.
        blocked: streams of which something is parked.
        versions: to which each stream has come, as far as they are remembered.
        sought: the offset that was asked for a second time because it had not come.
    """

    progress: Progress
    blocked: set[str] = field(default_factory=set)
    versions: OrderedDict[str, int] = field(default_factory=OrderedDict)
    sought: int | None = None

    def new_among(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """Those that are no repeats: what has a position at or below the last one is dropped.

        Raises:
            Malformed: one is no event.
            Gap: an event is missing before one of them.
        """
        position, new = self.progress.position, []
        seen: ChainMap[str, int] = ChainMap({}, self.versions)
        for arrival in arrivals:
            message = arrival.message
            if message.position <= position:
                continue
            known = seen.get(message.stream)
            if known is not None and message.version > known + 1:
                found = f"{message.stream} goes from version {known} to {message.version}"
                raise Gap(found)
            position, seen[message.stream] = message.position, message.version
            new.append(arrival)
        return new

    def came_to(self, progress: Progress, messages: Sequence[Message]) -> None:
        """It was committed that these were taken in."""
        self.progress = progress
        for message in messages:
            self.versions[message.stream] = message.version
            self.versions.move_to_end(message.stream)
        while len(self.versions) > STREAMS_REMEMBERED:
            self.versions.popitem(last=False)
