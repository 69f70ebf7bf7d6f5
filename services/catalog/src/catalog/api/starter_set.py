"""The starter set over HTTP: put in what is missing of it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response

from catalog.agreements.commands import Agree
from catalog.agreements.terms import AgreementDefinition
from catalog.api.definitions import OWNER
from catalog.api.once import answer_once, answered_before
from catalog.api.turns import Turns
from catalog.definitions.commands import Define, DefinitionCommand
from catalog.definitions.terms import Definition
from catalog.queries import surroundings, surroundings_of_agreement
from catalog.starter import Beginning, load_public_holidays, starter_set
from deskstream.aggregate import Aggregate, UnitOfWork, database_time
from deskstream.database import Connection
from deskstream.decider import Occasion, Refusal
from deskstream.envelope import Origin
from deskstream.gate import WriteGate
from deskstream.http.bodies import View
from deskstream.http.conditions import Ask, Asked
from deskstream.http.problems import assert_open
from deskstream.http.routes import Route, held
from deskstream.observe import correlation_id, traceparent
from deskstream_worktime import tzdata_version

YEARS_BACK, YEARS_AHEAD = 1, 4


class StarterItem(View):
    """One part of the starter set.

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

    turns: Turns
    aggregates: Mapping[str, Aggregate[Any, Any, Any]]
    wake: Callable[[], None]
    gate: WriteGate

    async def apply(self, ask: Ask) -> Response:
        """Begin the streams that are not there yet; leave the others as they are."""
        # Not while a transaction is open, which must not be idle for as long as it may take.
        await asyncio.to_thread(load_public_holidays)
        async with self.turns.take() as connection:
            assert_open(self.gate)
            if (answer := await answered_before(self.turns.pool, ask)) is not None:
                return answer
            answer = await answer_once(connection, ask, await self._put_in(connection, ask))
        self.wake()
        return answer

    async def _put_in(self, connection: Connection, ask: Ask) -> StarterSetView:
        when = Occasion(ask.by, await database_time(connection))
        this_year = when.now.year
        years = range(this_year - YEARS_BACK, this_year + YEARS_AHEAD + 1)
        beginnings = starter_set(when.now, years, tzdata_version())
        return StarterSetView(
            items=[await self._begin(connection, one, when) for one in beginnings]
        )

    async def _begin(
        self, connection: Connection, beginning: Beginning, when: Occasion
    ) -> StarterItem:
        kind, identity, definition, _ = beginning
        item = StarterItem(kind=kind, id=identity, name=definition.name)
        work = UnitOfWork(self.aggregates[kind], connection)
        await work.load([beginning.stream])
        if work.version(beginning.stream):
            return item
        command = await _command(connection, beginning)
        origin = Origin(when.by.name, when.by.role, correlation_id(), trace=traceparent())
        decided = work.decide(beginning.stream, command, when, origin)
        if isinstance(decided, Refusal):
            return item.model_copy(update={"refused": decided.detail})
        await work.save()
        return item


async def _command(connection: Connection, beginning: Beginning) -> Agree | DefinitionCommand:
    kind, identity, definition, since = beginning
    if isinstance(definition, AgreementDefinition):
        return Agree(
            definition=definition,
            surroundings=await surroundings_of_agreement(connection, identity, definition, since),
        )
    return Define[Definition](
        definition=definition,
        surroundings=await surroundings(connection, kind, identity, definition),
        effective_from=since,
    )


routes = APIRouter(tags=["starter set"], route_class=Route)
Starter = Annotated[StarterSet, held("starter")]


@routes.post("/starter-set", dependencies=[OWNER], response_model=StarterSetView)
async def apply_starter_set(asked: Asked, starter: Starter) -> Response:
    """Put in what is missing of the starter set; what is there stays as it is."""
    return await starter.apply(asked)
