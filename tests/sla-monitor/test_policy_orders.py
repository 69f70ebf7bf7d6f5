"""Applying an edit to open clocks: proposed, previewed, given, and carried out in chunks."""

from datetime import UTC, datetime, timedelta

import pytest
from a_ticket import agreement, logged

from deskstream.decider import Actor, Occasion, Refusal, Role
from deskstream_worktime.stopwatch import Rebase
from sla_monitor.orders.commands import Give, NoteDone, NotePreview, Propose, Withdraw
from sla_monitor.orders.decider import ORDERS
from sla_monitor.orders.events import OrderCarriedOut, OrderGiven, OrderPreviewed, OrderProposed
from sla_monitor.orders.terms import Status, Tally

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
PROPOSE = Propose(kind="agreement", policy="usual", because="promised to the customer")
TALLY = Tally(tickets=3, clocks=2, earlier=2)
ORDER = "policy_order-01a208f5-4d40-7526-ab44-4e7d847eb58e"


def given(*facts, after=timedelta(0)):
    """The answer to a command after these facts, the last of which is so old."""
    state = ORDERS.fold(fact.model_copy(update={"at": NOON}) for fact in facts)
    when = Occasion(Actor("olga", Role.OWNER), NOON + after)
    return lambda command: ORDERS.decide(command, when, state)


PROPOSED = OrderProposed(kind="agreement", policy="usual", because="promised")
PREVIEWED = OrderPreviewed(tally=TALLY)


def test_it_is_given_after_its_preview():
    assert given(PROPOSED, PREVIEWED)(Give()) == [OrderGiven()]


def test_it_cannot_be_given_before_it_is_known_what_it_would_do():
    refusal = given(PROPOSED)(Give())
    assert (refusal.code, refusal.retry_after) == ("not-previewed-yet", 1)


def test_a_preview_holds_for_an_hour():
    late = given(PROPOSED, PREVIEWED, after=timedelta(hours=1, seconds=1))
    assert late(Give()).code == "preview-too-old"


@pytest.mark.parametrize("command", [Give(), Withdraw(because="no")])
def test_what_is_under_way_is_not_given_or_withdrawn_again(command):
    assert given(PROPOSED, PREVIEWED, OrderGiven())(command).code == "not-possible-now"


def test_an_order_that_nobody_proposed_is_refused():
    assert isinstance(given()(Give()), Refusal)


def test_what_was_done_is_noted_once():
    assert given(PROPOSED, PREVIEWED, OrderGiven())(NoteDone(tally=TALLY)) == [
        OrderCarriedOut(tally=TALLY)
    ]
    done = given(PROPOSED, PREVIEWED, OrderGiven(), OrderCarriedOut(tally=TALLY))
    assert done(NoteDone(tally=TALLY)) == []
    assert done(NotePreview(tally=TALLY)) == []


@pytest.fixture
async def amended(told):
    """Three open tickets of today, and an agreement that was amended since."""
    now = await told.pool.fetchval("SELECT clock_timestamp()")
    for nth in range(3):
        await told.ticket_at(f"incident-{nth}", now - timedelta(minutes=30), logged())
    await told.policy(agreement(resolution=120, version=2, since=now - timedelta(minutes=5)))
    await told.work()
    return told


async def offered(told, command=PROPOSE):
    now = await told.pool.fetchval("SELECT clock_timestamp()")
    await told.order(ORDER, command, now)
    await told.work()
    return now


async def seconds(told):
    rows = await told.pool.fetch("SELECT seconds FROM clocks WHERE target = 'resolution'")
    return {row["seconds"] for row in rows}


async def test_a_preview_says_what_would_change_and_changes_nothing(amended):
    await offered(amended)
    row = await amended.pool.fetchrow("SELECT status, tally FROM policy_orders")
    assert row["status"] == Status.PREVIEWED
    tally = Tally.model_validate_json(row["tally"])
    assert (tally.tickets, tally.clocks, tally.earlier) == (3, 6, 3)
    shown = await amended.pool.fetch(
        "SELECT due_at - was_due_at AS moved FROM policy_order_clocks WHERE target = 'resolution'"
    )
    assert {row["moved"] for row in shown} == {timedelta(hours=-2)}
    assert await seconds(amended) == {14400}


async def test_given_it_is_carried_out_to_every_open_ticket(amended, monkeypatch):
    monkeypatch.setattr("sla_monitor.jobs.ordering.CHUNK", 2)
    now = await offered(amended)
    await amended.order(ORDER, Give(), now + timedelta(seconds=1))
    await amended.work()
    assert await seconds(amended) == {7200}
    row = await amended.pool.fetchrow("SELECT status, tally FROM policy_orders")
    assert row["status"] == Status.DONE
    assert Tally.model_validate_json(row["tally"]).clocks == 6


async def test_it_goes_on_where_it_was_and_does_nothing_twice(amended, monkeypatch):
    monkeypatch.setattr("sla_monitor.jobs.ordering.CHUNK", 1)
    now = await offered(amended)
    await amended.order(ORDER, Give(), now + timedelta(seconds=1))
    chunks = 0

    async def dies_later(_):
        nonlocal chunks
        chunks += 1
        if chunks > 2:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await amended.work(dies_later)
    await amended.work()
    told = "SELECT count(*) FROM events WHERE type = 'clock.ticket_reconsidered.v1'"
    assert await amended.pool.fetchval(told) == 3


async def test_the_order_can_say_what_becomes_of_the_time_that_was_used(amended):
    now = await offered(amended, PROPOSE.model_copy(update={"rebase": Rebase.RESTART}))
    await amended.order(ORDER, Give(), now + timedelta(seconds=1))
    await amended.work()
    due = await amended.pool.fetchval("SELECT min(due_at) FROM clocks WHERE seconds = 7200")
    assert due - now > timedelta(minutes=119)


async def test_what_is_withdrawn_is_not_done(amended):
    now = await offered(amended)
    await amended.order(ORDER, Withdraw(because="too many"), now)
    await amended.work()
    assert await seconds(amended) == {14400}
