"""Parties out of files: they are brought in row by row, and what cannot be taken is told."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request, Response
from uuid_utils.compat import uuid7

from catalog.api.once import answer_once, answered_before
from catalog.api.turns import Turns
from catalog.definitions.commands import Define, Redefine
from catalog.definitions.directory import Directory, Entry
from catalog.definitions.facts import Latest
from catalog.definitions.terms import Definition
from catalog.parties.files import RefusedRow, Row, Unreadable, read
from catalog.parties.layouts import LAYOUTS, Layout, PartyKind
from catalog.parties.order import in_order
from catalog.queries import directory_of_parties
from deskstream.aggregate import Aggregate, UnitOfWork, database_time
from deskstream.database import Connection
from deskstream.decider import Fact, Occasion, Refusal, Role
from deskstream.envelope import Origin
from deskstream.gate import WriteGate
from deskstream.http.bodies import View
from deskstream.http.conditions import Ask, Asked
from deskstream.http.permissions import Needs
from deskstream.http.problems import Problem, assert_open
from deskstream.http.routes import Given, Route, held
from deskstream.observe import correlation_id, traceparent

IMPORTER = Needs(Role.OWNER, scope="import")
# Whoever else writes waits for a batch, not for a file; and readers of the feed do too.
BATCH = 200


class RefusedLine(View):
    """A row that was not taken in: the line on which it ends, and why."""

    line: int
    code: str
    detail: str
    field: str | None


class ImportView(View):
    """What became of a file: of its rows, so many were new, said something new, or nothing new."""

    kind: PartyKind
    rows: int
    registered: int
    redefined: int
    unchanged: int
    refused: list[RefusedLine]


@dataclass(frozen=True)
class PartyImport:
    """Brings parties in, a batch of rows at a time, so that nobody waits for a file.

    What was brought in stays if the rest fails: the same file again changes only what is missing.

    Args:
        aggregates: by category.
        wake: tells the relay that there is something to publish.
        gate: closed while the service must not write.
    """

    turns: Turns
    aggregates: Mapping[str, Aggregate[Any, Any, Any]]
    wake: Callable[[], None]
    gate: WriteGate

    async def bring(self, ask: Ask, kind: PartyKind, content: bytes) -> Response:
        """Take in what can be taken of a file."""
        if (answer := await answered_before(self.turns.pool, ask)) is not None:
            return answer
        layout = LAYOUTS[kind]
        try:
            rows, refused = await asyncio.to_thread(read, content, layout)
        except Unreadable as unreadable:
            raise Problem(422, "unreadable-file", str(unreadable), field="body") from None
        ordered = in_order(rows, layout)
        became: Counter[str] = Counter()
        for first in range(0, len(ordered), BATCH):
            batch = await self._bring_batch(ask, layout, ordered[first : first + BATCH])
            became.update(batch.became)
            refused.extend(batch.refused)
        view = _view(kind, became, refused)
        async with self.turns.pool.acquire() as connection, connection.transaction():
            return await answer_once(connection, ask, view)

    async def _bring_batch(self, ask: Ask, layout: Layout, rows: Sequence[Row]) -> "_Batch":
        async with self.turns.take() as connection:
            assert_open(self.gate)
            batch = await _Batch.begin(connection, ask, layout, self.aggregates, rows)
            for row in rows:
                batch.take_in(row)
            await batch.work.save()
        self.wake()
        return batch


@dataclass(frozen=True)
class _Batch:
    """Rows that are taken in together, each seeing what those before it brought."""

    layout: Layout
    directory: Directory
    work: UnitOfWork[Any, Any, Any]
    when: Occasion
    became: Counter[str]
    refused: list[RefusedRow]

    @classmethod
    async def begin(
        cls,
        connection: Connection,
        ask: Ask,
        layout: Layout,
        aggregates: Mapping[str, Aggregate[Any, Any, Any]],
        rows: Sequence[Row],
    ) -> "_Batch":
        cells = {cell for row in rows for cell in row.cells.values()}
        words = {word for cell in cells for word in cell.split()}
        directory = await directory_of_parties(connection, cells | words)
        work = UnitOfWork(aggregates[layout.category], connection)
        entries = (directory.find(layout.category, row.cells[layout.key]) for row in rows)
        await work.load(f"{layout.category}-{entry.id}" for entry in entries if entry)
        when = Occasion(ask.by, await database_time(connection))
        return cls(layout, directory, work, when, Counter(), [])

    def take_in(self, row: Row) -> None:
        """Note what becomes of a row."""
        handle = row.cells[self.layout.key]
        there = self.directory.find(self.layout.category, handle)
        if there is not None and not there.standing:
            detail = f"“{handle}” is retired; a new version over HTTP brings it back."
            self._refuse(row, Refusal("retired", detail, self.layout.key))
            return
        identity = uuid7() if there is None else there.id
        decided = self._decide(row, identity, new=there is None)
        if isinstance(decided, Refusal):
            self._refuse(row, decided)
        else:
            became = "registered" if there is None else "redefined" if decided else "unchanged"
            self.became[became] += 1

    def _decide(self, row: Row, identity: UUID, *, new: bool) -> Sequence[Fact] | Refusal:
        stream = f"{self.layout.category}-{identity}"
        if new:
            self.work.begin(stream)
        state: Latest[Definition] | None = self.work.state(stream)
        before = None if state is None else state.definition
        told = self.layout.read(row.cells, self.directory, before)
        if isinstance(told, Refusal):
            return told
        found = self.directory.surroundings(self.layout.category, identity, told)
        make = Define[Definition] if new else Redefine[Definition]
        command = make(definition=told, surroundings=found)
        decided = self.work.decide(stream, command, self.when, self._origin)
        if not isinstance(decided, Refusal):
            entry = Entry(identity, told.above)
            self.directory.note(self.layout.category, row.cells[self.layout.key], entry)
        return decided

    def _refuse(self, row: Row, why: Refusal) -> None:
        self.refused.append(RefusedRow(row.line, why))

    @property
    def _origin(self) -> Origin:
        by = self.when.by
        return Origin(by.name, by.role, correlation_id(), trace=traceparent())


def _view(kind: PartyKind, became: Counter[str], refused: Sequence[RefusedRow]) -> ImportView:
    lines = [
        RefusedLine(line=line, code=why.code, detail=why.detail, field=why.field)
        for line, why in sorted(refused)
    ]
    counts = {name: became[name] for name in ("registered", "redefined", "unchanged")}
    return ImportView(kind=kind, rows=became.total() + len(lines), refused=lines, **counts)


async def _only_csv(request: Request) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
        detail = "Send the file with the header Content-Type: text/csv."
        raise Problem(422, "not-csv", detail, field="Content-Type")


routes = APIRouter(tags=["parties"], route_class=Route)
Importing = Annotated[PartyImport, held("party_import")]


@routes.post("/parties/import", dependencies=[IMPORTER], response_model=ImportView)
async def import_parties(
    kind: Annotated[PartyKind, Query(description="What the file is about.")],
    body: Annotated[bytes, Body(media_type="text/csv")],
    asked: Asked,
    importing: Importing,
    _: Annotated[None, Given(_only_csv)],
) -> Response:
    """Bring in a file of parties; the same file again changes nothing.

    CSV in UTF-8 with a header, separated by commas or semicolons. Its columns: of organisations
    key, name, kind, and parent; of people login, name, organisation, and manager, vip, language,
    email, phone; of groups key, name, and members, lead, on_call, calendar. Parties are named by
    their logins and keys, calendars by their names, members with spaces between.
    """
    return await importing.bring(asked, kind, body)
