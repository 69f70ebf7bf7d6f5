"""One row an import, and one a step that was refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deskstream.database import Connection
from deskstream.envelope import Recorded
from incident.imports.events import (
    ImportAdvanced,
    ImportBegun,
    ImportEnded,
    ImportEvent,
    StepsTold,
)
from incident.imports.terms import RefusedStep, source_of

BEGIN_IMPORT = "INSERT INTO imports (stream, name, because, begun_at) VALUES ($1, $2, $3, $4)"
COUNT_STEPS = """
UPDATE imports SET done = done + $2, refused = refused + $3 WHERE stream = $1
RETURNING refused - $3
"""
REFUSE_STEP = """
INSERT INTO refused_steps (stream, import, nth, ticket, sequence, code, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
ADVANCE_IMPORT = "UPDATE imports SET frontier = $2 WHERE stream = $1"
END_IMPORT = "UPDATE imports SET ended_at = $2 WHERE stream = $1"
SAY = "SELECT source_told($1, $2, $3, $4)"


@dataclass(frozen=True)
class ImportRows:
    """One row an import and one a refused step; and how far each source of events has come."""

    name: str = "imports"
    tables: tuple[str, ...] = ("imports", "refused_steps", "sources", "frontiers")

    async def apply(self, connection: Connection, events: Sequence[Recorded[ImportEvent]]) -> None:
        """Take the events in, one by one: each stands for a whole batch of steps."""
        for event in events:
            match event.fact:
                case ImportBegun(name=name, because=because):
                    begun = (event.stream, name, because, event.occurred_at)
                    await connection.execute(BEGIN_IMPORT, *begun)
                    await self._say(connection, event)
                case StepsTold(done=done, refused=refused):
                    before = await connection.fetchval(
                        COUNT_STEPS, event.stream, done, len(refused)
                    )
                    rows = enumerate(refused, start=before + 1)
                    told = [_refused_row(event.stream, nth, step) for nth, step in rows]
                    await connection.executemany(REFUSE_STEP, told)
                case ImportAdvanced(frontier=frontier):
                    await connection.execute(ADVANCE_IMPORT, event.stream, frontier)
                    await self._say(connection, event, frontier)
                case ImportEnded():
                    await connection.execute(END_IMPORT, event.stream, event.occurred_at)
                    await self._say(connection, event)

    async def _say(
        self,
        connection: Connection,
        event: Recorded[ImportEvent],
        frontier: datetime | None = None,
    ) -> None:
        source, ended = source_of(event.stream), isinstance(event.fact, ImportEnded)
        await connection.execute(SAY, source, frontier, event.recorded_at, ended)


def _refused_row(stream: str, nth: int, step: RefusedStep) -> tuple[Any, ...]:
    key = f"{stream}/{step.ticket}#{step.sequence}"
    return key, stream, nth, step.ticket, step.sequence, step.code, step.detail
