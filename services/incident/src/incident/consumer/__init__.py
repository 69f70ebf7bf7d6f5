"""Which topics incident reads, and to what end."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from deskstream.cloudevent import Message
from deskstream.consuming.localcopy import LocalCopy
from deskstream.consuming.policy import PolicyHandler
from deskstream.consuming.subscription import Subscription
from deskstream.database import Connection
from deskstream.decider import Intent
from deskstream.envelope import LIVE
from deskstream.topics import events_topic
from incident import parties
from incident.commands import IncidentCommand
from incident.decider.state import State
from incident.events import CODEC, IncidentEvent
from incident.events.ending import IncidentResolved
from incident.events.family import LeftParent
from incident.foreign import (
    CATALOG,
    CATALOG_IGNORED,
    CLOCK_COURSES,
    CLOCK_COURSES_IGNORED,
    CLOCKS,
    CLOCKS_IGNORED,
    PARTIES,
    PARTIES_IGNORED,
)
from incident.imports.events import CODEC as IMPORTS
from incident.policies import intents_after, taking_leave
from incident.projections import copy_and_show_clocks, copy_catalog, copy_clocks
from incident.queries import peer_of
from incident.terms.parties import Parties

STILL_TOLD: Final = "SELECT name FROM sources WHERE name = ANY($1) AND NOT ended"
CATALOG_COPIES: Final = Subscription(
    "catalog",
    [events_topic("catalog")],
    CATALOG.stored_names,
    CATALOG_IGNORED,
    copy_catalog,
    tables=("priority_matrices", "known_versions"),
)

PARTY_COPIES: Final = Subscription(
    "parties",
    [events_topic("catalog")],
    PARTIES.stored_names,
    PARTIES_IGNORED,
    parties.copy_parties,
    tables=parties.TABLES,
)
CLOCK_COPIES: Final = Subscription(
    "clocks",
    [events_topic("sla-monitor")],
    CLOCK_COURSES.stored_names,
    CLOCK_COURSES_IGNORED,
    copy_clocks,
    tables=("clocks",),
)
SHOWN_CLOCKS: Final = replace(CLOCK_COPIES, handle=copy_and_show_clocks)


def service_levels(handler: PolicyHandler[IncidentCommand, State, IncidentEvent]) -> Subscription:
    """The subscription that takes warnings and breaches into the tickets."""
    topics = [events_topic("sla-monitor")]
    return Subscription("service-levels", topics, CLOCKS.stored_names, CLOCKS_IGNORED, handler)


@dataclass(frozen=True)
class Reaction:
    """What the events of clocks ask of the incidents.

    Attributes:
        known: the people and groups, among whom some are to know of an escalation.
    """

    known: LocalCopy[Parties]

    async def __call__(
        self, connection: Connection, messages: Sequence[Message]
    ) -> Sequence[Sequence[Intent[IncidentCommand]]]:
        """Of each, with what is known here now."""
        histories = {message.provenance for message in messages if message.provenance != LIVE}
        rows = await connection.fetch(STILL_TOLD, list(histories)) if histories else []
        still_told = {row["name"] for row in rows}
        parties = await self.known.get(connection)
        return [_intents(message, still_told, parties) for message in messages]


def _intents(
    message: Message, still_told: Collection[str], parties: Parties
) -> Sequence[Intent[IncidentCommand]]:
    event = CLOCKS.decode(message.type, message.body, message.occurred_at)
    return intents_after(event, still_told=message.provenance in still_told, parties=parties)


HANDLED: Final = frozenset({IncidentResolved.stored, LeftParent.stored})
NOTICE = """
INSERT INTO resolved_parents (cause, stream, version)
SELECT cause, stream, version
FROM unnest($1::text[], $2::text[], $3::int[]) AS told (cause, stream, version)
WHERE EXISTS (
    SELECT FROM incidents child JOIN incidents parent ON child.parent = parent.number
    WHERE parent.stream = told.stream
) ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class FollowUps:
    """What the incidents' own events ask of other incidents.

    Attributes:
        leaving: tells parents which child has left.
    """

    leaving: PolicyHandler[IncidentCommand, State, IncidentEvent]

    async def __call__(self, connection: Connection, messages: Sequence[Message]) -> None:
        """Note which parents were resolved, for their children may be too many to do it now.

        A history tells itself what became of the children.
        """
        left = [one for one in messages if one.type == LeftParent.stored]
        resolved = [one for one in messages if _resolves_children(one)]
        if resolved:
            told = ((one.id, one.stream, one.version) for one in resolved)
            await connection.execute(NOTICE, *map(list, zip(*told, strict=True)))
        if left:
            await self.leaving(connection, left)


def _resolves_children(message: Message) -> bool:
    return message.type == IncidentResolved.stored and message.provenance == LIVE


def families(leaving: PolicyHandler[IncidentCommand, State, IncidentEvent]) -> Subscription:
    """The subscription of incidents to each other."""
    topics = [events_topic("incident")]
    ignored = (CODEC.stored_names | IMPORTS.stored_names) - HANDLED
    return Subscription("families", topics, HANDLED, ignored, FollowUps(leaving))


async def take_leave(
    connection: Connection, messages: Sequence[Message]
) -> Sequence[Sequence[Intent[IncidentCommand]]]:
    """What children that go their own ways ask of their parents."""
    return [[await _leave(connection, message)] for message in messages]


async def _leave(connection: Connection, message: Message) -> Intent[IncidentCommand]:
    event = CODEC.decode(message.type, message.body, message.occurred_at)
    child = await peer_of(connection, message.stream)
    if not isinstance(event, LeftParent) or child is None:
        sentence = f"{message.id} tells of no child that left"
        raise LookupError(sentence)
    return taking_leave(child.ref, event)
