"""The real log's rows as acts: who asks what of the API, and when.

A row of the log says how an incident stands after an update. What was done is what differs from
the row before: impact and urgency, the group, the state. A row in which none of them changed has
nothing to tell here.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import product
from typing import Any, Final

Matrix = Mapping[str, Mapping[str, int]]
"""The priority by impact, then urgency."""

SECONDS_A_DAY: Final = 1.0
DAYS_TOLD: Final = 40
_DAY: Final = timedelta(days=1)
_UNKNOWN: Final = "?"
_UNTITLED: Final = "Nothing said"

_LEVELS: Final = {"1": "high", "2": "medium", "3": "low"}
# What the matrix says of pairs that the log does not hold.
_USUAL: Final[Matrix] = {
    "high": {"high": 1, "medium": 2, "low": 3},
    "medium": {"high": 2, "medium": 3, "low": 4},
    "low": {"high": 3, "medium": 4, "low": 4},
}
_HOLDS: Final[Mapping[str, Mapping[str, str]]] = {
    "Awaiting User Info": {"reason": "awaiting_caller"},
    "Awaiting Problem": {"reason": "awaiting_problem"},
    "Awaiting Vendor": {"reason": "awaiting_supplier"},
    "Awaiting Evidence": {"reason": "other", "text": "Evidence"},
}
_CHANNELS: Final = {"Phone": "phone", "Email": "email", "Self service": "self_service"}


class Deed(StrEnum):
    """What can be asked, by the noun of its path."""

    LOG = ""
    PRIORITISE = "priority"
    ASSIGN = "assignment"
    START = "start"
    HOLD = "hold"
    RESUME = "resumption"
    RESOLVE = "resolution"
    REOPEN = "reopening"
    CLOSE = "closure"


_PRIORITISING: Final = {Deed.LOG, Deed.PRIORITISE}
_ENDS: Final = {"Resolved": Deed.RESOLVE, "Closed": Deed.CLOSE}
# From new to active work starts; the way back has no name here.
_AT_WORK: Final = {"New": None, "Active": Deed.START}


@dataclass(frozen=True, slots=True)
class Row:
    """An update of an incident, as far as it is told.

    Args:
        at: the minute of the update, on the company's own clock.
    """

    number: str
    at: datetime
    by: str
    state: str
    impact: str
    urgency: str
    priority: int
    group: str
    cells: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, cells: Mapping[str, str]) -> "Row":
        """From a row of the log."""
        return cls(
            number=cells["number"],
            at=datetime.strptime(cells["sys_updated_at"], "%d/%m/%Y %H:%M"),  # noqa: DTZ007  the log names no zone
            by=cells["sys_updated_by"],
            state=cells["incident_state"],
            impact=_LEVELS[cells["impact"][0]],
            urgency=_LEVELS[cells["urgency"][0]],
            priority=int(cells["priority"][0]),
            group=cells["assignment_group"],
            cells=cells,
        )

    def known(self, column: str) -> str | None:
        """What a column says, if it says anything."""
        return None if self.cells[column] == _UNKNOWN else self.cells[column]


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody asks of the API.

    Args:
        number: the incident's in the log.
        at: seconds after the tale begins.
        priority: the log's, where the act leads to one.
    """

    number: str
    at: float
    deed: Deed
    by: str
    body: Mapping[str, Any] | None = None
    priority: int | None = None


@dataclass(frozen=True)
class Tale:
    """What of a log is told.

    Args:
        begins: the midnight at which it starts.
        rows: how many are told from, and how many of them change nothing that is told.
        cut: the rows after the last day told, and of how many incidents they are.
        inexpressible: what the process has no words for, with how often.
        leads: who closes incidents in the log, which takes a lead here.
    """

    begins: datetime
    days: int
    acts: Sequence[Act]
    rows: int
    silent: int
    cut: tuple[int, int]
    inexpressible: Mapping[str, int]
    matrix: Matrix
    leads: frozenset[str]

    @property
    def by_incident(self) -> Mapping[str, Sequence[Act]]:
        """The acts on each incident, in order."""
        found: dict[str, list[Act]] = {}
        for act in self.acts:
            found.setdefault(act.number, []).append(act)
        return found

    @property
    def people(self) -> frozenset[str]:
        """Everybody who does something."""
        return frozenset(act.by for act in self.acts)

    @property
    def groups(self) -> frozenset[str]:
        """Every group that is responsible for something."""
        named = (act.body.get("group") for act in self.acts if act.body)
        return frozenset(str(group) for group in named if group)


