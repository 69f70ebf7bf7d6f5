"""The rows of an audit log as the steps that they tell, in the order in which they happened.

A row says how a ticket stands after an update; what was done is what differs from the row before.
Rows of one moment are taken in the order of the file.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from deskstream_platform.replay.errors import UnreadableRow
from deskstream_platform.replay.mapping import LogMapping, Meaning
from deskstream_platform.replay.rows import Refused, Row
from deskstream_platform.replay.sources import Cells
from deskstream_platform.replay.steps import Kind, Step
from deskstream_platform.replay.ways import Ways, arrival, way
from incident.terms import Impact, Status, Urgency

_LONGEST_TITLE: Final = 200

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Tale:
    """What a log tells.

    Args:
        steps: of all tickets, in the order of time, then of lines.
        refused: by line.
    """

    steps: Sequence[Step]
    refused: Sequence[Refused]
    tickets: int
    rows: int


def tell(rows: Iterable[Row | Refused], mapping: LogMapping) -> Tale:
    """The steps that the rows of a log tell."""
    refused: list[Refused] = []
    lives: dict[str, list[Row]] = {}
    for row in rows:
        if isinstance(row, Refused):
            refused.append(row)
        else:
            lives.setdefault(row.number, []).append(row)
    told = len(refused) + sum(map(len, lives.values()))
    steps: list[Step] = []
    for life in lives.values():
        telling = _Telling(mapping, refused)
        for row in sorted(life, key=lambda row: row.at):
            telling.take(row)
        steps += telling.steps
    steps.sort(key=lambda step: (step.at, step.line, step.sequence))
    refused.sort(key=lambda one: one.line)
    return Tale(steps, refused, tickets=sum(step.sequence == 1 for step in steps), rows=told)


@dataclass(frozen=True, slots=True)
class _View:
    """How a ticket stands according to a row."""

    status: Status
    hold: Fields
    impact: Impact
    urgency: Urgency
    group: str | None
    person: str | None
    about: Fields
    links: frozenset[tuple[str, str]]

    @property
    def judgement(self) -> tuple[Impact, Urgency]:
        return self.impact, self.urgency

    @property
    def holders(self) -> Fields:
        return {"group": self.group, "person": self.person}


class _Telling:
    """Tells the life of one ticket, row by row.

    `_status` is the ticket's in the process, which parts from the log's where there is no way.
    """

    def __init__(self, mapping: LogMapping, refused: list[Refused]) -> None:
        self._mapping = mapping
        self._refused = refused
        self._before: _View | None = None
        self._status = Status.NEW
        self.steps: list[Step] = []

    def take(self, row: Row) -> None:
        """Tell what a row says, or why it cannot be told."""
        try:
            view = self._view(row.cells)
        except UnreadableRow as fault:
            self._refused.append(Refused(row.line, str(fault)))
            return
        if self._before is None:
            self._begin(row, view)
        else:
            self._go_on(row, self._before, view)
        self._before = view

    def _view(self, cells: Cells) -> _View:
        meaning = self._meaning(cells)
        before, judged = self._before, self._mapping.priority
        impact, urgency = judged.impact.said(cells), judged.urgency.said(cells)
        held_by = self._mapping.assignment
        group, person = (before.group, before.person) if before else (None, None)
        return _View(
            status=meaning.state,
            hold=_hold(meaning, cells),
            impact=impact or (before.impact if before else judged.impact.default),
            urgency=urgency or (before.urgency if before else judged.urgency.default),
            group=held_by.group.after(group, cells) if held_by.group else None,
            person=held_by.person.after(person, cells) if held_by.person else None,
            about=self._about(cells, before.about if before else {}),
            links=self._mapping.links.said(cells),
        )

    def _about(self, cells: Cells, before: Fields) -> Fields:
        """What a ticket is about: an empty cell says nothing new."""
        report = self._mapping.report
        sources = {"category": report.category, "service": report.service}
        said = {name: source.of(cells) for name, source in sources.items() if source}
        return {**before, **_known(said)}

    def _meaning(self, cells: Cells) -> Meaning:
        meaning = self._mapping.state.meaning_of(cells)
        if meaning is None:
            said = ", ".join(f"{name} is {cells[name]!r}" for name in self._mapping.state.column)
            raise UnreadableRow(f"{said}, for which the mapping has no state.")
        return meaning

    def _begin(self, row: Row, view: _View) -> None:
        opened_at = min(row.opened_at, row.at)
        known = {**self._report(row.cells), **view.about, **_known(view.holders)}
        fields = {**known, **self._judged(view)}
        self._status = view.status
        if view.status is Status.NEW:
            self._add(row, Kind.LOG, fields, opened_at)
        else:
            standing = {"state": view.status, "opened_at": opened_at, **self._details(row, view)}
            self._add(row, Kind.IMPORT, {**fields, **standing})
        self._link(row, frozenset(), view.links)

    def _go_on(self, row: Row, before: _View, view: _View) -> None:
        moves = list(self._moves(row, before, view))
        # Nothing else can happen to what is over, so it comes back first.
        if moves and moves[0] is Kind.REOPEN:
            self._move(row, view, moves.pop(0))
        if view.judgement != before.judgement:
            self._add(row, Kind.PRIORITISE, self._judged(view))
        if view.about != before.about:
            self._add(row, Kind.CLASSIFY, view.about)
        if view.holders != before.holders:
            self._add(row, Kind.ASSIGN, view.holders)
        self._link(row, before.links, view.links)
        for move in moves:
            self._move(row, view, move)

    def _link(
        self, row: Row, before: frozenset[tuple[str, str]], after: frozenset[tuple[str, str]]
    ) -> None:
        for kind, links in ((Kind.UNLINK, before - after), (Kind.LINK, after - before)):
            for what, number in sorted(links):
                self._add(row, kind, {"kind": what, "to": number})

    def _moves(self, row: Row, before: _View, view: _View) -> Ways:
        if (before.status, before.hold) == (view.status, view.hold):
            return ()
        if self._status is view.status and view.status is not Status.ON_HOLD:
            return ()
        ways = way(self._status, view.status)
        skips = ways == (Kind.RESOLVE, Kind.CLOSE)
        if ways is None or (skips and self._mapping.ending.closed_directly == "refuse"):
            self._refused.append(Refused(row.line, _no_way(row, self._status, view.status)))
            return ()
        self._status = arrival(view.status)
        return ways

    def _move(self, row: Row, view: _View, kind: Kind) -> None:
        ending = self._mapping.ending
        match kind:
            case Kind.HOLD:
                fields: Fields = view.hold
            case Kind.RESOLVE:
                fields = self._resolution(row.cells)
            case Kind.REOPEN:
                fields = {"reason": ending.reopened.of(row.cells)}
            case Kind.CANCEL:
                fields = {"reason": ending.cancelled.of(row.cells)}
            case Kind.CONVERT:
                fields = {"reason": ending.converted.of(row.cells)}
            case _:
                fields = {}
        self._add(row, kind, fields)

    def _details(self, row: Row, view: _View) -> Fields:
        """What belongs to the state in which a ticket begins."""
        match view.status:
            case Status.ON_HOLD:
                return {"hold": view.hold}
            case Status.RESOLVED | Status.CLOSED:
                return {"resolution": self._resolution(row.cells)}
            case Status.CANCELLED:
                return {"cancellation": {"reason": self._mapping.ending.cancelled.of(row.cells)}}
            case Status.CONVERTED:
                return {"conversion": {"reason": self._mapping.ending.converted.of(row.cells)}}
            case _:
                return {}

    def _resolution(self, cells: Cells) -> Fields:
        ending = self._mapping.ending
        return {"code": ending.code.of(cells), "text": ending.text.of(cells)}

    def _report(self, cells: Cells) -> Fields:
        report = self._mapping.report
        description = report.description.of(cells) if report.description else None
        return {
            "title": _headline(report.title.of(cells)),
            "caller": report.caller.of(cells),
            "channel": report.channel.of(cells),
            **_known({"description": description}),
        }

    def _judged(self, view: _View) -> Fields:
        priority = self._mapping.priority.matrix.priority_of(view.impact, view.urgency)
        return {"impact": view.impact, "urgency": view.urgency, "priority": priority}

    def _add(self, row: Row, kind: Kind, fields: Fields, at: datetime | None = None) -> None:
        by = self._mapping.ticket.by.of(row.cells)
        sequence = len(self.steps) + 1
        self.steps.append(Step(row.number, sequence, row.line, at or row.at, kind, by, fields))


def _headline(text: str) -> str:
    return text if len(text) <= _LONGEST_TITLE else f"{text[: _LONGEST_TITLE - 1]}…"


def _hold(meaning: Meaning, cells: Cells) -> Fields:
    if meaning.reason is None:
        return {}
    hold = {
        "reason": meaning.reason,
        "supplier": meaning.supplier and meaning.supplier.of(cells),
        "text": meaning.text and meaning.text.of(cells),
    }
    return _known(hold)


def _known(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if value is not None}


def _no_way(row: Row, before: Status, after: Status) -> str:
    was, wanted = (status.replace("_", " ") for status in (before, after))
    return f"{row.number} is {was}, and the process knows no way from there to {wanted}."
