"""One row an incident."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deskstream.database import Connection
from deskstream.envelope import Recorded
from incident.events import IncidentEvent
from incident.events.triage import IncidentLogged
from incident.projections.clocks import FROM_CLOCKS, ONE_FROM_CLOCKS
from incident.projections.columns import Added, Removed, beginning, changes

Row = Mapping[str, object]


@dataclass(frozen=True)
class IncidentRows:
    """One row an incident."""

    name: str = "incidents"
    tables: tuple[str, ...] = ("incidents",)

    async def apply(
        self, connection: Connection, events: Sequence[Recorded[IncidentEvent]]
    ) -> None:
        """Take the events in: those of a stream in order, and like ones of many together."""
        seen = Counter[str]()
        rounds: dict[tuple[int, str], list[Sequence[object]]] = {}
        for event in events:
            seen[event.stream] += 1
            statement, values = _statement(event)
            rounds.setdefault((seen[event.stream], statement), []).append(values)
        for (_, statement), rows in sorted(rounds.items(), key=_round):
            await connection.executemany(statement, rows)


def _round(one: tuple[tuple[int, str], object]) -> int:
    return one[0][0]


def _statement(event: Recorded[IncidentEvent]) -> tuple[str, Sequence[object]]:
    columns = {"stream": event.stream, "updated_at": event.recorded_at}
    if isinstance(event.fact, IncidentLogged):
        return _insert(columns | beginning(event.fact))
    return _update(columns | changes(event.fact))


def _insert(row: Row) -> tuple[str, Sequence[object]]:
    names = ", ".join((*row, *FROM_CLOCKS))
    told = (ONE_FROM_CLOCKS.format(one) for one in FROM_CLOCKS.values())
    places = ", ".join((*(f"${nth}" for nth in range(1, len(row) + 1)), *told))
    statement = (
        f"INSERT INTO incidents ({names}) VALUES ({places})"  # noqa: S608  names from the code above
        " ON CONFLICT (stream) DO NOTHING"
    )
    return statement, list(row.values())


def _update(row: Row) -> tuple[str, Sequence[object]]:
    places = ", ".join(_place(*column, nth) for nth, column in enumerate(row.items(), start=1))
    values = [one.element if isinstance(one, Added | Removed) else one for one in row.values()]
    return f"UPDATE incidents SET {places} WHERE stream = $1", values  # noqa: S608  names from the code above


def _place(column: str, value: object, nth: int) -> str:
    match value:
        case Added():
            return f"{column} = array_append(array_remove({column}, ${nth}), ${nth})"
        case Removed():
            return f"{column} = array_remove({column}, ${nth})"
        case _:
            return f"{column} = ${nth}"
