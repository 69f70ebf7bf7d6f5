"""The monitor's database, with lives of tickets told into it."""

import json
from dataclasses import dataclass, replace
from uuid import uuid4

from a_ticket import LONG_AGO, minute

from deskstream.access import Principal
from deskstream.aggregate import UnitOfWork
from deskstream.cloudevent import Message
from deskstream.consuming.localcopy import LocalCopy
from deskstream.consuming.policy import PolicyHandler
from deskstream.database import Pool
from deskstream.decider import Actor, Occasion, Role
from deskstream.envelope import Origin, Recorded
from deskstream.store import Appendix
from sla_monitor.consumer import clocks, reaction
from sla_monitor.foreign import TICKETS
from sla_monitor.jobs.ordering import Ordering
from sla_monitor.jobs.refolding import Refolding
from sla_monitor.main import AGGREGATE, ORDERED
from sla_monitor.projections import learn_policies
from sla_monitor.queries.book import read_policies
from sla_monitor.queries.standing import StandsOn

GROUND = StandsOn(position=1, tzdata="2025b", topics=[])
AUDITOR = Principal("audrey", Role.AUDITOR, expires_at=0.0)


@dataclass(frozen=True)
class Monitor:
    """Where facts are kept, and rows are made of them."""

    pool: Pool

    async def keep(self, life) -> list[Recorded]:
        """The facts of a life, in a stream of its own, with all rows that follow."""
        stream = f"clock-{uuid4()}"
        origin = Origin("m", "service", "c", source=life.source)
        store = AGGREGATE.store
        async with self.pool.acquire() as connection, connection.transaction():
            told = await store.append(connection, [Appendix(stream, 0, life.facts, origin)])
            for projection in AGGREGATE.projections:
                await projection.apply(connection, [replace(one) for one in told])
        return told


def message(stream, version, of, data, at):
    return Message(
        id=f"{stream}@{version}",
        stream=stream,
        version=version,
        position=version,
        type=of,
        occurred_at=at,
        recorded_at=at,
        correlation="c",
        depth=0,
        provenance="live",
        trace=None,
        body=json.dumps(data).encode(),
    )


async def nobody_else(_):
    """There is no other process that could take over."""


class Always:
    async def ready(self, _, recorded):
        return len(recorded)


class Told:
    """The monitor, told of policies and tickets as from the topics."""

    def __init__(self, pool):
        self.pool = pool
        self.known = True
        self.read_again()

    def read_again(self):
        book = LocalCopy("policies", read_policies)
        handler = PolicyHandler("clocks", AGGREGATE, reaction(book))
        self.subscription = clocks(handler, Always())
        self.refolding = Refolding(self.pool, AGGREGATE, book, self.whole)
        self.ordering = Ordering(self.pool, AGGREGATE, ORDERED, book, self.whole)

    async def whole(self, _):
        return self.known

    async def policy(self, one, at=LONG_AGO):
        data = {
            "version": one.version,
            "effective_from": one.effective_from.isoformat(),
            "definition": one.definition,
        }
        told = {"agreement": "agreement.amended.v1", "calendar": "calendar.defined.v1"}[one.kind]
        async with self.pool.acquire() as connection, connection.transaction():
            await learn_policies(
                connection, [message(f"{one.kind}-{one.id}", one.version, told, data, at)]
            )
        self.read_again()

    async def ticket(self, stream, *events):
        """Its events, each at a minute."""
        for version, (number, event) in enumerate(events, 1):
            await self.ticket_at(stream, minute(number), event, version)

    async def ticket_at(self, stream, at, event, version=1):
        data = json.loads(event.model_dump_json())
        told = message(stream, version, TICKETS.name_of(type(event)), data, at)
        async with self.pool.acquire() as connection, connection.transaction():
            await self.subscription.handle(connection, [told])

    async def work(self, fence=nobody_else):
        for job in (self.refolding, self.ordering):
            while await job.chunk(fence):
                pass

    async def order(self, stream, command, now):
        """Somebody asks this of an order, at this time."""
        async with self.pool.acquire() as connection, connection.transaction():
            unit = UnitOfWork(ORDERED, connection)
            await unit.load([stream])
            when = Occasion(Actor("olga", Role.OWNER), now)
            decided = unit.decide(stream, command, when, Origin("olga", "owner", "c"))
            await unit.save()
        return decided

    async def due(self, target="resolution"):
        return dict(
            await self.pool.fetch("SELECT ticket, due_at FROM clocks WHERE target = $1", target)
        )

    async def told(self):
        return await self.pool.fetchval("SELECT count(*) FROM events")
