"""The clocks of the incidents, as far as lists show them: what is due when, and what is at risk."""

from collections.abc import Sequence
from typing import Any, Final, assert_never

from deskstream.cloudevent import Message
from deskstream.database import Connection
from deskstream.operating.rebuild import REBUILD_LOCK
from incident.foreign import (
    CLOCK_COURSES,
    OWN_TICKETS,
    ClockBreachCorrected,
    ClockBreached,
    ClockCourse,
    ClockEnded,
    ClockMoved,
    ClockRefolded,
    ClockWarned,
)

KEEP: Final = """
INSERT INTO clocks (ticket, target, cycle{names}) VALUES ($1, $2, $3{places})
ON CONFLICT (ticket, target, cycle) DO UPDATE SET {changes}
"""
# What the row of an incident says of its clocks.
FROM_CLOCKS: Final = {
    "due_at": "min(due_at) FILTER (WHERE is_open)",
    "at_risk": "coalesce(bool_or(is_open AND warned AND NOT breached), false)",
}
ONE_FROM_CLOCKS: Final = "(SELECT {} FROM clocks WHERE ticket = $1)"
SHOW: Final = f"""
UPDATE incidents r SET due_at = told.due_at, at_risk = told.at_risk FROM (
    SELECT {", ".join(f"{what} AS {name}" for name, what in FROM_CLOCKS.items())}
    FROM clocks WHERE ticket = $1
) AS told
WHERE r.stream = $1 AND (r.due_at, r.at_risk) IS DISTINCT FROM (told.due_at, told.at_risk)
"""  # noqa: S608  made of constants


async def copy_clocks(connection: Connection, messages: Sequence[Message]) -> None:
    """Keep the clocks."""
    for event in _own(messages):
        columns = changes(event)
        sql = KEEP.format(
            names="".join(f", {name}" for name in columns),
            places="".join(f", ${nth}" for nth in range(4, 4 + len(columns))),
            changes=", ".join(f"{name} = excluded.{name}" for name in columns),
        )
        await connection.execute(sql, event.ticket, event.target, event.cycle, *columns.values())


async def copy_and_show_clocks(connection: Connection, messages: Sequence[Message]) -> None:
    """Keep the clocks, and show them in the rows of their incidents.

    Not while rows are made anew: a row that was made before would miss what is told meanwhile.
    """
    await connection.execute("SELECT pg_advisory_xact_lock_shared($1)", REBUILD_LOCK)
    await copy_clocks(connection, messages)
    # In the order in which commands take them too, so that neither waits for the other.
    for ticket in sorted({event.ticket for event in _own(messages)}):
        await connection.execute(SHOW, ticket)


def _own(messages: Sequence[Message]) -> list[ClockCourse]:
    told = (CLOCK_COURSES.decode(one.type, one.body, one.occurred_at) for one in messages)
    return [event for event in told if event.ticket.startswith(OWN_TICKETS)]


def changes(event: ClockCourse) -> dict[str, Any]:
    """What is kept of a clock's event."""
    match event:
        case ClockMoved(due_at=due_at):
            return {"due_at": due_at, "is_open": True}
        case ClockRefolded(due_at=due_at, phase=phase):
            return {"due_at": due_at, "is_open": phase in {"running", "paused"}}
        case ClockEnded():
            return {"is_open": False}
        case ClockWarned():
            return {"warned": True}
        case ClockBreached():
            return {"breached": True}
        case ClockBreachCorrected():
            return {"breached": False}
        case _:
            assert_never(event)