def translate(cells: Iterable[Mapping[str, str]], days: int = DAYS_TOLD) -> Tale:
    """The tale of the first days of a log."""
    rows = sorted(map(Row.of, cells), key=lambda row: row.at)
    begins = rows[0].at.replace(hour=0, minute=0)
    told = [row for row in rows if row.at < begins + days * _DAY]
    cut = rows[len(told) :]
    matrix = matrix_of(rows)
    translation = _Translation(begins, matrix)
    acts = [act for row in told for act in translation.acts(row)]
    return Tale(
        begins=begins,
        days=days,
        acts=acts,
        rows=len(told),
        silent=translation.silent,
        cut=(len(cut), len({row.number for row in cut})),
        inexpressible=translation.inexpressible,
        matrix=matrix,
        leads=frozenset(act.by for act in acts if act.deed is Deed.CLOSE),
    )


def matrix_of(rows: Iterable[Row]) -> Matrix:
    """The priority that each impact and urgency most often has in a log."""
    counts: dict[tuple[str, str], Counter[int]] = {}
    for row in rows:
        counts.setdefault((row.impact, row.urgency), Counter())[row.priority] += 1
    matrix = {impact: dict(row) for impact, row in _USUAL.items()}
    for impact, urgency in product(_LEVELS.values(), repeat=2):
        if (impact, urgency) in counts:
            matrix[impact][urgency] = counts[impact, urgency].most_common(1)[0][0]
    return matrix


class _Translation:
    """Knows the row before of each incident."""

    def __init__(self, begins: datetime, matrix: Matrix) -> None:
        self._begins = begins
        self._matrix = matrix
        self._before: dict[str, Row] = {}
        self.silent = 0
        self.inexpressible: Counter[str] = Counter()

    def acts(self, row: Row) -> Sequence[Act]:
        """What the row tells, in the order in which it can be done."""
        before = self._before.get(row.number)
        self._before[row.number] = row
        if row.priority != self._matrix[row.impact][row.urgency]:
            pair = f"{row.impact} impact with {row.urgency} urgency"
            self.inexpressible[f"priority {row.priority} for {pair}"] += 1
        acts = list(self._opening(row) if before is None else self._changes(before, row))
        self.silent += not acts
        return acts

    def _opening(self, row: Row) -> Iterator[Act]:
        yield self._act(row, Deed.LOG, _report(row))
        yield from self._move("New", row)

    def _changes(self, before: Row, row: Row) -> Iterator[Act]:
        if (before.impact, before.urgency) != (row.impact, row.urgency):
            judged = {"impact": row.impact, "urgency": row.urgency}
            yield self._act(row, Deed.PRIORITISE, judged)
        if row.group not in {before.group, _UNKNOWN}:
            yield self._act(row, Deed.ASSIGN, {"group": row.group})
        yield from self._move(before.state, row)

    def _move(self, before: str, row: Row) -> Iterator[Act]:
        if row.state == before:
            return
        deed = _deed(before, row.state)
        if deed is None:
            self.inexpressible[f"{before} → {row.state}"] += 1
        else:
            yield self._act(row, deed, _details(deed, row))

    def _act(self, row: Row, deed: Deed, body: Mapping[str, Any] | None) -> Act:
        at = (row.at - self._begins) / _DAY * SECONDS_A_DAY
        leads_to = self._matrix[row.impact][row.urgency] if deed in _PRIORITISING else None
        return Act(row.number, at, deed, row.by, body, leads_to)


def _deed(before: str, after: str) -> Deed | None:
    """What leads from one state of the log to another."""
    if after in _HOLDS:
        return Deed.HOLD
    if after in _ENDS:
        return _ENDS[after]
    if after not in _AT_WORK or before in _AT_WORK:
        return _AT_WORK.get(after)
    return Deed.REOPEN if before in _ENDS else Deed.RESUME


def _report(row: Row) -> Mapping[str, Any]:
    what = ", ".join(filter(None, map(row.known, ("category", "subcategory", "u_symptom"))))
    report = {
        "title": what or _UNTITLED,
        "caller": row.known("caller_id"),
        "category": row.known("category"),
        "channel": _CHANNELS.get(row.cells["contact_type"], "phone"),
        "impact": row.impact,
        "urgency": row.urgency,
        "group": row.known("assignment_group"),
        "external_reference": row.number,
    }
    return {name: value for name, value in report.items() if value is not None}


def _details(deed: Deed, row: Row) -> Mapping[str, Any] | None:
    match deed:
        case Deed.HOLD if row.state == "Awaiting Vendor":
            return {**_HOLDS[row.state], "supplier": row.known("vendor") or "The vendor"}
        case Deed.HOLD:
            return _HOLDS[row.state]
        case Deed.RESOLVE:
            by = row.known("resolved_by") or row.by
            return {"code": "fixed", "text": f"{by}, {row.known('closed_code') or 'no code'}"}
        case Deed.REOPEN:
            return {"reason": f"In the log it is {row.state.lower()} again."}
        case _:
            return None
