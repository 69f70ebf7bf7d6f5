"""Which topics the monitor reads, and to what end."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from deskstream.cloudevent import Message
from deskstream.consuming.frontier import Precedence
from deskstream.consuming.localcopy import LocalCopy
from deskstream.consuming.policy import PolicyHandler, Reaction
from deskstream.consuming.subscription import Subscription
from deskstream.database import Connection
from deskstream.decider import Intent
from deskstream.topics import events_topic
from sla_monitor.commands import ClockCommand
from sla_monitor.decider import Clocks
from sla_monitor.decider.agreements import PolicyBook
from sla_monitor.events import ClockEvent
from sla_monitor.foreign import IMPORTS, POLICIES, POLICIES_IGNORED, TICKETS, TICKETS_IGNORED
from sla_monitor.policies import clocks_of, react
from sla_monitor.projections import copy_policies, copy_tickets, learn_policies

INCIDENTS: Final = events_topic("incident")
CATALOG: Final = events_topic("catalog")

POLICY_COPIES: Final = Subscription(
    "policies",
    [CATALOG],
    POLICIES.stored_names,
    POLICIES_IGNORED,
    copy_policies,
    tables=("policies", "terminations"),
)
LEARNT_POLICIES: Final = replace(POLICY_COPIES, handle=learn_policies)
TICKET_COPIES: Final = Subscription(
    "clocks",
    [INCIDENTS],
    TICKETS.stored_names | IMPORTS.stored_names,
    TICKETS_IGNORED,
    copy_tickets,
    tables=("ticket_facts", "sources"),
)


def clocks(
    handler: PolicyHandler[ClockCommand, Clocks, ClockEvent], policies_first: Precedence
) -> Subscription:
    """The subscription that moves the clocks, by the policies that were set before."""

    async def keep_and_move(connection: Connection, messages: Sequence[Message]) -> None:
        await copy_tickets(connection, messages)
        if of_tickets := [one for one in messages if one.type in TICKETS.stored_names]:
            await handler(connection, of_tickets)

    return replace(TICKET_COPIES, handle=keep_and_move, ready=policies_first.ready)


def reaction(book: LocalCopy[PolicyBook]) -> Reaction[ClockCommand]:
    """What the events of tickets mean for their clocks, by the policies that are known then."""

    async def react_all(
        connection: Connection, messages: Sequence[Message]
    ) -> Sequence[Sequence[Intent[ClockCommand]]]:
        known = await book.get(connection)
        return [_intents(message, known) for message in messages]

    return react_all


def _intents(message: Message, book: PolicyBook) -> Sequence[Intent[ClockCommand]]:
    event = TICKETS.decode(message.type, message.body, message.occurred_at)
    command = react(event, message.stream, message.id, book, message.provenance)
    return [] if command is None else [Intent(clocks_of(message.stream), command)]
