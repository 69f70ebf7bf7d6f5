"""Which topics incident reads, and to what end."""

from collections.abc import Sequence
from typing import Final

from deskstream.cloudevent import Message
from deskstream.database import Connection
from deskstream.decider import Intent
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
    _: Connection, messages: Sequence[Message]
) -> Sequence[Sequence[Intent[IncidentCommand]]]:
    """What the events of clocks ask of the incidents."""
    return [_intents(message) for message in messages]


def _intents(message: Message) -> Sequence[Intent[IncidentCommand]]:
    event = CLOCKS.decode(message.type, message.body, message.occurred_at)
    return intents_after(event)
