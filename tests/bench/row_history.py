"""How fast one monitor takes a history of tickets into clocks and read models."""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from statistics import fmean
from typing import Any, Final
from uuid import UUID, uuid5

import asyncpg
from measure import Row
from servers import Servers

from deskstream.cloudevent import Message
from deskstream.consuming.consumer import BATCH
from deskstream.consuming.localcopy import LocalCopy
from deskstream.consuming.policy import PolicyHandler
from deskstream.database import connect_pool, migrate
from sla_monitor.consumer import clocks, reaction
from sla_monitor.foreign import POLICIES
from sla_monitor.main import AGGREGATE, SERVICE
from sla_monitor.projections import copy_policies
from sla_monitor.queries.book import read_policies

WHAT = "sla-monitor taking a history of tickets into clocks and read models, one process"
GOAL = 5_000
TICKETS = 3_000
NAMES = UUID("0198a000-0000-7000-8000-000000000099")
OPENED = datetime(2025, 1, 6, 8, tzinfo=UTC)
BETWEEN_TICKETS = timedelta(minutes=7)
ALWAYS = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}

Turn = tuple[timedelta, str, dict[str, Any]]
LIFE: Final[Sequence[Turn]] = (
    (timedelta(), "incident.logged.v1", {"number": "INC1", "caller": "anna", "priority": 3}),
    (timedelta(minutes=1), "incident.assigned.v2", {"group": "service-desk"}),
    (timedelta(minutes=20), "incident.comment_added.v2", {"speaker": "agent"}),
    (timedelta(hours=1), "incident.put_on_hold.v1", {"reason": "awaiting_caller"}),
    (timedelta(hours=3), "incident.resumed.v1", {}),
    (timedelta(hours=5), "incident.resolved.v2", {}),
    (timedelta(days=3), "incident.closed.v1", {}),
)
"""What happens to a ticket that takes its usual way, and when."""


async def rows(servers: Servers) -> Sequence[Row]:
    """What a group does with batches as Kafka gives them, without Kafka."""
    dsn = await servers.postgres.ensure_database("history")
    await migrate(dsn, [SERVICE.migrations])
    async with await connect_pool(dsn, size=2) as pool:
        await _set_policies(pool)
        rates = await _take_in(pool)
    half = len(rates) // 2
    whole, flat = fmean(rates), fmean(rates[half:]) / fmean(rates[:half])
    told = f"the second half of the history at {flat:.2f} × the speed of the first"
    return [Row(WHAT, f"{whole:,.0f} events/s", f"≥ {GOAL:,} events/s", whole >= GOAL, told)]


async def _set_policies(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    seconds = {"first_response": 14_400, "resolution": 86_400}
    targets = [{"ticket_type": "incident", "priority": 3, "seconds": seconds}]
    since = {"version": 1, "effective_from": "2024-01-01T00:00:00Z"}
    always = {"name": "Always", "working_time": {"timezone": "UTC", "hours": ALWAYS}}
    usual = {
        "name": "Usual",
        "kind": "sla",
        "valid_from": since["effective_from"],
        "calendar": "always",
        "targets": targets,
        "pauses_on": ["awaiting_caller"],
        "warn_at": ["0.75"],
    }
    told = [
        _message("calendar-always", 1, "calendar.defined.v1", {**since, "definition": always}),
        _message("agreement-usual", 1, "agreement.agreed.v2", {**since, "definition": usual}),
    ]
    assert {one.type for one in told} <= POLICIES.stored_names
    async with pool.acquire() as connection, connection.transaction():
        await copy_policies(connection, told)


def history(tickets: int) -> list[Message]:
    """The events of so many tickets in the order in which they happened."""
    told = [message for nth in range(tickets) for message in _life(nth)]
    return sorted(told, key=lambda one: one.occurred_at)


def _life(nth: int) -> Iterator[Message]:
    stream = f"incident-{uuid5(NAMES, str(nth))}"
    for version, (after, name, data) in enumerate(LIFE, 1):
        yield _message(stream, version, name, data, OPENED + nth * BETWEEN_TICKETS + after)


def _message(
    stream: str, version: int, name: str, data: dict[str, Any], at: datetime = OPENED
) -> Message:
    return Message(
        id=f"{stream}@{version}",
        stream=stream,
        version=version,
        position=version,
        type=name,
        occurred_at=at,
        recorded_at=at,
        correlation="a-history",
        depth=0,
        provenance="live",
        trace=None,
        body=json.dumps(data).encode(),
    )


class _Whole:
    """All policies are there before the tickets."""

    async def ready(self, _: object, recorded: Sequence[datetime]) -> int:
        return len(recorded)


async def _take_in(pool: "asyncpg.Pool[asyncpg.Record]") -> list[float]:
    """The events a second of each batch."""
    book = LocalCopy("policies", read_policies)
    subscription = clocks(PolicyHandler("clocks", AGGREGATE, reaction(book)), _Whole())
    told, rates = iter(history(TICKETS)), list[float]()
    while batch := list(islice(told, BATCH)):
        begin = time.perf_counter()
        async with pool.acquire() as connection, connection.transaction():
            await subscription.handle(connection, batch)
        rates.append(len(batch) / (time.perf_counter() - begin))
    return rates
