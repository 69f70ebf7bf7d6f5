"""What changed while somebody was away, for their groups."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

import asyncpg
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from deskstream.access import Principal, visible_rows
from deskstream.database import Pool
from deskstream.envelope import Recorded
from deskstream.http.bodies import View
from deskstream.http.lists import Limit
from deskstream.input import Moment
from deskstream.store import EventStore
from incident.events import IncidentEvent
from incident.queries.listing import INCIDENT_LISTING, IncidentRow

# Those that went to another group meanwhile are told too. Said twice, as in `listing.Choosy`.
CHANGED: Final = """
SELECT {columns}, r.stream FROM incidents r
WHERE {rule} AND r.been_with && {groups}::text[] AND (r.been_with && {groups}::text[]) IS TRUE
    AND (r.updated_at, r.stream) > ({since}::timestamptz, {after}::text)
ORDER BY r.updated_at, r.stream LIMIT {limit}
"""


class HandoverQuery(BaseModel):
    """Since when, and where to go on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Moment
    after: Annotated[
        str, Field(max_length=100, description="`next` of the page before, with its `until`.")
    ] = ""
    limit: Limit = 50


class Change(View):
    """What happened to an incident, in words."""

    at: AwareDatetime
    recorded_at: AwareDatetime
    by: str
    text: str

    @classmethod
    def of(cls, event: Recorded[IncidentEvent]) -> "Change":
        """As the history tells it."""
        told, by = event.fact.in_words(), event.origin.actor
        return cls(at=event.occurred_at, recorded_at=event.recorded_at, by=by, text=told)


class ChangedIncident(View):
    """An incident as it is now, and what happened to it."""

    incident: IncidentRow
    changes: list[Change]


class Handover(View):
    """What changed, the longest ago first. `until` and `next` are `since` and `after` to go on."""

    items: list[ChangedIncident]
    until: AwareDatetime
    next: str | None


async def read_handover(
    pool: Pool, store: EventStore[IncidentEvent], by: Principal, query: HandoverQuery
) -> Handover:
    """The incidents that the caller's groups hold or have held, and what happened to them."""
    rows = await _changed(pool, by, query)
    shown = rows[: query.limit]
    async with pool.acquire() as connection:
        events = await store.load_many(connection, [row["stream"] for row in shown])
    items = [_item(row, events[row["stream"]], query.since) for row in shown]
    until = shown[-1]["updated_at"] if shown else query.since
    more = len(rows) > query.limit
    return Handover(items=items, until=until, next=shown[-1]["stream"] if more else None)


async def _changed(pool: Pool, by: Principal, query: HandoverQuery) -> Sequence[asyncpg.Record]:
    rule, arguments = visible_rows(by, "r", 1)
    first = len(arguments) + 1
    sql = CHANGED.format(
        columns=INCIDENT_LISTING.columns,
        rule=rule,
        groups=f"${first}",
        since=f"${first + 1}",
        after=f"${first + 2}",
        limit=query.limit + 1,
    )
    return await pool.fetch(sql, *arguments, sorted(by.groups), query.since, query.after)


def _item(
    row: asyncpg.Record, events: Sequence[Recorded[IncidentEvent]], since: datetime
) -> ChangedIncident:
    changes = [Change.of(event) for event in events if event.recorded_at >= since]
    return ChangedIncident(incident=IncidentRow.of(row), changes=changes)
