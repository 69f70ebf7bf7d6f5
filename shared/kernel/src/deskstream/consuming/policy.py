"""Policies: another service's event becomes commands on one's own streams, once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic

import structlog

from deskstream.aggregate import Aggregate, UnitOfWork, database_time
from deskstream.cloudevent import Message
from deskstream.database import Connection
from deskstream.decider import Actor, C, E, Intent, Occasion, Refusal, Role, S
from deskstream.envelope import Origin
from deskstream.observe import consumer_span, traceparent
from deskstream.store import PolicyActedBefore

log = structlog.get_logger()


Reaction = Callable[[Connection, Sequence[Message]], Awaitable[Sequence[Sequence[Intent[C]]]]]


@dataclass(frozen=True)
class PolicyHandler(Generic[C, S, E]):
    """The handler of a subscription whose events lead to commands.

    Args:
        name: of the policy, part of what makes its acts unique.
        aggregate: on whose streams it acts.
        react: for a batch of messages, the intents of each. What it has to know
            besides, it reads from the connection before it asks the pure policy.
    """

    name: str
    aggregate: Aggregate[C, S, E]
    react: Reaction[C]

    async def __call__(self, connection: Connection, messages: Sequence[Message]) -> None:
        """React to a batch, in its transaction."""
        now = await database_time(connection)
        when = Occasion(Actor(f"policy:{self.name}", Role.SERVICE), now)
        reactions = await self.react(connection, messages)
        unit = UnitOfWork(self.aggregate, connection)
        await unit.load(intent.stream for intents in reactions for intent in intents)
        for message, intents in zip(messages, reactions, strict=True):
            with consumer_span(
                message.trace, message.correlation, f"process {message.type}", stream=message.stream
            ):
                for intent in intents:
                    self._decide(unit, message, intent, when)
        if len(messages) > 1:
            await unit.save()
        else:
            await self._save_single(unit, messages[0])

    def _decide(
        self, unit: UnitOfWork[C, S, E], message: Message, intent: Intent[C], when: Occasion
    ) -> None:
        decided = unit.decide(intent.stream, intent.command, when, self._origin(message))
        if isinstance(decided, Refusal):
            log.info("policy refused", policy=self.name, stream=intent.stream, code=decided.code)

    def _origin(self, message: Message) -> Origin:
        return Origin(
            actor=f"policy:{self.name}",
            role="service",
            correlation=message.correlation,
            causation=message.id,
            policy=self.name,
            depth=message.depth + 1,
            source=message.provenance,
            trace=traceparent() or message.trace,
        )

    async def _save_single(self, unit: UnitOfWork[C, S, E], message: Message) -> None:
        """A message that was acted on before, as after a rewind, has no further effect."""
        try:
            async with unit.database.transaction():
                await unit.save()
        except PolicyActedBefore:
            log.info("policy acted before", policy=self.name, message=message.id)
