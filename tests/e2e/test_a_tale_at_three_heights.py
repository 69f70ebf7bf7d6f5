"""The same words over HTTP and over Kafka; the deciders' own tests use them for the domain."""

import pytest

from deskstream_testing.heights import Desk, Post
from deskstream_testing.spine import running_spine

INCIDENTS, CLOCKS = "itsm.incident.events.v1", "itsm.sla-monitor.events.v1"


@pytest.fixture(scope="module")
async def spine(tmp_path_factory):
    async with running_spine(tmp_path_factory.mktemp("tale")) as spine:
        yield spine


@pytest.fixture
async def given(spine):
    async with spine.stack.client("incident", "ada", "agent") as client:
        yield Desk(spine.stack, client).given


@pytest.fixture
def log(spine):
    return lambda priority=5: Post("/incidents", spine.report(priority, "Mail is down"))


HOLD = Post("/incidents/{id}/hold", {"reason": "awaiting_caller"})
RESUME = Post("/incidents/{id}/resumption")
COMMENT = Post("/incidents/{id}/comments", {"text": "We are looking into it."})
RESOLVE = Post("/incidents/{id}/resolution", {"code": "fixed", "text": "Restarted."})
CLOSE = Post("/incidents/{id}/closure")


async def test_what_is_logged_is_new(given, log):
    (await given().when(log())).then(201, status="new", priority=5)


async def test_what_is_held_waits(given, log):
    (await given(log()).when(HOLD)).then(200, status="on_hold")


async def test_what_is_resolved_cannot_wait(given, log):
    (await given(log(), RESOLVE).when(HOLD)).then_refused("not-possible-now")


async def test_an_agent_cannot_close(given, log):
    (await given(log(), RESOLVE).when(CLOSE)).then_refused("forbidden")


async def test_a_hold_pauses_the_clock_and_a_resumption_lets_it_run(given, log):
    moved = await given(log(), HOLD).when(RESUME)
    await moved.then_arrive(CLOCKS, "clock.started.v1", "clock.paused.v1", "clock.resumed.v1")


async def test_what_is_answered_and_resolved_in_time_is_never_breached(given, log):
    resolved = await given(log(), COMMENT).when(RESOLVE)
    told = await resolved.then_arrive(CLOCKS, "clock.stopped.v1", "clock.stopped.v1")
    assert [one.data["target"] for one in told] == ["first_response", "resolution"]


async def test_a_missed_target_is_warned_breached_and_escalated(given, log):
    logged = await given().when(log(priority=1))
    await logged.then_arrive(CLOCKS, "clock.warned.v1", "clock.breached.v1")
    await logged.then_arrive(
        INCIDENTS,
        "incident.logged.v1",
        "incident.service_level_warned.v1",
        "incident.service_level_breached.v1",
        "incident.escalated.v1",
    )


async def test_all_of_a_tale_has_one_correlation_id(given, log):
    logged = await given().when(log(priority=1))
    breached = await logged.then_arrive(CLOCKS, "clock.breached.v1")
    told = await logged.then_arrive(INCIDENTS, "incident.logged.v1", "incident.escalated.v1")
    assert len({one.message.correlation for one in [*breached, *told]}) == 1
