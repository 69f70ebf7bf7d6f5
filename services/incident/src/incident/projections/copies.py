"""Local copies of what the catalogue defines."""

import json
from collections.abc import Sequence
from uuid import UUID

from deskstream.cloudevent import Message
from deskstream.database import Connection
from incident.foreign import CATALOG, MatrixRetired, MatrixSet

EVERYONES = UUID(int=0)
# A version that brings it back comes after, and has no end, though this be told again.
MATRIX_RETIRED = """
UPDATE priority_matrices SET ends_at = $2
WHERE customer = $1 AND ends_at IS NULL AND told_in < $3
"""


async def copy_catalog(connection: Connection, messages: Sequence[Message]) -> None:
    """Keep the matrices, and the names of services and organisations."""
    for message in messages:
        kind, _, identity = message.stream.partition("-")
        fact = CATALOG.decode(message.type, message.body, message.occurred_at)
        if isinstance(fact, MatrixRetired):
            ended = _customer(identity), fact.ends_at, message.version
            await connection.execute(MATRIX_RETIRED, *ended)
        elif isinstance(fact, MatrixSet):
            await connection.execute(
                "INSERT INTO priority_matrices"
                " (customer, version, effective_from, told_in, priorities)"
                " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                fact.definition.customer or "",
                fact.version,
                fact.effective_from,
                message.version,
                json.dumps(fact.definition.priorities),
            )
        else:
            await connection.execute(
                "INSERT INTO known_versions (kind, id, version, effective_from, name, parent)"
                " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                kind,
                identity,
                fact.version,
                fact.effective_from,
                fact.definition.name,
                fact.definition.parent,
            )


def _customer(matrix: str) -> str:
    """Whose the matrix of this id is: its own customer's, or everyone's."""
    return "" if UUID(matrix) == EVERYONES else matrix
