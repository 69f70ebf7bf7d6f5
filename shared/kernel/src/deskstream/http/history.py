"""One item: as it is, as it was, and how it came to be so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic

from fastapi import Response
from pydantic import BaseModel

from deskstream.access import Holding, Principal, may_see, record_restricted_reads, sees_internal
from deskstream.aggregate import Aggregate
from deskstream.database import Pool
from deskstream.decider import C, E, S
from deskstream.envelope import Recorded
from deskstream.http.bodies import View
from deskstream.http.conditions import Look
from deskstream.http.lists import Page, page_response
from deskstream.http.problems import Problem, not_found
from deskstream.observe import correlation_id


@dataclass(frozen=True, slots=True)
class Shown(Generic[S]):
    """An item that is shown to somebody."""

    identity: str
    state: S
    version: int
    by: Principal


Render = Callable[[Shown[S]], BaseModel]


class Entry(View):
    """One line of an item's history."""

    version: int
    type: str
    at: datetime
    recorded_at: datetime
    by: str
    role: str
    text: str
    reason: str | None = None


@dataclass(frozen=True)
class Archive(Generic[C, S, E]):
    """The streams of one aggregate, for those who may see them.

    Args:
        holding_of: what the rule of access looks at; None where a route's permission is all.
        render: how one is shown.
    """

    pool: Pool
    aggregate: Aggregate[C, S, E]
    holding_of: Callable[[S], Holding] | None
    render: Render[S]

    async def show(self, look: Look, identity: object, as_of: datetime | None = None) -> Response:
        """The item, at present or as it was known at a moment."""
        events = await self.read(look.by, identity, "item")
        if as_of is not None:
            events = [event for event in events if event.recorded_at <= as_of]
            if not events:
                detail = "It did not exist yet at that moment."
                raise Problem(404, "not-yet", detail, field="as_of")
        return look.found(len(events), self.text(self.shown(events, look.by)))

    async def history(
        self, look: Look, identity: object, after: int = 0, limit: int = 50
    ) -> Response:
        """Its events in plain words, in order, from the version after `after`."""
        events = await self.read(look.by, identity, "history")
        internal_too = sees_internal(look.by)
        entries = [
            _entry(event) for event in events[after:] if internal_too or not event.fact.internal
        ]
        more = len(entries) > limit
        following = str(entries[limit - 1].version) if more else None
        return page_response(look, Page[Entry](items=entries[:limit], next=following))

    async def read(self, by: Principal, identity: object, channel: str) -> Sequence[Recorded[E]]:
        """Its events, if there are any and the caller may see them as it is now.

        Raises:
            Problem: 404 in either case.
        """
        stream = self.aggregate.stream(identity)
        async with self.pool.acquire() as connection:
            events = await self.aggregate.store.load(connection, stream)
            holding = self.admit(by, self.aggregate.fold(events), len(events))
            if holding is not None and holding.restricted:
                await record_restricted_reads(connection, by, [stream], channel, correlation_id())
        return events

    def admit(self, by: Principal, state: S, version: int) -> Holding | None:
        """Let the caller near this item, or answer 404."""
        if version == 0:
            raise not_found()
        if self.holding_of is None:
            return None
        holding = self.holding_of(state)
        if not may_see(by, holding):
            raise not_found()
        return holding

    def text(self, shown: Shown[S]) -> str:
        """The JSON of an answer that shows it."""
        return self.render(shown).model_dump_json()

    def shown(self, events: Sequence[Recorded[E]], by: Principal) -> Shown[S]:
        """What there is to show after these events."""
        identity = self.aggregate.identity(events[0].stream)
        return Shown(identity, self.aggregate.fold(events), len(events), by)


def _entry(event: Recorded[Any]) -> Entry:
    return Entry(
        version=event.version,
        type=event.type,
        at=event.occurred_at,
        recorded_at=event.recorded_at,
        by=event.origin.actor,
        role=event.origin.role,
        text=event.fact.in_words(),
        reason=event.origin.reason,
    )
