"""A file as rows."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from catalog.parties.layouts import Layout
from deskstream.decider import Refusal


class Row(NamedTuple):
    """A party as a file tells of it, and the line on which that ends."""

    line: int
    cells: Mapping[str, str]


class RefusedRow(NamedTuple):
    """A row that is not taken in, and why."""

    line: int
    why: Refusal


class Unreadable(Exception):
    """The file cannot be taken row by row; the message says why."""


def read(content: bytes, layout: Layout) -> tuple[list[Row], list[RefusedRow]]:
    """The rows of a file, and those that cannot be taken.

    Separated by commas, or by semicolons as some spreadsheets do; in UTF-8, with or without a
    byte order mark; any ends of lines.

    Raises:
        Unreadable: nothing of it can be taken.
    """
    table = _Table(content, layout)
    rows: list[Row] = []
    refused: list[RefusedRow] = []
    lines: dict[str, int] = {}
    for line, values in table.rows():
        if why := table.objection(values) or _repeated(lines, table.handle(values)):
            refused.append(RefusedRow(line, why))
            continue
        lines[table.handle(values)] = line
        rows.append(Row(line, table.cells(values)))
    return rows, refused


def _repeated(lines: Mapping[str, int], handle: str) -> Refusal | None:
    if handle not in lines:
        return None
    return Refusal("row-repeated", f"Line {lines[handle]} is about “{handle}” already; keep one.")


class _Table:
    """The cells of a file under the names of its columns."""

    def __init__(self, content: bytes, layout: Layout) -> None:
        self._layout = layout
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            message = f"The file is not in UTF-8: see its byte {error.start}."
            raise Unreadable(message) from None
        first = text.partition("\n")[0]
        delimiter = ";" if ";" in first and "," not in first else ","
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        self._columns = self._header()

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Those that say anything, with their lines."""
        try:
            for values in self._reader:
                stripped = [value.strip() for value in values]
                if any(stripped):
                    yield self._reader.line_num, stripped
        except csv.Error as error:
            message = f"Line {self._reader.line_num} cannot be read: {error}."
            raise Unreadable(message) from None

    def objection(self, values: Sequence[str]) -> Refusal | None:
        """What is wrong with a row whatever it says."""
        if len(values) != len(self._columns):
            detail = f"It has {len(values)} cells, but there are {len(self._columns)} columns."
            return Refusal("row-malformed", detail)
        if any("\0" in value for value in values):
            return Refusal("row-malformed", "It holds a NUL character, which is no text.")
        cells = self.cells(values)
        for column in self._layout.required:
            if not cells[column]:
                return Refusal("cell-missing", f"It says nothing under “{column}”.", column)
        return None

    def handle(self, values: Sequence[str]) -> str:
        """By what the party of a row is found again."""
        return self.cells(values)[self._layout.key]

    def cells(self, values: Sequence[str]) -> dict[str, str]:
        """What a row says, by column."""
        return dict(zip(self._columns, values, strict=True))

    def _header(self) -> list[str]:
        try:
            columns = [name.strip().lower() for name in next(self._reader, [])]
        except csv.Error as error:
            message = f"The header cannot be read: {error}."
            raise Unreadable(message) from None
        known = self._layout.columns
        wrong = [name for name in columns if name not in known or columns.count(name) > 1]
        missing = [name for name in self._layout.required if name not in columns]
        if wrong or missing:
            message = (
                f"The header must name each of {', '.join(self._layout.required)} once, and may "
                f"name {', '.join(self._layout.optional)}; nothing else."
            )
            raise Unreadable(message)
        return columns
