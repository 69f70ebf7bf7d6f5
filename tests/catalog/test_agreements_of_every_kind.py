"""What else an agreement can say: who keeps it, majors, warnings by time, what a change does."""

import pytest
from an_agreement import (
    ACME,
    HARBOUR,
    NETWORK,
    NOW,
    NOWHERE,
    SURROUNDINGS,
    URGENT,
    agree,
    amend,
    given,
    gold,
    urgent,
)
from pydantic import ValidationError

from catalog.agreements.events import AgreementAgreed
from catalog.agreements.terms import AgreementInForce, AgreementKind, Measure
from deskstream_worktime.stopwatch import Rebase

MAJOR = {"ticket_type": "incident", "major": True, "seconds": {"resolution": 3_600}}


def ola(**changes):
    return gold(**{"kind": "ola", "group": NETWORK, **changes})


def contract(**changes):
    return gold(**{"kind": "underpinning", "supplier": ACME, "pauses_on": [], **changes})


def agreed(definition):
    return AgreementAgreed(version=1, effective_from=NOW, definition=definition)


class TestWhoKeepsIt:
    def test_an_operational_level_agreement_is_with_a_group(self):
        given().when(agree(ola())).then(agreed(ola()))

    def test_an_underpinning_contract_is_with_a_supplier(self):
        given().when(agree(contract())).then(agreed(contract()))

    @pytest.mark.parametrize("definition", [ola(group=None), contract(supplier=None)])
    def test_both_may_be_with_whoever_has_the_ticket(self, definition):
        given().when(agree(definition)).then(agreed(definition))

    @pytest.mark.parametrize(
        ("definition", "field"),
        [
            (gold(group=NETWORK), "group"),
            (gold(supplier=ACME), "supplier"),
            (ola(supplier=ACME), "supplier"),
            (contract(group=NETWORK), "group"),
        ],
    )
    def test_only_its_own_kind_names_it(self, definition, field):
        given().when(agree(definition)).then_refused(f"{field}-misplaced", field=field)

    def test_the_group_and_the_supplier_must_be_known(self):
        given().when(agree(ola(group=NOWHERE))).then_refused(
            "unknown-group", naming=str(NOWHERE), field="group"
        )
        given().when(agree(contract(supplier=NOWHERE))).then_refused(
            "unknown-organisation", naming=str(NOWHERE), field="supplier"
        )

    def test_a_contract_is_with_a_supplier_and_not_with_a_customer(self):
        given().when(agree(contract(supplier=HARBOUR))).then_refused(
            "not-a-supplier", naming=str(HARBOUR), field="supplier"
        )

    def test_agreements_with_two_groups_do_not_tie_and_two_with_one_do(self):
        there = AgreementInForce(ACME, "Network, fast", ola().scope, NOW, None)
        beside = SURROUNDINGS.__class__(
            SURROUNDINGS.calendars, SURROUNDINGS.standing, SURROUNDINGS.suppliers, [there]
        )
        given().when(agree(ola(), beside)).then_refused("agreement-ties", naming="Network, fast")
        given().when(agree(ola(group=None), beside)).then(agreed(ola(group=None)))

    def test_an_amendment_stays_with_who_keeps_it(self):
        given(agreed(ola())).when(amend(ola(group=None))).then_refused(
            "scope-is-fixed", field="group"
        )

    @pytest.mark.parametrize(("kind", "keeper"), [("ola", "group"), ("underpinning", "supplier")])
    def test_its_history_says_who_keeps_it(self, kind, keeper):
        definition = ola() if kind == "ola" else contract()
        assert f" with {keeper} " in agreed(definition).in_words()


