"""The rows of an audit log: which ticket each is about, and when it was written."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from pathlib import Path
from sys import intern
from zoneinfo import ZoneInfo

from deskstream_platform.errors import PlatformError
from deskstream_platform.replay.errors import UnreadableRow
from deskstream_platform.replay.log_file import Line, lines_of
from deskstream_platform.replay.mapping import ISO, LogMapping, Time


@dataclass(frozen=True, slots=True)
class Row:
    """What was written about a ticket at a moment, as far as the mapping reads it."""

    line: int
    number: str
    at: datetime
    opened_at: datetime
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not told, or not wholly, and why."""

    line: int
    reason: str


def read_rows(path: Path, mapping: LogMapping) -> Iterator[Row | Refused]:
    """The rows of a log, in the order of the file."""
    lines = lines_of(path, mapping.file)
    header = next(islice(lines, 1), None)
    if header is None:
        raise PlatformError(f"{path} is empty; a log begins with the names of its columns.")
    reading = _Reading(path, header.cells, mapping)
    for line in lines:
        try:
            yield reading.row(line)
        except UnreadableRow as fault:
            yield Refused(line.number, str(fault))


class _Reading:
    """Reads rows under a header."""

    def __init__(self, path: Path, header: Sequence[str], mapping: LogMapping) -> None:
        names = [name.strip() for name in header]
        self._width = len(names)
        self._ticket = mapping.ticket
        self._columns = sorted(mapping.columns)
        _refuse_missing(path, names, self._columns)
        # One column alone would be picked as a text, not as a tuple of one.
        self._pick = itemgetter(*map(names.index, self._columns), 0)
        self._silent = mapping.file.empty
        self._moment = _moments(mapping.time)

    def row(self, line: Line) -> Row:
        self._refuse_broken(line)
        said = {
            column: "" if text in self._silent else intern(text)
            for column, text in zip(
                self._columns, map(str.strip, self._pick(line.cells)), strict=False
            )
        }
        ticket = self._ticket
        if not said[ticket.number]:
            raise UnreadableRow(f"{ticket.number} is empty, so it is about no ticket.")
        at = self._time(said, ticket.at)
        opened = bool(ticket.opened_at and said[ticket.opened_at])
        opened_at = self._time(said, ticket.opened_at or ticket.at) if opened else at
        return Row(line.number, said[ticket.number], at, opened_at, said)

    def _time(self, said: Mapping[str, str], column: str) -> datetime:
        try:
            return self._moment(said[column])
        except ValueError as error:
            raise UnreadableRow(f"{column} is {said[column]!r}: {error}.") from error

    def _refuse_broken(self, line: Line) -> None:
        cells = line.cells
        if line.fault is not None:
            raise UnreadableRow(f"It is no row of cells: {line.fault}.")
        if len(cells) != self._width:
            raise UnreadableRow(f"It has {len(cells)} cells, the header has {self._width}.")
        text = "".join(cells)
        if "\x00" in text:
            raise UnreadableRow("It holds a NUL character.")
        if not text.isascii() and _undecodable(text):
            raise UnreadableRow(
                "It holds bytes that are not written in the encoding of the file;"
                " name another one in [file] of the mapping."
            )


def _undecodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _refuse_missing(path: Path, names: Sequence[str], wanted: Sequence[str]) -> None:
    counts = Counter(names)
    if missing := [name for name in wanted if name not in counts]:
        raise PlatformError(
            f"{path} has no column {', '.join(missing)}, which the mapping reads;"
            f" its columns are {', '.join(names)}."
        )
    if twice := [name for name in wanted if counts[name] > 1]:
        raise PlatformError(f"{path} has more than one column {', '.join(twice)}.")


def _moments(form: Time) -> Callable[[str], datetime]:
    """What turns a written time into an instant, or raises ValueError with what is wrong."""
    zone = ZoneInfo(form.zone) if form.zone else None

    # A minute is often named by many rows.
    @lru_cache(maxsize=100_000)
    def instant(text: str) -> datetime:
        written = _written(text, form.form)
        try:
            return _placed(written, zone)
        except OverflowError:
            raise ValueError("it is too early or too late") from None

    return instant


def _written(text: str, form: str) -> datetime:
    try:
        if form == ISO:
            return datetime.fromisoformat(text)
        return datetime.strptime(text, form)  # noqa: DTZ007  the zone follows
    except ValueError:
        raise ValueError(f"it is no time of the form {form}") from None


def _placed(written: datetime, zone: ZoneInfo | None) -> datetime:
    """An hour that occurs twice means its first pass."""
    if written.tzinfo is not None:
        return written.astimezone(UTC)
    if zone is None:
        raise ValueError("it names no offset, and the mapping names no zone")
    instant = written.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != written:
        raise ValueError(f"there was no such time in {zone.key}, where clocks went forward")
    return instant
