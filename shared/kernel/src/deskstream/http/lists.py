"""Lists and counts: named filters and sorts, opaque cursors, one rule of rows."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

import asyncpg
from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict

from deskstream.access import Principal, record_restricted_reads, visible_rows
from deskstream.database import Pool
from deskstream.http.bodies import View
from deskstream.http.conditions import Look, json_response
from deskstream.http.problems import Problem
from deskstream.observe import correlation_id

T = TypeVar("T")
LARGEST_PAGE = 200
# For what is asked: a plan for anything is a bad one for much of it. By one process: others cost
# more to begin than a page.
PLANNING = (
    "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL max_parallel_workers_per_gather = 0"
)

Render = Callable[[asyncpg.Record], BaseModel]
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]


class Op(StrEnum):
    """How a filter compares a column with an argument."""

    IS = "= {}"
    ANY_OF = "= ANY({})"
    HAS = "@> ARRAY[{}]"
    FROM = ">= {}"
    BEFORE = "< {}"
    MATCHES = "@@ websearch_to_tsquery('simple', {})"


@dataclass(frozen=True, slots=True)
class Filter:
    """Annotates a field of a query: `title: Annotated[str | None, Filter("r.title")]`."""

    column: str
    op: Op = Op.IS

    def condition(self, _by: Principal, place: str) -> str:
        """The comparison with the argument in this place."""
        return f"{self.column} {self.op.format(place)}"

    def on_page(self, by: Principal, place: str) -> str:
        """The same for the few rows of a page, of many that match."""
        return self.condition(by, place)


@dataclass(frozen=True, slots=True)
class _Where:
    """Conditions of a query, with their arguments kept out of its text."""

    conditions: list[str] = field(default_factory=list)
    arguments: list[Any] = field(default_factory=list)

    def place(self, argument: object) -> str:
        """Where the query's text finds this argument."""
        self.arguments.append(argument)
        return f"${len(self.arguments)}"

    def __str__(self) -> str:
        return " AND ".join(self.conditions)


class Filters(BaseModel):
    """The filters of a collection: a base for its queries. Unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    def asked(self) -> list[tuple[Filter, Any]]:
        """The filters that were given a value."""
        return [
            (mark, value)
            for name, info in type(self).model_fields.items()
            for mark in info.metadata
            if isinstance(mark, Filter) and (value := getattr(self, name)) not in (None, [])
        ]


class ListQuery(Filters):
    """What a list can be asked. A subclass adds filters, and narrows `sort` to its names.

    `sort: Literal["opened", "-opened"] = "-opened"`; a minus turns the order round.
    """

    sort: str
    limit: Limit = 50
    after: Annotated[str | None, Query(max_length=1000, description="Cursor of a page.")] = None


class CountQuery(Filters):
    """What counts can be asked. A subclass adds filters, and narrows `by` to its names."""

    by: str

    def most(self) -> int | None:
        """How many rows are counted at most: the latest. All, unless a subclass says otherwise."""
        return None


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort key: an expression that is never NULL, and its type in PostgreSQL."""

    column: str
    kind: str = "timestamptz"


class Page(View, Generic[T]):
    """One page of a list; `next` is the cursor of the one that follows."""

    items: list[T]
    next: str | None = None


class Count(View):
    """How many there are with one value."""

    value: str | None
    count: int


class Counts(View):
    """How many there are, by the values of a column.

    Attributes:
        complete: whether all were counted; else these are the latest, and there may be more.
    """

    counts: list[Count]
    total: int
    complete: bool


def page_response(look: Look, page: Page[Any]) -> Response:
    """A page with the link to the next one."""
    headers = {} if page.next is None else {"Link": next_link(look, page.next)}
    return json_response(page.model_dump_json(), headers=headers)


def next_link(look: Look, after: object) -> str:
    """The `Link` to the same request further on."""
    url = look.request.url.include_query_params(after=after)
    return f'<{url.path}?{url.query}>; rel="next"'


