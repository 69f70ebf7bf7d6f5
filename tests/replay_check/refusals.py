"""What the process refused of a log, by its report, and the rows as if that had never been said.

A cell that was refused says what the row before said, and so do the rows after it until they say
something else: what stays as it is, is not told again.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from log import Cells, in_time_order

STATES = ("start", "hold", "resume", "resolve", "reopen", "close", "cancel")
COLUMNS = {
    "assign": "assignment_group",
    "prioritise": "priority",
    **dict.fromkeys((*STATES, "state"), "incident_state"),
}
OPENINGS = {"log", "import"}
ROW = "row"
STEP = re.compile(r"\S+, (\w+): ")
NO_WAY = "the process knows no way from there"


def read_refusals(report: Path) -> dict[str, set[str]]:
    """What was refused of each line: a kind of step, the state, or the whole row."""
    found: dict[str, set[str]] = defaultdict(set)
    with report.open(newline="") as file:
        for refused in csv.DictReader(file):
            found[refused["line"]].add(_what(refused["reason"]))
    return found


def _what(reason: str) -> str:
    if step := STEP.match(reason):
        return step[1]
    return "state" if NO_WAY in reason else ROW


def refused_of(rows: Sequence[Cells], refusals: Mapping[str, set[str]]) -> list[str]:
    """What was refused of these rows, but for those that nothing explains anyway."""
    kinds = (refusals.get(row["line"], ()) for row in in_time_order(rows))
    return sorted({kind for some in kinds for kind in some})


def without(rows: Sequence[Cells], refusals: Mapping[str, set[str]]) -> list[Cells]:
    """The rows of an incident as if that had not been said; none if not even its opening was."""
    taken: list[Cells] = []
    silenced: dict[str, str] = {}
    for row in in_time_order(rows):
        refused = refusals.get(row["line"], set())
        if ROW in refused:
            continue
        if not taken:
            if refused & OPENINGS:
                return []
            taken.append(row)
            continue
        silenced = {column: said for column, said in silenced.items() if row[column] == said}
        silenced |= {column: row[column] for column in map(COLUMNS.__getitem__, refused)}
        taken.append({**row, **{column: taken[-1][column] for column in silenced}})
    return taken
