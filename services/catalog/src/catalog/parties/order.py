"""The order of rows: nobody before those whom they stand below."""

from collections.abc import Iterator, Mapping, Sequence

from catalog.parties.files import Row
from catalog.parties.layouts import Layout


def in_order(rows: Sequence[Row], layout: Layout) -> list[Row]:
    """The rows, each after the one that it stands below; what goes round stays as it came."""
    by_handle = {row.cells[layout.key]: row for row in rows}
    placed: dict[str, Row] = {}
    for row in rows:
        line = list(_line_up(row, by_handle, placed, layout))
        for one in reversed(line):
            placed.setdefault(one.cells[layout.key], one)
    return list(placed.values())


def _line_up(
    row: Row | None, rows: Mapping[str, Row], placed: Mapping[str, Row], layout: Layout
) -> Iterator[Row]:
    seen: set[str] = set()
    while row is not None and (handle := row.cells[layout.key]) not in seen:
        if handle in placed:
            return
        yield row
        seen.add(handle)
        row = rows.get(row.cells.get(layout.above or "", ""))
