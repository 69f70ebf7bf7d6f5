"""Histories told step by step: each batch in few transactions, and every step once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal, Self
from uuid import UUID, uuid5

import asyncpg

from deskstream.access import Principal
from deskstream.aggregate import Aggregate, UnitOfWork, database_time
from deskstream.database import Connection
from deskstream.decider import Occasion, Refusal
from deskstream.envelope import Origin
from deskstream.http.commanding import Desk
from deskstream.http.conditions import Ask
from deskstream.http.problems import assert_open, busy, not_found
from deskstream.numbers import Numbers
from deskstream.observe import correlation_id, traceparent
from deskstream.retry import Backoff
from deskstream.store import AnsweredBefore, VersionConflict
from incident.api.catalogue import Catalogue
from incident.api.once import answered_before, part_of
from incident.api.step_commands import Ticket, commands_for_both, commands_of, other_ticket
from incident.api.steps import AnyStep, Classify, Log, Outcome, Outcomes
from incident.api.steps import Import as TakenOver
from incident.commands import IncidentCommand
from incident.decider.state import State
from incident.events import IncidentEvent
from incident.imports.commands import ImportCommand, NoteSteps
from incident.imports.decider import ENDED, Import
from incident.imports.events import ImportEvent
from incident.imports.terms import RefusedStep, StepId, source_of
from incident.terms import PriorityTables

AT_ONCE: Final = 250
"""Steps in one transaction: while it runs, the relay waits for it."""
ATTEMPTS: Final = 20
LAST_TOLD: Final = """
SELECT DISTINCT ON (stream) causation
FROM unnest($1::text[], $2::text[]) AS told (stream, step) JOIN events USING (stream)
WHERE regexp_replace(causation, '#\\d+$', '') = told.step AND policy IS NULL
ORDER BY stream, version DESC
"""
# A step of one ticket may change another one, too: of each only its own steps count.
REFUSED: Final = "SELECT ticket, sequence, code, detail FROM refused_steps WHERE stream = ANY($1)"


@dataclass(frozen=True)
class Telling:
    """Takes the steps of histories.

    Args:
        imports: the imports that they belong to.
        incidents: what becomes of them.
        numbers: for the incidents that they log.
        catalogue: what they name has to be known.
    """

    imports: Desk[ImportCommand, Import | None, ImportEvent]
    incidents: Aggregate[IncidentCommand, State, IncidentEvent]
    numbers: Numbers
    catalogue: Catalogue

    async def tell(self, ask: Ask, identity: UUID, steps: Sequence[AnyStep]) -> list[Outcome]:
        """Tell these steps, in their order; if they have a key, with one answer for ever.

        Raises:
            Problem: there is no such import, it is at another version than the caller has seen, or
                one names what the catalogue has not told of yet.
        """
        assert_open(self.imports.gate)
        tables = await self._tables(steps)
        outcomes: list[Outcome] = []
        stream = self.imports.aggregate.stream(identity)
        for nth, first in enumerate(range(0, len(steps), AT_ONCE)):
            some = steps[first : first + AT_ONCE]
            numbers = {step.ticket: await self.numbers.draw() for step in some if _opens(step)}
            # Only what the whole request stands on is the caller's to have seen.
            part = part_of(ask if nth == 0 else replace(ask, if_match=None), nth)
            chunk = _Chunk(self, part, identity, stream, some, tables, numbers)
            async with self.imports.turns.take(stream):
                outcomes += await chunk.tell()
        return outcomes

    async def _tables(self, steps: Sequence[AnyStep]) -> PriorityTables:
        about = [one.fields for one in steps if isinstance(one, Log | TakenOver | Classify)]
        named = dict.fromkeys((one.organisation, one.service) for one in about)
        for organisation, service in named:
            await self.catalogue.knowing(organisation=organisation, service=service)
        return (await self.catalogue.directory()).tables


def _opens(step: AnyStep) -> bool:
    return isinstance(step, Log | TakenOver)


@dataclass
class _Chunk:
    """Steps that are told in one transaction."""

    telling: Telling
    ask: Ask
    identity: UUID
    stream: str
    steps: Sequence[AnyStep]
    tables: PriorityTables
    numbers: Mapping[str, str]

    @property
    def by(self) -> Principal:
        """Who tells it."""
        return self.ask.by

    async def tell(self) -> Sequence[Outcome]:
        """Attempt until nobody else was first: another importer, or a policy."""
        backoff = Backoff(first=0.01, longest=0.5)
        desk = self.telling.imports
        for _ in range(ATTEMPTS):
            if kept := await answered_before(desk.pool, self.ask):
                return Outcomes.model_validate_json(kept.body).outcomes
            try:
                async with desk.pool.acquire() as connection, connection.transaction():
                    outcomes = await self._attempt(connection)
            except (VersionConflict, AnsweredBefore, asyncpg.DeadlockDetectedError):
                await backoff.pause()
            else:
                desk.wake()
                return outcomes
        raise busy("Too many tell the same. Please try again.", 409, "contended")

    async def _attempt(self, connection: Connection) -> Sequence[Outcome]:
        """The import comes first: whoever tells the same meanwhile moves it, and this is void."""
        history = UnitOfWork(self.telling.imports.aggregate, connection)
        await history.load([self.stream])
        state = history.state(self.stream)
        if state is None:
            raise not_found()
        self.ask.require(history.version(self.stream))
        now = await database_time(connection)
        record = await _Record.read(connection, self)
        unit = UnitOfWork(self.telling.incidents, connection)
        await unit.load(self._streams())
        outcomes = [self._step(unit, state, record, step, now) for step in self.steps]
        await unit.save()
        if state.ended_at is None:
            done = sum(one.outcome == "done" for one in outcomes)
            noted = NoteSteps(done=done, refused=tuple(record.newly_refused))
            origin = Origin(self.by.name, self.by.role, correlation_id(), trace=traceparent())
            history.decide(self.stream, noted, Occasion(self.by, now), origin)
        told = Outcomes(outcomes=outcomes).model_dump_json(exclude_none=True)
        await history.save(self.ask.answer(200, {}, told))
        return outcomes

    def _streams(self) -> Iterable[str]:
        for step in self.steps:
            yield self.stream_of(step.ticket)
            if (other := other_ticket(step)) is not None:
                yield self.stream_of(other)

    def stream_of(self, ticket: str) -> str:
        """The same for the same ticket of the same import, so that there is never a second."""
        return self.telling.incidents.stream(uuid5(self.identity, ticket))

    def _step(
        self,
        unit: UnitOfWork[IncidentCommand, State, IncidentEvent],
        state: Import,
        record: "_Record",
        step: AnyStep,
        now: datetime,
    ) -> Outcome:
        known = step.ticket, step.sequence
        if before := record.refused.get(known):
            return _outcome(step, "refused", before)
        if step.sequence <= record.last.get(step.ticket, 0):
            return _outcome(step, "before")
        if state.ended_at is not None:
            return _outcome(step, "refused", ENDED)
        decided = state.objection_to(step.at, now) or self._decide(unit, state, step)
        if isinstance(decided, Refusal):
            record.refuse(step, decided)
            return _outcome(step, "refused", decided)
        if not decided:
            return _outcome(step, "unchanged")
        record.last[step.ticket] = step.sequence
        return _outcome(step, "done")

    def _decide(
        self, unit: UnitOfWork[IncidentCommand, State, IncidentEvent], state: Import, step: AnyStep
    ) -> Refusal | bool:
        """As if its time were now, so that every rule holds as it held then; tell if it did any."""
        source = source_of(self.stream)
        origin = Origin(
            step.by,
            self.by.role,
            f"{source}/{step.ticket}",
            causation=str(StepId(source, step.ticket, step.sequence)),
            source=source,
            reason=f"It was imported: {state.name}",
        )
        when = Occasion(self.by, step.at, step.at)
        commands = self._asked(unit, step)
        if isinstance(commands, Refusal):
            return commands
        if len(commands) > 1 and (refusal := self._refusal(commands, when, unit)):
            return refusal
        decided = [unit.decide(stream, command, when, origin) for stream, command in commands]
        return next((one for one in decided if isinstance(one, Refusal)), any(decided))

    def _asked(
        self, unit: UnitOfWork[IncidentCommand, State, IncidentEvent], step: AnyStep
    ) -> Sequence[tuple[str, IncidentCommand]] | Refusal:
        """What it asks, and of which incidents."""
        own, other = step.ticket, other_ticket(step)
        if other is None:
            number = self.numbers.get(own, "")
            return [(self.stream_of(own), one) for one in commands_of(step, number, self.tables)]
        streams = [self.stream_of(ticket) for ticket in (own, other)]
        both = [
            Ticket(uuid5(self.identity, ticket), unit.state(stream))
            for ticket, stream in zip((own, other), streams, strict=True)
        ]
        commands = commands_for_both(step, *both)
        return commands if isinstance(commands, Refusal) else [*zip(streams, commands, strict=True)]

    def _refusal(
        self,
        commands: Sequence[tuple[str, IncidentCommand]],
        when: Occasion,
        unit: UnitOfWork[IncidentCommand, State, IncidentEvent],
    ) -> Refusal | None:
        """Why not all of them can be carried out: a step is done as a whole, or not at all."""
        decider = self.telling.incidents.decider
        states = {stream: unit.state(stream) for stream, _ in commands}
        for stream, command in commands:
            decided = decider.decide(command, when, states[stream])
            if isinstance(decided, Refusal):
                return decided
            states[stream] = decider.fold(decided, states[stream])
        return None


@dataclass
class _Record:
    """What this import has told of the tickets of a chunk.

    Args:
        last: by ticket, the last step that became a fact.
        refused: by ticket and sequence, why a step did not.
        newly_refused: those among them of which nothing is on record yet.
    """

    last: dict[str, int]
    refused: dict[tuple[str, int], Refusal]
    newly_refused: list[RefusedStep] = field(default_factory=list)

    @classmethod
    async def read(cls, connection: Connection, chunk: _Chunk) -> Self:
        """The events themselves say which steps they came of."""
        source = source_of(chunk.stream)
        tickets = {step.ticket for step in chunk.steps}
        streams = {chunk.stream_of(ticket): f"{source}/{ticket}" for ticket in tickets}
        told = await connection.fetch(LAST_TOLD, list(streams), list(streams.values()))
        steps = [StepId.read(row["causation"]) for row in told]
        keys = [f"{chunk.stream}/{one.ticket}#{one.sequence}" for one in chunk.steps]
        refused = await connection.fetch(REFUSED, keys)
        return cls(
            {step.ticket: step.sequence for step in steps},
            {
                (row["ticket"], row["sequence"]): Refusal(row["code"], row["detail"])
                for row in refused
            },
        )

    def refuse(self, step: AnyStep, refusal: Refusal) -> None:
        """For good: told again, it gets the same answer."""
        self.refused[step.ticket, step.sequence] = refusal
        self.newly_refused.append(
            RefusedStep(
                ticket=step.ticket,
                sequence=step.sequence,
                code=refusal.code,
                detail=refusal.detail,
            )
        )


def _outcome(
    step: AnyStep,
    outcome: Literal["done", "unchanged", "before", "refused"],
    refusal: Refusal | None = None,
) -> Outcome:
    code, detail = (refusal.code, refusal.detail) if refusal else (None, None)
    return Outcome(
        ticket=step.ticket, sequence=step.sequence, outcome=outcome, code=code, detail=detail
    )
