"""Read models: the latest version of every definition, and what agreements and calendars need."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from catalog.definitions.facts import DefiningFact, DefinitionFact, EndingFact
from deskstream.database import Connection
from deskstream.decider import Fact
from deskstream.envelope import Recorded

DEFINED = """
INSERT INTO definitions
    (stream, kind, name, version, effective_from, definition, above, handle, mentions, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (stream) DO UPDATE SET
    (name, version, effective_from, definition, above, handle, mentions, ends_at, retired_from) =
    (excluded.name, excluded.version, excluded.effective_from, excluded.definition,
     excluded.above, excluded.handle, excluded.mentions, excluded.ends_at, NULL)
"""
ENDED = "UPDATE definitions SET retired_from = $2, ends_at = $2 WHERE stream = $1"
CALENDAR = """
INSERT INTO calendars (stream, version, effective_from, name, definition)
VALUES ($1, $2, $3, $4, $5)
"""
IN_FORCE = """
INSERT INTO agreements_in_force (stream, scope, valid)
VALUES ($1, scope_of($2), tstzrange($3, $4))
ON CONFLICT (stream) DO UPDATE SET valid = excluded.valid
"""
NO_LONGER_IN_FORCE = """
UPDATE agreements_in_force SET valid = valid * tstzrange(NULL, $2) WHERE stream = $1
"""


class Definitions:
    """Everything that is defined, in its latest version: one table for all kinds."""

    name = "definitions"
    tables: tuple[str, ...] = (name,)

    async def apply(
        self, connection: Connection, events: Sequence[Recorded[DefinitionFact]]
    ) -> None:
        """Take these events into the rows."""
        for _, run in groupby(events, lambda event: isinstance(event.fact, EndingFact)):
            facts = [(event.stream, event.fact) for event in run]
            defined = [_row(stream, one) for stream, one in facts if isinstance(one, DefiningFact)]
            ended = [(stream, one.ends_at) for stream, one in facts if isinstance(one, EndingFact)]
            await connection.executemany(DEFINED, defined)
            await connection.executemany(ENDED, ended)


def _row(stream: str, fact: DefiningFact[Any]) -> tuple[object, ...]:
    definition = fact.definition
    return (
        stream,
        stream.partition("-")[0],
        definition.name,
        fact.version,
        fact.effective_from,
        _told(fact),
        definition.above,
        definition.handle and definition.handle.value,
        sorted({str(named.id) for named in definition.references()}),
        definition.expires,
    )


def _told(fact: DefiningFact[Any]) -> str:
    told: str = fact.definition.model_dump_json(exclude_none=True)
    return told


class CalendarVersions:
    """Every version of every calendar: what an agreement needs is the one in force then."""

    name = "calendars"
    tables: tuple[str, ...] = (name,)

    async def apply(self, connection: Connection, events: Sequence[Recorded[Fact]]) -> None:
        """Take these events into the rows."""
        rows = [
            (event.stream, fact.version, fact.effective_from, fact.definition.name, _told(fact))
            for event in events
            if isinstance(fact := event.fact, DefiningFact)
        ]
        await connection.executemany(CALENDAR, rows)


class AgreementsInForce:
    """When agreements are in force; for one scope never two at once."""

    name = "agreements_in_force"
    tables: tuple[str, ...] = (name,)

    async def apply(
        self,
        connection: Connection,
        events: Sequence[Recorded[DefinitionFact]],
    ) -> None:
        """Take these events into the rows."""
        for event in events:
            if isinstance(event.fact, EndingFact):
                await connection.execute(NO_LONGER_IN_FORCE, event.stream, event.fact.ends_at)
            else:
                agreement = event.fact.definition
                begins, ends = agreement.valid_from, agreement.valid_until
                scope = str(agreement.scope)
                await connection.execute(IN_FORCE, event.stream, scope, begins, ends)