class TestMeasures:
    @pytest.mark.parametrize("measure", Measure)
    def test_a_service_level_agreement_promises_any_measure(self, measure):
        one = urgent(seconds={measure: 3_600, Measure.RESOLUTION: 14_400})
        given().when(agree(one)).then(agreed(one))

    def test_a_next_response_is_promised_beside_what_comes_before_it(self):
        given().when(agree(urgent(seconds={"next_response": 900}))).then_refused(
            "next-response-alone", field="targets.0.seconds.next_response"
        )

    @pytest.mark.parametrize("definition", [ola, contract])
    @pytest.mark.parametrize("measure", ["first_response", "next_response"])
    def test_groups_and_suppliers_promise_a_resolution_only(self, definition, measure):
        row = {**URGENT, "seconds": {measure: 3_600, "resolution": 7_200}}
        given().when(agree(definition(targets=[row]))).then_refused(
            "measure-of-another-kind", field=f"targets.0.seconds.{measure}"
        )

    def test_a_suppliers_time_never_pauses(self):
        given().when(agree(contract(pauses_on=["awaiting_caller"]))).then_refused(
            "never-pauses", field="pauses_on"
        )


class TestMajorIncidents:
    def test_they_may_have_a_row_of_their_own_beside_the_priorities(self):
        both = gold(targets=[MAJOR, URGENT])
        given().when(agree(both)).then(agreed(both))

    def test_there_is_one_such_row(self):
        given().when(agree(gold(targets=[MAJOR, MAJOR]))).then_refused(
            "target-row-repeated", naming="major incidents", field="targets.1"
        )

    def test_it_is_for_all_of_them_whatever_their_priority(self):
        given().when(agree(gold(targets=[{**MAJOR, "priority": 1}]))).then_refused(
            "priority-misplaced", field="targets.0.priority"
        )

    def test_any_other_row_names_a_priority(self):
        row = {name: told for name, told in URGENT.items() if name != "priority"}
        given().when(agree(gold(targets=[row]))).then_refused(
            "priority-out-of-range", naming="names no priority", field="targets.0.priority"
        )

    def test_only_incidents_are_major(self):
        given().when(agree(gold(targets=[{**MAJOR, "ticket_type": "change"}]))).then_refused(
            "only-incidents-are-major", field="targets.0.major"
        )

    def test_their_target_too_must_be_reachable(self):
        endless = {**MAJOR, "seconds": {"resolution": 10**18}}
        given().when(agree(gold(targets=[URGENT, endless]))).then_refused(
            "due-unreachable", field="targets.1.seconds.resolution"
        )


class TestWarningsBeforeTheDueTime:
    def test_they_are_given_in_seconds_the_longest_first(self):
        early = gold(warn_before=[600, 1800, 600])
        assert early.warn_before == (1800, 600)
        given().when(agree(early)).then(agreed(early))

    @pytest.mark.parametrize("offset", [-1, 0, 14_400, 20_000])
    def test_one_that_would_never_be_given_is_refused(self, offset):
        given().when(agree(gold(warn_before=[offset]))).then_refused(
            "warning-out-of-range", naming="14400 seconds", field="warn_before"
        )

    def test_it_is_enough_that_one_target_is_longer(self):
        rows = [{**URGENT, "seconds": {"first_response": 900, "resolution": 14_400}}]
        longer = gold(targets=rows, warn_before=[1800])
        given().when(agree(longer)).then(agreed(longer))


class TestWhatAChangeDoes:
    @pytest.mark.parametrize("rebase", Rebase)
    def test_it_is_said_by_measure(self, rebase):
        said = gold(on_change={"resolution": rebase})
        given().when(agree(said)).then(agreed(said))
        assert f"on a change resolution: {rebase}" in agreed(said).in_words()

    def test_nothing_else_can_be_done_with_the_time_that_was_used(self):
        with pytest.raises(ValidationError):
            gold(on_change={"resolution": "forget"})

    def test_what_is_not_promised_does_not_change(self):
        given().when(agree(gold(on_change={"next_response": "restart"}))).then_refused(
            "change-of-nothing", naming="next response", field="on_change.next_response"
        )

    def test_every_kind_of_agreement_is_named_in_full(self):
        assert {kind.in_full for kind in AgreementKind} == {
            "service-level agreement",
            "operational-level agreement",
            "underpinning contract",
        }
