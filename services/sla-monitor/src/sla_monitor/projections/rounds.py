"""Many rows in few round trips."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from deskstream.database import Connection


class Change(NamedTuple):
    """A statement that concerns the rows of one stream, and its arguments."""

    stream: str
    sql: str
    values: Sequence[object]


async def carry_out(connection: Connection, changes: Iterable[Change]) -> None:
    """Those of a stream in their order, and like ones of many streams together."""
    seen = Counter[str]()
    rounds: dict[tuple[int, str], list[Sequence[object]]] = {}
    for stream, sql, values in changes:
        seen[stream] += 1
        rounds.setdefault((seen[stream], sql), []).append(values)
    for (_, sql), rows in sorted(rounds.items(), key=lambda one: one[0][0]):
        await connection.executemany(sql, rows)
