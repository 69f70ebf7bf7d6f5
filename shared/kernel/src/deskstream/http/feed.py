"""A service's events for whoever may see them: pulled page by page, or live."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import asyncpg
import structlog
from fastapi import APIRouter, Header, Query, Response, params
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from deskstream.access import (
    Principal,
    record_restricted_reads,
    sees_internal,
    sees_rows,
    visible_rows,
)
from deskstream.cloudevent import attributes
from deskstream.codec import Codec
from deskstream.database import TRANSIENT, Pool
from deskstream.decider import ASKERS
from deskstream.http.conditions import Look, Reading, json_response
from deskstream.http.limits import OpenStreams
from deskstream.http.lists import LARGEST_PAGE, Limit, next_link
from deskstream.http.problems import Problem
from deskstream.http.routes import held
from deskstream.observe import correlation_id
from deskstream.relay import Horizon

LARGEST_POSITION = 2**63 - 1
# A caller who sees little must not make the database read the whole log for one page.
SPAN = 20_000
HEARTBEAT = 15.0
# How soon a stream notices that it has to end, and how soon one replica sees that another,
# which runs the relay, has moved on.
GLANCE = 0.2
LOOK = 1.0

log = structlog.stdlib.get_logger(__name__)

Position = Annotated[int, Query(ge=0, le=LARGEST_POSITION, description="After this position.")]
LastEventId = Annotated[
    int | None,
    Header(alias="Last-Event-ID", ge=0, le=LARGEST_POSITION, description="Goes before `after`."),
]
_EVENT = {"type": "object", "description": "A CloudEvent 1.0 in structured mode."}
_PAGE = {
    "type": "object",
    "properties": {"events": {"type": "array", "items": _EVENT}, "next": {"type": "integer"}},
    "required": ["events", "next"],
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events after a position, in order.",
        "content": {
            "application/json": {"schema": _PAGE},
            "text/event-stream": {"schema": {"type": "string"}},
        },
    }
}


@dataclass(frozen=True, slots=True)
class Batch:
    """What there is to see of the feed between two positions.

    Args:
        events: position, type and CloudEvent of each.
        reached: the position up to which it was looked through.
        settled: the position up to which it can be.
    """

    events: list[tuple[int, str, str]]
    reached: int
    settled: int

    @property
    def complete(self) -> bool:
        """Whether there is no more for now."""
        return self.reached >= self.settled


@dataclass(frozen=True)
class Feed:
    """The settled events of one service, by the same rule of access as its tickets.

    Args:
        codecs: of all its aggregates, to know what is internal.
        table: read model with `access.ROW_COLUMNS`; without one the feed is for staff only.
    """

    pool: Pool
    service: str
    codecs: tuple[Codec[Any], ...]
    table: str | None
    horizon: Horizon
    streams: OpenStreams

    async def serve(
        self, look: Look, after: int, limit: int, last_event_id: int | None = None
    ) -> Response:
        """A page, or a live stream if the caller accepts one."""
        if self.table is None and look.by.role in ASKERS:
            raise Problem(403, "forbidden", "This feed is for staff only.")
        if "text/event-stream" in look.request.headers.get("accept", ""):
            after = after if last_event_id is None else last_event_id
            batch = await self.read(look.by, after, LARGEST_PAGE)
            return _Stream(self._live(look.by, batch), self.streams)
        return _page(look, await self.read(look.by, after, limit))

    async def read(self, by: Principal, after: int, limit: int) -> Batch:
        """What the caller may see after a position."""
        async with self.pool.acquire() as connection:
            settled: int = await connection.fetchval("SELECT safe_position FROM relay")
            if after > settled:
                detail = f"The feed has come to {settled}. Start again from a position you have."
                raise Problem(422, "position-unknown", detail, field="after")
            until = min(settled, after + SPAN)
            rows = []
            if after < until:
                hidden = [] if sees_internal(by) else self._internal_types
                sql, arguments = self._query(by)
                rows = await connection.fetch(sql, after, until, limit, hidden, *arguments)
            restricted = {row["stream"] for row in rows if row["restricted"]}
            await record_restricted_reads(connection, by, restricted, "feed", correlation_id())
        reached = rows[-1]["position"] if len(rows) == limit else until
        events = [(row["position"], row["type"], self._cloud_event(row)) for row in rows]
        return Batch(events, reached, settled)

    def _query(self, by: Principal) -> tuple[str, list[Any]]:
        if self.table is None:
            rule, arguments = str(sees_rows(by)).lower(), list[Any]()
            rows, restricted = "events e", "false AS restricted"
        else:
            rule, arguments = visible_rows(by, "r", 5)
            rows = f"events e JOIN {self.table} r ON r.stream = e.stream"
            restricted = "r.restricted"
        sql = f"""
            SELECT e.position, e.stream, e.version, e.type, e.data, e.origin, e.occurred_at,
                   e.recorded_at, {restricted}
            FROM {rows}
            WHERE e.position > $1 AND e.position <= $2 AND e.type <> ALL($4::text[]) AND {rule}
            ORDER BY e.position LIMIT $3
        """  # noqa: S608  its parts are the program's own
        return sql, arguments

    @cached_property
    def _internal_types(self) -> list[str]:
        return [
            name
            for codec in self.codecs
            for name in codec.stored_names
            if codec.type_of(name).internal
        ]

    def _cloud_event(self, row: asyncpg.Record) -> str:
        about = attributes(self.service, row)
        # The data is the very text that was stored.
        return f'{json.dumps(about)[:-1]}, "data": {row["data"]}}}'

    async def _live(self, by: Principal, batch: Batch) -> AsyncIterator[str]:
        """The stream's text, until the token ends or the service stops."""
        yield ": welcome\n\n"
        spoke = time.monotonic()
        while not self._over(by):
            for position, kind, event in batch.events:
                yield f"id: {position}\nevent: {kind}\ndata: {event}\n\n"
            if batch.events:
                spoke = time.monotonic()
            elif time.monotonic() - spoke > HEARTBEAT:
                spoke = time.monotonic()
                yield f": heartbeat\nid: {batch.reached}\n\n"
            try:
                batch = await self._next(by, batch)
            except TRANSIENT as error:
                log.warning("live feed ends: the database is away", error=repr(error))
                return

    async def _next(self, by: Principal, batch: Batch) -> Batch:
        """The batch after this one, as soon as there may be one."""
        until = time.monotonic() + LOOK
        while (
            batch.complete and self.horizon.position <= batch.reached and time.monotonic() < until
        ):
            if self._over(by):
                return Batch([], batch.reached, batch.settled)
            await self.horizon.wait(GLANCE)
        return await self.read(by, batch.reached, LARGEST_PAGE)

    def _over(self, by: Principal) -> bool:
        return self.streams.closed or time.time() >= by.expires_at


def add_feed(routes: APIRouter, needs: params.Depends) -> None:
    """The route `/events`, for those whom `needs` admits. It finds its `Feed` as `feed`."""

    @routes.get("/events", dependencies=[needs], responses=_ANSWERS)
    async def events(
        look: Reading,
        feed: Annotated[Feed, held("feed")],
        after: Position = 0,
        limit: Limit = 50,
        last_event_id: LastEventId = None,
    ) -> Response:
        """Events that the caller may see: a page of them, or a stream that goes on."""
        return await feed.serve(look, after, limit, last_event_id)


class _Stream(StreamingResponse):
    """A live feed that counts as an open stream while it is sent."""

    media_type = "text/event-stream"

    def __init__(self, text: AsyncIterator[str], streams: OpenStreams) -> None:
        super().__init__(text, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._streams.admitted():
            await super().__call__(scope, receive, send)


def _page(look: Look, batch: Batch) -> Response:
    events = ", ".join(event for _, _, event in batch.events)
    headers = {} if batch.complete else {"Link": next_link(look, batch.reached)}
    return json_response(f'{{"events": [{events}], "next": {batch.reached}}}', headers=headers)
