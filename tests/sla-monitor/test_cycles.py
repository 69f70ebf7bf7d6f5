"""Next response, a group's ownership, a supplier's answer: a cycle each time, final at its end."""

import pytest
from a_ticket import (
    CLOSED,
    REOPENED,
    RESOLVED,
    RESUMED,
    Life,
    agent_said,
    agreement,
    book,
    calendar,
    held,
    logged,
    minute,
    policy,
)

from sla_monitor import foreign
from sla_monitor.terms import Phase, Target

NEXT, OWNED, SUPPLIER = Target.NEXT_RESPONSE, Target.OWNERSHIP, Target.SUPPLIER


def row(seconds):
    return [{"ticket_type": "incident", "priority": 3, "seconds": seconds}]


SLA = agreement(targets=row({"first_response": 3600, "next_response": 1800, "resolution": 14400}))
OLA = agreement("ola", kind="ola", targets=row({"resolution": 3600}))
CONTRACT = agreement("contract", kind="underpinning", targets=row({"resolution": 7200}))


def life(*agreements):
    return Life(book(calendar(), *agreements)).tell(0, logged())


def customer_said():
    return foreign.CommentAdded(speaker="customer")


def assigned(group):
    return foreign.IncidentAssigned(group=group)


def at_supplier(name="Acme"):
    return foreign.IncidentPutOnHold(reason="awaiting_supplier", supplier=name)


def test_a_contact_before_the_first_response_waits_for_that():
    assert NEXT not in life(SLA).tell(10, customer_said()).state.clocks


def test_a_contact_after_it_wants_the_next_response():
    waiting = life(SLA).tell(5, agent_said()).tell(10, customer_said())
    assert waiting.clock(NEXT).due_at == minute(40)


def test_a_second_contact_does_not_give_more_time():
    waiting = life(SLA).tell(5, agent_said()).tell(10, customer_said()).tell(30, customer_said())
    assert waiting.clock(NEXT).due_at == minute(40)


def test_an_answer_is_final_and_the_next_contact_begins_the_next_cycle():
    answered = life(SLA).tell(5, agent_said()).tell(10, customer_said()).tell(20, agent_said())
    assert (answered.clock(NEXT).phase, answered.clock(NEXT).met) == (Phase.FINAL, True)
    again = answered.tell(60, customer_said())
    assert (again.clock(NEXT).cycle, again.clock(NEXT).due_at) == (2, minute(90))
    assert [clock.cycle for clock in again.state.former] == [1]


def test_an_answer_that_comes_late_is_a_breach_though_it_is_noticed_later():
    late = life(SLA).tell(5, agent_said()).tell(10, customer_said()).tell(60, agent_said())
    assert (late.clock(NEXT).breached_at, late.clock(NEXT).met) == (minute(40), False)


def test_each_groups_ownership_is_a_cycle():
    owned = life(SLA, OLA).tell(10, assigned("first")).tell(30, assigned("second"))
    assert [(one.cycle, one.met) for one in owned.state.former] == [(1, True)]
    assert (owned.clock(OWNED).cycle, owned.clock(OWNED).due_at) == (2, minute(90))


def test_a_group_that_keeps_the_ticket_keeps_its_cycle():
    owned = life(SLA, OLA).tell(10, assigned("first")).tell(30, assigned("first"))
    assert owned.clock(OWNED).due_at == minute(70)


def test_a_group_that_kept_it_too_long_has_breached():
    owned = life(SLA, OLA).tell(10, assigned("first")).tell(100, assigned("second"))
    assert owned.state.former[0].breached_at == minute(70)


def test_an_agreement_with_one_group_is_not_for_another():
    ours = agreement("ours", kind="ola", targets=row({"resolution": 600}), group="first")
    owned = life(SLA, ours).tell(10, assigned("first")).tell(20, assigned("second"))
    assert [clock.target for clock in owned.state.former] == []
    assert owned.clock(OWNED).phase is Phase.FINAL


def test_an_agreement_with_the_group_comes_before_one_with_any():
    ours = agreement("ours", kind="ola", targets=row({"resolution": 600}), group="first")
    customers = agreement("acmes", kind="ola", targets=row({"resolution": 1800}), customer="acme")
    owned = Life(book(calendar(), SLA, ours, customers)).tell(0, logged(organisation="acme"))
    assert owned.tell(10, assigned("first")).clock(OWNED).due_at == minute(20)
    assert owned.tell(15, assigned("second")).clock(OWNED).due_at == minute(45)


def test_a_ticket_tells_of_the_group_by_its_key():
    network = policy("group", "0198", name="Network", key="network")
    ours = agreement("ours", kind="ola", targets=row({"resolution": 600}), group="0198")
    owned = Life(book(calendar(), SLA, ours, network)).tell(0, logged())
    assert owned.tell(10, assigned("network")).clock(OWNED).due_at == minute(20)
    assert owned.tell(15, assigned("other")).clock(OWNED).phase is Phase.FINAL


