"""A whole process, as it is put together for production: what stops, what waits, what is told."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Annotated

import asyncpg
import httpx
import pytest
from fastapi import APIRouter
from ledger import EARLIER, LEDGER, PARTITIONS, Miss, PaymentPromised, record
from outside import event, make_topics, publish, running, until

from deskstream import timekeeper
from deskstream.consuming.intake import MANY_PARKED
from deskstream.consuming.subscription import Subscription
from deskstream.gate import WriteGate
from deskstream.http.permissions import OPEN
from deskstream.http.routes import Route, held
from deskstream.relay import Horizon, Relay
from deskstream.service import Process, Service
from deskstream.settings import Settings

NOBODY = "127.0.0.1:1"


def nothing(_):
    return {}


@pytest.fixture
def service(tmp_path, fresh_name):
    return Service(
        name=fresh_name("ledger"),
        title="Ledger",
        package="deskstream-kernel",
        migrations=tmp_path,
        aggregates=[LEDGER],
        routes=APIRouter(route_class=Route),
        assemble=nothing,
    )


@pytest.fixture
def settings(ledger_dsn):
    return Settings(database_url=ledger_dsn, kafka=NOBODY, partitions=PARTITIONS)


@asynccontextmanager
async def living(process):
    """The process between its start and its stop."""
    app = process.app()
    async with app.router.lifespan_context(app):
        yield httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://here")


async def until_missing(client, words):
    async def told():
        answer = await client.get("/health/ready")
        return words in answer.json().get("detail", "")

    await until(told, f"readiness says {words!r}")


async def until_ready(client):
    async def ready():
        return (await client.get("/health/ready")).status_code == 200

    await until(ready, "the process is ready")


async def another_database(connection):
    await connection.execute("UPDATE incarnation SET timeline_id = timeline_id + 1")


async def test_a_consumer_that_stopped_for_good_stays_away_and_readiness_says_why(
    service, settings, bootstrap, fresh_name, pool
):
    async def broken(connection, messages):
        raise ArithmeticError

    def assemble(runtime):
        subscription = Subscription("broken", [topic], {"money.in.v1"}, frozenset(), broken)
        runtime.consumer(subscription)
        return {}

    async def parked():
        return await pool.fetchval("SELECT count(*) FROM parked")

    topic = await make_topics(bootstrap, fresh_name("elsewhere"))
    many = [event(f"account-{number}", 1, number) for number in range(1, 4 * MANY_PARKED)]
    await publish(bootstrap, topic, many)
    process = Process(
        replace(service, assemble=assemble), settings.model_copy(update={"kafka": bootstrap})
    )
    async with living(process) as client:
        await until_missing(client, "events could not be handled")
        await asyncio.sleep(2)  # it would park at least one more whenever it began again
        assert await parked() == MANY_PARKED
        assert len(process.stopped) == 1


async def test_a_service_that_cannot_be_put_together_says_so_and_tries_again(service, settings):
    attempts = []

    def assemble(_):
        attempts.append(1)
        if len(attempts) < 3:
            raise ArithmeticError
        return {}

    async with living(Process(replace(service, assemble=assemble), settings)) as client:
        await until_missing(client, "cannot be put together: ArithmeticError")
        await until_ready(client)


async def test_whoever_appended_wakes_the_timekeeper(service, settings, pool, monkeypatch):
    monkeypatch.setattr(timekeeper, "LONGEST_SLEEP", 3600)
    runtimes = []

    def assemble(runtime):
        runtimes.append(runtime)
        runtime.timekeeper(LEDGER, lambda due: Miss(due.name, due.due_at))
        return {}

    async def taken_over():
        return await pool.fetchval("SELECT true FROM leases WHERE name = 'timers' AND epoch > 0")

    async def missed():
        return await pool.fetchval("SELECT true FROM events WHERE type = 'payment.missed.v1'")

    async with living(Process(replace(service, assemble=assemble), settings)):
        await until(taken_over, "the timekeeper runs")
        await asyncio.sleep(0.5)  # and has gone to sleep
        await record(pool, "account-1", PaymentPromised(name="payment", due_at=EARLIER))
        runtimes[0].committed()
        await until(missed, "the timer has run")


async def test_a_relay_that_is_ended_while_it_connects_leaves_no_connection(
    ledger_dsn, monkeypatch
):
    connect, made = asyncpg.connect, []

    async def connect_once(*where, **told):
        if made:
            await asyncio.Event().wait()
        made.append(await connect(*where, **told))
        return made[0]

    async def first_is_made():
        return made

    monkeypatch.setattr(asyncpg, "connect", connect_once)
    relay = Relay("ledger", ledger_dsn, NOBODY, PARTITIONS, 1, Horizon(), WriteGate())
    async with running(relay):
        await until(first_is_made, "one of two connections")
    assert made[0].is_closed()


async def test_a_name_that_the_composition_root_forgot_ends_the_process(service, settings, logged):
    routes = APIRouter(route_class=Route)

    @routes.get("/things", dependencies=[OPEN])
    async def things(_: Annotated[object, held("things")]) -> None: ...

    gave_up = asyncio.Event()
    process = Process(replace(service, routes=routes), settings, give_up=gave_up.set)
    async with living(process) as client:
        async with asyncio.timeout(20):
            await gave_up.wait()
        await until_missing(client, "the routes expect things")
    assert any("the routes expect things" in entry.get("because", "") for entry in logged)


async def test_nothing_is_written_from_the_first_moment_on_to_a_database_that_was_copied(
    service, settings, pool
):
    seen = []

    def assemble(runtime):
        seen.append(runtime.gate.reason)
        return {}

    await another_database(pool)
    async with living(Process(replace(service, assemble=assemble), settings)) as client:
        await until_missing(client, "copied, restored or promoted")
    assert None not in seen


async def test_work_that_writes_rests_until_the_copied_database_is_accepted(
    service, settings, pool, bootstrap
):
    worked = asyncio.Event()

    async def work():
        worked.set()
        await asyncio.Event().wait()

    def assemble(runtime):
        runtime.work.append(work)
        return {}

    process = Process(
        replace(service, assemble=assemble),
        settings.model_copy(update={"kafka": bootstrap}),
    )
    await another_database(pool)
    async with living(process) as client:
        await until_ready(client)
        async with asyncio.timeout(20):
            await worked.wait()
    assert not await pool.fetchval(
        "SELECT i.timeline_id <> c.timeline_id FROM incarnation i, pg_control_checkpoint() c"
    )


async def test_a_failover_closes_the_gate_of_a_process_that_runs(service, settings, ledger_dsn):
    async with living(Process(service, settings)) as client:
        await until_ready(client)
        outside = await asyncpg.connect(ledger_dsn)
        try:
            await another_database(outside)
            await outside.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        finally:
            await outside.close()
        await until_missing(client, "copied, restored or promoted")
