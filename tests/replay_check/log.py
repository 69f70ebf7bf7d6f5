"""The ServiceNow log as it is published, row by row."""

import csv
import gzip
import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

RESOLVED, CLOSED = "Resolved", "Closed"
ENDED = (RESOLVED, CLOSED)
ON_HOLD = "Awaiting"
UNEXPLAINED = "-100"
UNKNOWN = "?"

Cells = Mapping[str, str]


def read_log(path: Path) -> dict[str, list[Cells]]:
    """The rows of each incident, in the order of the file; `line` is where a row stands there."""
    incidents: dict[str, list[Cells]] = {}
    reader = csv.DictReader(io.StringIO(_text(path)))
    for cells in reader:
        row = {**cells, "line": str(reader.line_num)}
        incidents.setdefault(cells["number"], []).append(row)
    return incidents


def _text(path: Path) -> str:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return archive.read(archive.namelist()[0]).decode()
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode()


@cache
def moment(text: str) -> int:
    """A time of the log in seconds since 1970; it names no zone, so UTC."""
    return int(datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC).timestamp())


def in_time_order(rows: Iterable[Cells]) -> list[Cells]:
    """The rows that can be explained; those of one minute as the file lists them."""
    explained = (row for row in rows if row["incident_state"] != UNEXPLAINED)
    return sorted(explained, key=lambda row: moment(row["sys_updated_at"]))
