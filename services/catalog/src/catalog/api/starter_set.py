"""The starter set over HTTP: put in what is missing of it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter

from catalog.api.policies import OWNER
from catalog.api.turns import Turns
from catalog.queries import id_of, other_agreements
from catalog.starter import (
    DEMO_AGREEMENT,
    USUAL_AGREEMENT,
    Beginning,
    load_public_holidays,
    starter_set,
)
from deskstream.aggregate import Aggregate, UnitOfWork, database_time
from deskstream.database import Connection, Pool
from deskstream.decider import Occasion, Refusal
from deskstream.envelope import Origin
from deskstream.gate import WriteGate
from deskstream.http.bodies import View
from deskstream.http.conditions import Ask, Asked
from deskstream.http.problems import busy
from deskstream.http.routes import Route, held
from deskstream.observe import correlation_id, traceparent
from deskstream_worktime import tzdata_version

YEARS_BACK, YEARS_AHEAD = 1, 4


class StarterItem(View):
    """One policy of the starter set.

    `refused` says why it could not be put in: something of one's own stands in its way.
    """

    kind: str
    id: UUID
    name: str
    refused: str | None = None


class StarterSetView(View):
    """The starter set, all of which is there but for what was refused."""

    items: list[StarterItem]


@dataclass(frozen=True)
class StarterSet:
    """Puts the starter set in, all at once.

    Args:
        aggregates: by category.
        wake: tells the relay that there is something to publish.
        gate: closed while the service must not write.
    """

    pool: Pool
    turns: Turns
    aggregates: Mapping[str, Aggregate[Any, Any, Any]]
    wake: Callable[[], None]
    gate: WriteGate

    async def apply(self, ask: Ask) -> StarterSetView:
        """Begin the streams that are not there yet; leave the others as they are."""
        if self.gate.reason is not None:
            raise busy(f"Nothing can be written just now: {self.gate.reason}")
        # Not while a transaction is open, which must not be idle for as long as it may take.
        await asyncio.to_thread(load_public_holidays)
        async with (
            self.turns.take(),
            self.pool.acquire() as connection,
            connection.transaction(),
        ):
            when = Occasion(ask.by, await database_time(connection))
            origin = Origin(when.by.name, when.by.role, correlation_id(), trace=traceparent())
            items = [
                await self._begin(connection, beginning, when, origin)
                for beginning in await self._beginnings(connection, when)
            ]
        self.wake()
        return StarterSetView(items=items)

    async def _beginnings(self, connection: Connection, when: Occasion) -> list[Beginning]:
        this_year = when.now.year
        return starter_set(
            when.now,
            years=range(this_year - YEARS_BACK, this_year + YEARS_AHEAD + 1),
            tzdata=tzdata_version(),
            others=await other_agreements(connection, {USUAL_AGREEMENT, DEMO_AGREEMENT}),
        )

    async def _begin(
        self, connection: Connection, beginning: Beginning, when: Occasion, origin: Origin
    ) -> StarterItem:
        stream, command = beginning
        kind = stream.partition("-")[0]
        item = StarterItem(kind=kind, id=id_of(stream), name=command.definition.name)
        work = UnitOfWork(self.aggregates[kind], connection)
        await work.load([stream])
        if work.version(stream):
            return item
        decided = work.decide(stream, command, when, origin)
        if isinstance(decided, Refusal):
            return item.model_copy(update={"refused": decided.detail})
        await work.save()
        return item


routes = APIRouter(tags=["starter set"], route_class=Route)
Starter = Annotated[StarterSet, held("starter")]


@routes.post("/starter-set", dependencies=[OWNER])
async def apply_starter_set(asked: Asked, starter: Starter) -> StarterSetView:
    """Put in what is missing of the starter set; what is there stays as it is."""
    return await starter.apply(asked)