@pytest.mark.parametrize("told", ["0199", "acme", "Acme Cables"])
def test_a_ticket_tells_of_the_supplier_by_any_of_its_names(told):
    acme = policy("organisation", "0199", name="Acme Cables", key="acme")
    theirs = agreement("theirs", kind="underpinning", targets=row({"resolution": 600}))
    theirs.definition["supplier"] = "0199"
    waiting = Life(book(calendar(), SLA, theirs, acme)).tell(0, logged())
    assert waiting.tell(10, at_supplier(told)).clock(SUPPLIER).due_at == minute(20)
    assert waiting.tell(15, at_supplier("Other")).clock(SUPPLIER).phase is Phase.FINAL


def test_the_ownership_goes_on_when_the_ticket_is_reopened():
    owned = life(SLA, OLA).tell(10, assigned("first")).tell(30, RESOLVED).tell(100, REOPENED)
    assert owned.clock(OWNED).due_at == minute(140)


@pytest.mark.parametrize("ends", [[RESOLVED], [RESOLVED, CLOSED]], ids=["resolved", "closed"])
def test_who_gets_the_ticket_when_it_is_over_owns_it_from_its_reopening(ends):
    ours = agreement("ours", kind="ola", targets=row({"resolution": 1800}), group="second")
    owned = life(SLA, OLA, ours).tell(10, assigned("first"))
    for end in ends:
        owned.tell(20, end)
    owned.tell(30, assigned("second"))
    first = owned.clock(OWNED)
    assert (first.cycle, first.phase, first.met) == (1, Phase.FINAL, True)
    second = owned.tell(50, REOPENED).clock(OWNED)
    assert (second.cycle, second.started_at, second.due_at) == (2, minute(50), minute(80))


def test_who_owns_it_when_it_is_over_need_not_have_kept_it_in_time():
    owned = life(SLA, OLA).tell(10, assigned("first")).tell(90, RESOLVED)
    assert owned.tell(100, assigned("second")).clock(OWNED).met is False


def test_what_the_customer_says_after_the_resolution_wants_no_next_response():
    after = life(SLA).tell(10, agent_said()).tell(20, RESOLVED).tell(30, customer_said())
    assert NEXT not in after.state.clocks


def test_a_supplier_is_timed_from_the_hand_over_until_its_answer():
    handed = life(SLA, CONTRACT).tell(10, at_supplier())
    assert handed.clock(SUPPLIER).due_at == minute(130)
    answered = handed.tell(50, RESUMED)
    assert (answered.clock(SUPPLIER).phase, answered.clock(SUPPLIER).met) == (Phase.FINAL, True)


def test_a_supplier_is_timed_while_the_customers_clock_is_paused():
    paused = agreement(pauses_on=["awaiting_supplier"])
    handed = life(paused, CONTRACT).tell(10, at_supplier())
    assert handed.clock().due_at is None
    assert handed.clock(SUPPLIER).due_at == minute(130)


def test_another_supplier_begins_another_cycle():
    handed = life(SLA, CONTRACT).tell(10, at_supplier()).tell(40, at_supplier("Other"))
    assert (handed.clock(SUPPLIER).cycle, handed.clock(SUPPLIER).due_at) == (2, minute(160))


def test_waiting_for_something_else_is_the_suppliers_answer():
    handed = life(SLA, CONTRACT).tell(10, at_supplier()).tell(40, held())
    assert handed.clock(SUPPLIER).phase is Phase.FINAL


def test_the_same_supplier_named_again_has_no_more_time():
    handed = life(SLA, CONTRACT).tell(10, at_supplier()).tell(50, at_supplier())
    assert (handed.clock(SUPPLIER).cycle, handed.clock(SUPPLIER).due_at) == (1, minute(130))


def test_who_is_waited_for_in_vain_is_judged_at_the_resolution():
    resolved = life(SLA, CONTRACT).tell(10, agent_said()).tell(20, customer_said())
    resolved.tell(30, at_supplier()).tell(40, RESOLVED)
    assert (resolved.clock(NEXT).phase, resolved.clock(NEXT).met) == (Phase.FINAL, True)
    assert (resolved.clock(SUPPLIER).phase, resolved.clock(SUPPLIER).met) == (Phase.FINAL, True)


def test_a_first_response_that_was_given_is_not_wanted_again_by_a_reopening():
    again = life(SLA).tell(10, RESOLVED).tell(20, REOPENED)
    assert again.clock(Target.FIRST_RESPONSE).phase is Phase.STOPPED


def test_all_that_is_open_ends_with_the_ticket():
    ended = life(SLA, OLA).tell(10, assigned("first")).tell(20, RESOLVED).tell(30, CLOSED)
    assert {clock.phase for clock in ended.state.clocks.values()} == {Phase.FINAL}
