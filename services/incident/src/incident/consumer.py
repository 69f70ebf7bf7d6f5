"""Which topics incident reads, and to what end."""

from collections.abc import Collection, Sequence
from typing import Final

from deskstream.cloudevent import Message
from deskstream.database import Connection
from deskstream.decider import Intent
from deskstream.envelope import LIVE
from deskstream.policy import PolicyHandler
from deskstream.subscription import Subscription
from deskstream.topics import events_topic
from incident import parties
from incident.commands import IncidentCommand
from incident.decider.state import State
from incident.events import IncidentEvent
from incident.foreign import (
    CATALOG,
    CATALOG_IGNORED,
    CLOCKS,
    CLOCKS_IGNORED,
    PARTIES,
    PARTIES_IGNORED,
)
from incident.policies import intents_after
from incident.projections import copy_catalog

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


def service_levels(handler: PolicyHandler[IncidentCommand, State, IncidentEvent]) -> Subscription:
    """The subscription that takes warnings and breaches into the tickets."""
    topics = [events_topic("sla-monitor")]
    return Subscription("service-levels", topics, CLOCKS.stored_names, CLOCKS_IGNORED, handler)


async def react(
    connection: Connection, messages: Sequence[Message]
) -> Sequence[Sequence[Intent[IncidentCommand]]]:
    """What the events of clocks ask of the incidents."""
    histories = {message.provenance for message in messages if message.provenance != LIVE}
    rows = await connection.fetch(STILL_TOLD, list(histories)) if histories else []
    still_told = {row["name"] for row in rows}
    return [_intents(message, still_told) for message in messages]


def _intents(message: Message, still_told: Collection[str]) -> Sequence[Intent[IncidentCommand]]:
    event = CLOCKS.decode(message.type, message.body, message.occurred_at)
    return intents_after(event, still_told=message.provenance in still_told)
