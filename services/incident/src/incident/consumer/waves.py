"""Incidents of one service that come all at once are proposed as one major incident."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from deskstream.aggregate import Aggregate, UnitOfWork, database_time
from deskstream.cloudevent import Message
from deskstream.consuming.subscription import Subscription
from deskstream.database import Connection
from deskstream.decider import Actor, Occasion, Refusal, Role
from deskstream.envelope import LIVE, Origin
from deskstream.store import PolicyActedBefore
from deskstream.topics import events_topic
from incident.commands import IncidentCommand
from incident.commands.family import BecomeChild, TakeChild
from incident.commands.major import ProposeMajor
from incident.decider.state import State
from incident.events import CODEC, IncidentEvent
from incident.events.triage import IncidentLogged, IncidentReclassified
from incident.imports.events import CODEC as IMPORTS
from incident.policies.waves import Sufferer, Wave, wave_around
from incident.terms import ProcessPolicy
from incident.terms.related import IncidentRef

log = structlog.get_logger()
POLICY: Final = "waves"
ACTOR: Final = Actor(f"policy:{POLICY}", Role.SERVICE)
HANDLED: Final = frozenset({IncidentLogged.stored, IncidentReclassified.stored})
NEAREST: Final = 100
SUFFERS: Final = "one.status IN ('new', 'in_progress', 'on_hold') AND NOT one.restricted"
ABOUT_THEN: Final = """
    one.opened_at BETWEEN told.opened_at - $2::interval AND told.opened_at + $2::interval
"""
# Almost always there is none: so many are asked about at once.
SUSPECTED: Final = f"""
SELECT told.stream FROM incidents told
WHERE told.stream = ANY($1) AND told.service IS NOT NULL AND told.parent IS NULL AND $3 <= (
    SELECT count(DISTINCT caller) FROM (
        SELECT one.caller FROM incidents one
        WHERE one.service = told.service AND {SUFFERS} AND {ABOUT_THEN}
        LIMIT {2 * NEAREST}
    ) AS near
)
"""  # noqa: S608  made of constants
COLUMNS: Final = """
    one.stream, one.number, one.caller, one.opened_at, one.parent IS NOT NULL AS is_child,
    EXISTS (SELECT FROM incidents child WHERE child.parent = one.number) AS has_children,
    one.major IS NOT NULL AND one.major IN ('proposed', 'declared') AS is_major,
    one.major_declined OR EXISTS (
        SELECT FROM incidents parent WHERE parent.number = one.parent AND parent.major_declined
    ) AS declined
"""
NEAR: Final = f"""
SELECT {COLUMNS} FROM incidents one, incidents told
WHERE told.stream = $1 AND one.service = told.service AND {SUFFERS}
    AND {ABOUT_THEN}
    AND (one.opened_at, one.stream) {{}} (told.opened_at, told.stream)
ORDER BY one.opened_at {{}}, one.stream {{}} LIMIT {NEAREST}
"""  # noqa: S608  made of constants
AROUND: Final = f"({NEAR.format('<=', 'DESC', 'DESC')}) UNION ALL ({NEAR.format('>', '', '')})"
MAJOR: Final = f"""
SELECT {COLUMNS} FROM incidents one, incidents told
WHERE told.stream = $1 AND one.service = told.service AND {SUFFERS}
    AND one.major IN ('proposed', 'declared')
ORDER BY one.opened_at, one.stream LIMIT 1
"""  # noqa: S608  made of constants


@dataclass(frozen=True)
class Waves:
    """Looks at what is reported, and makes of what comes all at once a family with a major parent.

    Attributes:
        aggregate: the incidents.
        policy: how many people, in what time, are a wave.
    """

    aggregate: Aggregate[IncidentCommand, State, IncidentEvent]
    policy: ProcessPolicy

    async def __call__(self, connection: Connection, messages: Sequence[Message]) -> None:
        """Look at what happens now; of a history that is told afterwards nothing is made."""
        live = [message for message in messages if message.provenance == LIVE]
        many, within = self.policy.wave_of, self.policy.wave_within
        streams = list({message.stream for message in live})
        rows = await connection.fetch(SUSPECTED, streams, within, many) if live else []
        suspected = {row["stream"] for row in rows}
        unit = UnitOfWork(self.aggregate, connection)
        for message in live:
            if message.stream in suspected and (wave := await self._wave(connection, message)):
                try:
                    async with connection.transaction():
                        await self._join(unit, message, wave)
                except PolicyActedBefore:
                    log.info("policy acted before", policy=POLICY, message=message.id)
                    unit = UnitOfWork(self.aggregate, connection)

    async def _wave(self, connection: Connection, message: Message) -> Wave | None:
        rows = await connection.fetch(AROUND, message.stream, self.policy.wave_within)
        row = await connection.fetchrow(MAJOR, message.stream)
        major = None if row is None else self._sufferer(row)
        told = UUID(self.aggregate.identity(message.stream))
        return wave_around(told, [self._sufferer(row) for row in rows], major, self.policy)

    def _sufferer(self, row: asyncpg.Record) -> Sufferer:
        told = dict(row)
        identity = UUID(self.aggregate.identity(told.pop("stream")))
        return Sufferer(ref=IncidentRef(id=identity, number=told.pop("number")), **told)

    async def _join(
        self, unit: UnitOfWork[IncidentCommand, State, IncidentEvent], message: Message, wave: Wave
    ) -> None:
        when = Occasion(ACTOR, await database_time(unit.database))
        await unit.load(self._stream(one) for one in (wave.parent, *wave.children))
        steps: list[Mapping[str, IncidentCommand]] = [
            {
                self._stream(child): BecomeChild(parent=wave.parent),
                self._stream(wave.parent): TakeChild(child=child),
            }
            for child in wave.children
        ]
        if wave.because is not None:
            steps.insert(0, {self._stream(wave.parent): ProposeMajor(because=wave.because)})
        for step in steps:
            self._take(unit, step, when, _origin(message))
        await unit.save()

    def _take(
        self,
        unit: UnitOfWork[IncidentCommand, State, IncidentEvent],
        step: Mapping[str, IncidentCommand],
        when: Occasion,
        origin: Origin,
    ) -> None:
        """Both sides or neither: one of them may have changed since it was looked at."""
        decide = self.aggregate.decider.decide
        for stream, command in step.items():
            if isinstance(refused := decide(command, when, unit.state(stream)), Refusal):
                log.info("policy refused", policy=POLICY, stream=stream, code=refused.code)
                return
        for stream, command in step.items():
            unit.decide(stream, command, when, origin)

    def _stream(self, incident: IncidentRef) -> str:
        return self.aggregate.stream(incident.id)


def _origin(message: Message) -> Origin:
    return Origin(
        actor=ACTOR.name,
        role=ACTOR.role,
        correlation=message.correlation,
        causation=message.id,
        policy=POLICY,
        depth=message.depth + 1,
        trace=message.trace,
    )


def waves(
    aggregate: Aggregate[IncidentCommand, State, IncidentEvent], policy: ProcessPolicy
) -> Subscription:
    """The subscription of incidents to what is reported beside them."""
    ignored = (CODEC.stored_names | IMPORTS.stored_names) - HANDLED
    topics = [events_topic("incident")]
    return Subscription(POLICY, topics, HANDLED, ignored, Waves(aggregate, policy))
