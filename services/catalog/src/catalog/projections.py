"""Read models: every version of every policy, one table a kind."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from catalog.agreements.events import AgreementFact, AgreementTerminated
from catalog.agreements.terms import AgreementDefinition
from catalog.terms import DefiningFact
from deskstream.database import Connection
from deskstream.decider import Fact
from deskstream.envelope import Recorded

END = "UPDATE agreements SET ends_at = $2 WHERE stream = $1"
TERMINATE = "UPDATE agreements SET ends_at = $2, terminated_from = $2 WHERE stream = $1"
IN_FORCE = """
INSERT INTO agreements_in_force (stream, scope, valid)
VALUES ($1, scope_of($2), tstzrange($3, $4))
ON CONFLICT (stream) DO UPDATE SET valid = excluded.valid
"""
NO_LONGER_IN_FORCE = """
UPDATE agreements_in_force SET valid = valid * tstzrange(NULL, $2) WHERE stream = $1
"""


class Versions:
    """The versions of one kind of policy, in the table of its name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tables: tuple[str, ...] = (name,)

    async def apply(self, connection: Connection, events: Sequence[Recorded[Fact]]) -> None:
        """Take these events into the rows."""
        facts = ((event.stream, event.fact) for event in events)
        rows = [_row(stream, fact) for stream, fact in facts if isinstance(fact, DefiningFact)]
        await connection.executemany(
            f"INSERT INTO {self.name} (stream, version, effective_from, name, definition)"  # noqa: S608  one of five constants
            " VALUES ($1, $2, $3, $4, $5)",
            rows,
        )


def _row(stream: str, fact: DefiningFact[Any]) -> tuple[str, int, datetime, str, str]:
    definition = fact.definition
    told = definition.model_dump_json(exclude_none=True)
    return stream, fact.version, fact.effective_from, definition.name, told


class AgreementVersions:
    """The versions of agreements, each with the end that the whole agreement has by now.

    Beside them stands when each is in force: for one kind, customer and service never two at once.
    """

    def __init__(self) -> None:
        self.name = "agreements"
        self.tables: tuple[str, ...] = (self.name, "agreements_in_force")
        self._versions = Versions(self.name)

    async def apply(
        self, connection: Connection, events: Sequence[Recorded[AgreementFact]]
    ) -> None:
        """Take these events into the rows."""
        await self._versions.apply(connection, events)
        for event in events:
            if isinstance(event.fact, AgreementTerminated):
                await connection.execute(TERMINATE, event.stream, event.fact.ends_at)
                await connection.execute(NO_LONGER_IN_FORCE, event.stream, event.fact.ends_at)
            else:
                await self._hold(connection, event.stream, event.fact.definition)

    async def _hold(
        self, connection: Connection, stream: str, agreement: AgreementDefinition
    ) -> None:
        scope = f"{agreement.kind} {agreement.customer} {agreement.service}"
        begins, ends = agreement.valid_from, agreement.valid_until
        await connection.execute(END, stream, ends)
        await connection.execute(IN_FORCE, stream, scope, begins, ends)
