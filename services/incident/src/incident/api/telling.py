"""Histories told step by step: each batch in few transactions, and every step once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from deskstream.http.problems import assert_open, busy, not_found
from deskstream.numbers import Numbers
from deskstream.observe import correlation_id, traceparent
from deskstream.retry import Backoff
from deskstream.store import VersionConflict
from incident.api.catalogue import Catalogue
from incident.api.steps import AnyStep, Log, Outcome, commands_of
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
SELECT DISTINCT ON (stream) stream, causation FROM events
WHERE stream = ANY($1) AND starts_with(causation, $2) AND policy IS NULL
ORDER BY stream, version DESC
"""
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

    async def tell(self, by: Principal, identity: UUID, steps: Sequence[AnyStep]) -> list[Outcome]:
        """Tell these steps, in their order.

        Raises:
            Problem: there is no such import, or one names what the catalogue has not told of yet.
        """
        assert_open(self.imports.gate)
        tables = await self._tables(steps)
        outcomes: list[Outcome] = []
        stream = self.imports.aggregate.stream(identity)
        for first in range(0, len(steps), AT_ONCE):
            some = steps[first : first + AT_ONCE]
            numbers = {step.ticket: await self.numbers.draw() for step in some if _opens(step)}
            chunk = _Chunk(self, by, identity, stream, some, tables, numbers)
            async with self.imports.turns.take(stream):
                outcomes += await chunk.tell()
        return outcomes

    async def _tables(self, steps: Sequence[AnyStep]) -> PriorityTables:
        reports = [step.fields for step in steps if isinstance(step, Log | TakenOver)]
        named = dict.fromkeys((report.organisation, report.service) for report in reports)
        for organisation, service in named:
            await self.catalogue.knowing(organisation=organisation, service=service)
        return (await self.catalogue.directory()).tables


def _opens(step: AnyStep) -> bool:
    return isinstance(step, Log | TakenOver)


@dataclass
class _Chunk:
    """Steps that are told in one transaction."""

    telling: Telling
    by: Principal
    identity: UUID
    stream: str
    steps: Sequence[AnyStep]
    tables: PriorityTables
    numbers: Mapping[str, str]

    async def tell(self) -> list[Outcome]:
        """Attempt until nobody else was first: another importer, or a policy."""
        backoff = Backoff(first=0.01, longest=0.5)
        desk = self.telling.imports
        for _ in range(ATTEMPTS):
            try:
                async with desk.pool.acquire() as connection, connection.transaction():
                    outcomes = await self._attempt(connection)
            except (VersionConflict, asyncpg.DeadlockDetectedError):
                await backoff.pause()
            else:
                desk.wake()
                return outcomes
        raise busy("Too many tell the same. Please try again.", 409, "contended")

    async def _attempt(self, connection: Connection) -> list[Outcome]:
        """The import comes first: whoever tells the same meanwhile moves it, and this is void."""
        history = UnitOfWork(self.telling.imports.aggregate, connection)
        await history.load([self.stream])
        state = history.state(self.stream)
        if state is None:
            raise not_found()
        now = await database_time(connection)
        record = await _Record.read(connection, self)
        unit = UnitOfWork(self.telling.incidents, connection)
        await unit.load(map(self.stream_of, self.steps))
        outcomes = [self._step(unit, state, record, step, now) for step in self.steps]
        await unit.save()
        if state.ended_at is None:
            done = sum(one.outcome == "done" for one in outcomes)
            noted = NoteSteps(done=done, refused=tuple(record.newly_refused))
            origin = Origin(self.by.name, self.by.role, correlation_id(), trace=traceparent())
            history.decide(self.stream, noted, Occasion(self.by, now), origin)
            await history.save()
        return outcomes

    def stream_of(self, step: AnyStep) -> str:
        """The same for the same ticket of the same import, so that there is never a second."""
        return self.telling.incidents.stream(uuid5(self.identity, step.ticket))

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
        stream, source = self.stream_of(step), source_of(self.stream)
        origin = Origin(
            step.by,
            self.by.role,
            f"{source}/{step.ticket}",
            causation=str(StepId(source, step.ticket, step.sequence)),
            source=source,
            reason=f"It was imported: {state.name}",
        )
        when = Occasion(self.by, step.at, step.at)
        commands = commands_of(step, self.numbers.get(step.ticket, ""), self.tables)
        if len(commands) > 1 and (refusal := self._refusal(commands, when, unit.state(stream))):
            return refusal
        decided = [unit.decide(stream, command, when, origin) for command in commands]
        return next((one for one in decided if isinstance(one, Refusal)), any(decided))

    def _refusal(
        self, commands: Sequence[IncidentCommand], when: Occasion, state: State
    ) -> Refusal | None:
        """Why not all of them can be carried out: a step is done as a whole, or not at all."""
        decider = self.telling.incidents.decider
        for command in commands:
            decided = decider.decide(command, when, state)
            if isinstance(decided, Refusal):
                return decided
            state = decider.fold(decided, state)
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
        streams = {chunk.stream_of(step) for step in chunk.steps}
        source = source_of(chunk.stream)
        told = await connection.fetch(LAST_TOLD, list(streams), f"{source}/")
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
