"""A parent is resolved, and the service is killed again and again while its children follow."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from deskstream.database import connect_pool
from deskstream.envelope import Origin
from deskstream.store import Appendix
from deskstream_testing.faults import eventually
from deskstream_testing.stack import running_stack
from incident.events.family import BecameChild, TookChild
from incident.events.triage import IncidentLogged
from incident.main import AGGREGATE
from incident.terms import Channel, Impact, Urgency
from incident.terms.related import IncidentRef

CHILDREN, AT_ONCE = 5_000, 500
FORMER = Origin("ada", "agent", "a-big-family")
RESOLVED = "SELECT count(*) FROM events WHERE type LIKE 'incident.resolved.%' AND stream = ANY($1)"
TWICE = """
SELECT stream FROM events WHERE type LIKE 'incident.resolved.%' AND stream = ANY($1)
GROUP BY stream HAVING count(*) > 1
"""


@pytest.fixture
async def stack(tmp_path):
    """Of its own: so many incidents that nobody asked for would be in the way of other tests."""
    async with running_stack(tmp_path) as stack:
        await stack.start("incident")
        yield stack


def logged(ref):
    return IncidentLogged(
        number=ref.number,
        title="The mail server is down",
        caller=f"caller of {ref.number}",
        channel=Channel.EMAIL,
        impact=Impact.MEDIUM,
        urgency=Urgency.MEDIUM,
        priority=3,
        matrix_version=0,
        at=datetime.now(UTC) - timedelta(hours=1),
    )


async def a_big_family(pool):
    """The id of the parent, and the streams of its children."""
    refs = [IncidentRef(id=uuid4(), number=f"INC9{nth:07}") for nth in range(CHILDREN + 1)]
    parent, *children = refs
    facts = {parent.id: [logged(parent), *(TookChild(child=child) for child in children)]}
    facts |= {child.id: [logged(child), BecameChild(parent=parent)] for child in children}
    lives = list(facts.items())
    for first in range(0, len(lives), AT_ONCE):
        some = lives[first : first + AT_ONCE]
        await record(pool, [Appendix(f"incident-{one}", 0, life, FORMER) for one, life in some])
    return parent.id, [f"incident-{child.id}" for child in children]


async def record(pool, appendices):
    async with pool.acquire() as connection, connection.transaction():
        events = await AGGREGATE.store.append(connection, appendices)
        for projection in AGGREGATE.projections:
            await projection.apply(connection, events)


async def resolve(stack, parent: UUID):
    body = {"code": "fixed", "text": "It was restarted."}
    async with stack.client("incident") as ada:
        answer = await ada.post(f"/incidents/{parent}/resolution", json=body)
    assert answer.status_code == 200, answer.text


async def test_every_child_is_resolved_once(stack):
    pool = await connect_pool(await stack.postgres.ensure_database("incident"))
    parent, children = await a_big_family(pool)

    async def resolved(at_least):
        return await pool.fetchval(RESOLVED, children) >= at_least

    await resolve(stack, parent)
    for some in (1, CHILDREN // 3, 2 * CHILDREN // 3):
        await eventually(lambda some=some: resolved(some), f"{some} are resolved", seconds=60)
        await stack.kill("incident")
        assert not await resolved(CHILDREN), "it was too late to kill it in the middle"
        await asyncio.sleep(0.1)
        await stack.revive("incident")
    await eventually(lambda: resolved(CHILDREN), "all are resolved", seconds=120)
    assert await pool.fetch(TWICE, children) == []
    times = "SELECT DISTINCT occurred_at FROM events WHERE type = 'incident.resolved.v2'"
    same = await pool.fetch(f"{times} AND stream = ANY($1)", [*children, f"incident-{parent}"])
    assert len(same) == 1
    pool.terminate()