@dataclass(frozen=True)
class Listing:
    """A read model that can be listed and counted. Its table has `access.ROW_COLUMNS`, alias `r`.

    Args:
        columns: SQL of what the list shows, without the row's stream.
        sorts: by the name that a query's `sort` gives them.
        counts: column by the name that a query's `by` gives it.
        everyone: whoever is let into the route sees all rows; the table has only `stream` then.
        latest: what orders rows by age, if not all are counted.
    """

    table: str
    columns: str
    sorts: Mapping[str, Sort]
    counts: Mapping[str, str] = field(default_factory=dict)
    everyone: bool = False
    latest: str = "r.stream"

    async def page(self, pool: Pool, look: Look, query: ListQuery, render: Render) -> Response:
        """The rows that the caller sees and asked for, one page of them."""
        order = self._order(query)
        where = self._where(look.by, query)
        if query.after is not None:
            where.conditions.append(order.beyond(*map(where.place, order.open(query.after))))
        restricted = "false AS restricted" if self.everyone else "r.restricted"
        # What is sorted is narrow: who matches may be many, of whom few are shown.
        sql = f"""
            SELECT {self.columns}, r.stream, {restricted}, found.key::text AS sort_key
            FROM (SELECT r.stream, {order.sort.column} AS key FROM {self.table} r
                WHERE {where} ORDER BY {order} LIMIT {query.limit + 1}) AS found
            JOIN {self.table} r ON (r.stream, {order.sort.column}) = (found.stream, found.key)
            ORDER BY {order}
        """  # noqa: S608  its parts are the program's own
        rows = await _fetch(pool, sql, where)
        shown = rows[: query.limit]
        secret = [row["stream"] for row in shown if row["restricted"]]
        await record_restricted_reads(pool, look.by, secret, "list", correlation_id())
        following = order.cursor(shown[-1]) if len(rows) > query.limit else None
        return page_response(look, Page[Any](items=[render(row) for row in shown], next=following))

    async def count(self, pool: Pool, look: Look, query: CountQuery) -> Response:
        """How many rows that the caller sees there are, by the column that `query.by` names."""
        where, most = self._where(look.by, query), query.most()
        latest = f"ORDER BY {self.latest} DESC LIMIT {most}" if most else ""
        sql = f"""
            SELECT value, count(*) FROM (SELECT ({self.counts[query.by]})::text AS value
            FROM {self.table} r WHERE {where} {latest}) AS counted GROUP BY 1 ORDER BY 1
        """  # noqa: S608  its parts are the program's own
        counts = [Count(**row) for row in await _fetch(pool, sql, where)]
        total = sum(entry.count for entry in counts)
        told = Counts(counts=counts, total=total, complete=total != most)
        return json_response(told.model_dump_json())

    def _where(self, by: Principal, query: Filters) -> _Where:
        rule, arguments = ("true", []) if self.everyone else visible_rows(by, "r", 1)
        where = _Where([rule], arguments)
        for mark, value in query.asked():
            say = mark.on_page if isinstance(query, ListQuery) else mark.condition
            where.conditions.append(say(by, where.place(value)))
        return where

    def _order(self, query: ListQuery) -> "_Order":
        asked = query.model_dump_json(exclude={"limit", "after"}).encode()
        seal = hashlib.sha256(asked).hexdigest()[:12]
        return _Order(self.sorts[query.sort.removeprefix("-")], query.sort.startswith("-"), seal)


@dataclass(frozen=True, slots=True)
class _Order:
    """An order of rows in which a cursor marks a place. Its seal tells the query it is for."""

    sort: Sort
    descending: bool
    seal: str

    def beyond(self, key: str, stream: str) -> str:
        side = "<" if self.descending else ">"
        return f"(({self.sort.column}), r.stream) {side} ({key}::text::{self.sort.kind}, {stream})"

    def __str__(self) -> str:
        way = "DESC" if self.descending else "ASC"
        return f"({self.sort.column}) {way}, r.stream {way}"

    def cursor(self, row: asyncpg.Record) -> str:
        place = json.dumps([self.seal, row["sort_key"], row["stream"]])
        return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")

    def open(self, cursor: str) -> tuple[str, str]:
        try:
            seal, key, stream = json.loads(base64.urlsafe_b64decode(cursor + "==="))
        except (ValueError, TypeError, RecursionError):
            seal, key, stream = None, None, None
        if seal != self.seal or not isinstance(key, str) or not isinstance(stream, str):
            detail = "This cursor is not of this list, sort and filters. Start without `after`."
            raise Problem(422, "bad-cursor", detail, field="after")
        return key, stream


async def _fetch(pool: Pool, sql: str, where: _Where) -> list[asyncpg.Record]:
    try:
        async with pool.acquire() as connection, connection.transaction(readonly=True):
            await connection.execute(PLANNING)
            return await connection.fetch(sql, *where.arguments)
    except asyncpg.DataError:
        raise Problem(422, "out-of-range", "A filter or the cursor is out of range.") from None
