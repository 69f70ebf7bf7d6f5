"""The monitor's database, with lives of tickets told into it."""

from dataclasses import dataclass, replace
from uuid import uuid4

from deskstream.access import Principal
from deskstream.database import Pool
from deskstream.decider import Role
from deskstream.envelope import Origin, Recorded
from deskstream.store import Appendix
from sla_monitor.main import AGGREGATE
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
