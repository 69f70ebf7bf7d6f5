from dataclasses import replace
from uuid import UUID

import pytest
from an_agreement import (
    AFTER_NEW_YEAR,
    APRIL,
    BOOKING,
    HARBOUR,
    LAST_YEAR,
    NEW_YEAR,
    NOT_YET,
    NOW,
    NOWHERE,
    ONE_DAY_ONLY,
    SURROUNDINGS,
    URGENT,
    YEAR_AFTER,
    agree,
    amend,
    given,
    gold,
    urgent,
)
from pydantic import ValidationError

from catalog.agreements.commands import Amend, Terminate
from catalog.agreements.events import (
    AgreementAgreed,
    AgreementAmended,
    AgreementTerminated,
)
from catalog.agreements.terms import AgreementInForce, AgreementKind, Scope
from deskstream.decider import Actor, Occasion, Role
from deskstream.marks import Sensitivity
from deskstream_platform.marked import marked_fields

OTHER_AGREEMENT = UUID(int=31)

AGREED = AgreementAgreed(version=1, effective_from=NOW, definition=gold())
AGREED_FOR_THE_YEAR = AgreementAgreed(
    version=1, effective_from=NOW, definition=gold(valid_until=NEW_YEAR)
)
TERMINATED = AgreementTerminated(ends_at=APRIL, reason="The customer left.")


class TestAgreeing:
    def test_an_agreement_is_in_force_from_its_first_day_of_validity(self):
        given().when(agree(gold())).then(AGREED)
        given().when(agree(gold(valid_from=NEW_YEAR))).then(
            AgreementAgreed(
                version=1, effective_from=NEW_YEAR, definition=gold(valid_from=NEW_YEAR)
            )
        )

    def test_it_may_begin_in_the_past_so_that_histories_can_be_imported(self):
        since_last_year = gold(valid_from=LAST_YEAR)
        given().when(agree(since_last_year)).then(
            AgreementAgreed(version=1, effective_from=LAST_YEAR, definition=since_last_year)
        )

    def test_it_is_agreed_once(self):
        given(AGREED).when(agree(gold())).then_refused("agreement-exists", naming="Booking, gold")

    def test_its_customer_and_service_must_be_known(self):
        given().when(agree(gold(customer=NOWHERE))).then_refused(
            "unknown-organisation", naming=str(NOWHERE), field="customer"
        )
        given().when(agree(gold(service=NOWHERE))).then_refused(
            "unknown-service", naming=str(NOWHERE), field="service"
        )

    def test_it_may_be_for_everyone_and_any_service(self):
        usual = gold(customer=None, service=None)
        given().when(agree(usual)).then(
            AgreementAgreed(version=1, effective_from=NOW, definition=usual)
        )

    @pytest.mark.parametrize("valid_until", [LAST_YEAR, NOW])
    def test_it_must_be_in_force_at_some_time(self, valid_until):
        given().when(agree(gold(valid_until=valid_until))).then_refused(
            "never-in-force", field="valid_until"
        )


class TestPromises:
    def test_something_must_be_promised(self):
        given().when(agree(gold(targets=[]))).then_refused("nothing-promised", field="targets")
        given().when(agree(urgent(seconds={}))).then_refused(
            "nothing-promised", field="targets.0.seconds"
        )

    def test_what_is_promised_for_a_type_and_priority_stands_in_one_row(self):
        given().when(agree(gold(targets=[URGENT, URGENT]))).then_refused(
            "target-row-repeated", naming="incidents of priority 1", field="targets.1"
        )

    @pytest.mark.parametrize("priority", [0, 6])
    def test_priorities_go_from_1_to_5(self, priority):
        given().when(agree(urgent(priority=priority))).then_refused(
            "priority-out-of-range", field="targets.0.priority"
        )

    @pytest.mark.parametrize("seconds", [0, -3600])
    def test_a_target_takes_some_time(self, seconds):
        given().when(agree(urgent(seconds={"first_response": seconds}))).then_refused(
            "target-not-positive",
            naming=f"{seconds} seconds",
            field="targets.0.seconds.first_response",
        )

    def test_a_target_must_fit_into_its_calendar(self):
        eight_hours = 8 * 3600
        fits = urgent(seconds={"resolution": eight_hours}, calendar=ONE_DAY_ONLY)
        given().when(agree(fits)).then(
            AgreementAgreed(version=1, effective_from=NOW, definition=fits)
        )
        too_long = urgent(seconds={"resolution": eight_hours + 1}, calendar=ONE_DAY_ONLY)
        given().when(agree(too_long)).then_refused(
            "due-unreachable", field="targets.0.seconds.resolution"
        )

    def test_a_target_of_centuries_is_none(self):
        given().when(agree(urgent(seconds={"resolution": 10**18}))).then_refused(
            "due-unreachable", naming="100 years"
        )

    def test_its_calendars_must_be_known(self):
        given().when(agree(gold(calendar=NOWHERE))).then_refused(
            "unknown-calendar", naming=str(NOWHERE), field="calendar"
        )
        given().when(agree(urgent(calendar=NOWHERE))).then_refused(
            "unknown-calendar", naming=str(NOWHERE), field="targets.0.calendar"
        )

    def test_its_calendars_must_be_in_force_when_it_is(self):
        given().when(agree(gold(calendar=NOT_YET))).then_refused(
            "calendar-not-in-force", naming="From next year", field="calendar"
        )

    @pytest.mark.parametrize("share", ["0", "1", "1.5", "-0.5"])
    def test_a_warning_comes_within_its_target(self, share):
        given().when(agree(gold(warn_at=[share]))).then_refused(
            "warning-out-of-range", naming=share, field="warn_at"
        )

    def test_warnings_are_exact_and_in_order(self):
        assert [str(share) for share in gold(warn_at=["0.90", "0.333333", "0.9"]).warn_at] == [
            "0.333333",
            "0.90",
        ]
        with pytest.raises(ValidationError):
            gold(warn_at=["0.3333333333"])

    def test_only_known_hold_reasons_pause(self):
        with pytest.raises(ValidationError):
            gold(pauses_on=["awaiting_inspiration"])


class TestExactlyOneAgreementWins:
    SAME = AgreementInForce(
        id=OTHER_AGREEMENT,
        name="Booking, silver",
        scope=Scope(AgreementKind.SLA, HARBOUR, BOOKING, None),
        valid_from=LAST_YEAR,
        valid_until=None,
    )

    def beside(self, **changes):
        return replace(SURROUNDINGS, others=[replace(self.SAME, **changes)])

    def test_one_that_would_tie_is_refused_naming_the_other(self):
        given().when(agree(gold(), self.beside())).then_refused(
            "agreement-ties", naming="“Booking, silver” (00000000", field="valid_from"
        )

    @pytest.mark.parametrize(
        "other", [{"kind": AgreementKind.OLA}, {"customer": None}, {"service": None}]
    )
    def test_another_kind_customer_or_service_does_not_tie(self, other):
        beside = self.beside(scope=self.SAME.scope._replace(**other))
        given().when(agree(gold(), beside)).then(AGREED)

    def test_two_for_everyone_tie_as_well(self):
        for_everyone = self.beside(scope=Scope(AgreementKind.SLA, None, None, None))
        given().when(agree(gold(customer=None, service=None), for_everyone)).then_refused(
            "agreement-ties"
        )

    def test_one_may_begin_when_the_other_ends(self):
        given().when(agree(gold(), self.beside(valid_until=NOW))).then(AGREED)
        given().when(agree(gold(valid_until=NEW_YEAR), self.beside(valid_from=NEW_YEAR))).then(
            AGREED_FOR_THE_YEAR
        )

    def test_one_that_ended_before_it_began_stands_in_nobodys_way(self):
        never = self.beside(valid_from=NEW_YEAR, valid_until=APRIL)
        given().when(agree(gold(), never)).then(AGREED)

    def test_prolonging_may_tie_too(self):
        follower = self.beside(valid_from=NEW_YEAR)
        prolong = amend(gold(valid_until=YEAR_AFTER), surroundings=follower)
        given(AGREED_FOR_THE_YEAR).when(prolong).then_refused("agreement-ties")


class TestAmending:
    def test_other_targets_may_be_promised_from_a_day_on(self):
        twice_as_fast = urgent(seconds={"resolution": 7_200})
        given(AGREED).when(amend(twice_as_fast, APRIL)).then(
            AgreementAmended(version=2, effective_from=APRIL, definition=twice_as_fast)
        )

    def test_the_same_promise_is_no_new_version(self):
        given(AGREED).when(amend(gold())).then_nothing_happened()

    def test_an_amendment_does_not_reach_back(self):
        given(AGREED).when(amend(gold(warn_at=[]), LAST_YEAR)).then_refused(
            "effective-in-the-past", field="effective_from"
        )

    @pytest.mark.parametrize(
        ("field", "value"),
        [("kind", "ola"), ("customer", None), ("service", None), ("valid_from", APRIL)],
    )
    def test_whom_and_what_it_is_about_stays(self, field, value):
        given(AGREED).when(amend(gold(**{field: value}))).then_refused(
            "scope-is-fixed", field=field
        )

    def test_an_amendment_must_promise_what_can_be_kept(self):
        given(AGREED).when(amend(gold(warn_at=["2"]))).then_refused("warning-out-of-range")

    def test_an_amendment_must_take_effect_before_the_end(self):
        given(AGREED).when(amend(gold(valid_until=APRIL), NEW_YEAR)).then_refused("never-in-force")

    def test_only_what_is_agreed_can_be_amended(self):
        given().when(amend(gold())).then_refused("unknown-agreement")

    def test_what_has_ended_cannot_be_amended(self):
        given(AGREED, TERMINATED).when(amend(gold(warn_at=[]))).then_refused(
            "agreement-terminated", naming="2026-04-01"
        )
        late = Amend(definition=gold(valid_until=None), surroundings=SURROUNDINGS)
        given(AGREED_FOR_THE_YEAR).when(late, AFTER_NEW_YEAR).then_refused(
            "agreement-expired", naming="2027-01-01"
        )


class TestTerminating:
    def test_it_ends_now_or_on_a_day_to_come(self):
        given(AGREED).when(Terminate(reason="The customer left.")).then(
            AgreementTerminated(ends_at=NOW, reason="The customer left.")
        )
        given(AGREED).when(Terminate(reason="The customer left.", ends_at=APRIL)).then(TERMINATED)

    def test_it_cannot_have_ended_in_the_past(self):
        given(AGREED).when(Terminate(reason="Too late.", ends_at=LAST_YEAR)).then_refused(
            "ends-in-the-past", field="ends_at"
        )

    def test_it_cannot_end_after_its_validity(self):
        given(AGREED_FOR_THE_YEAR).when(
            Terminate(reason="Later.", ends_at=YEAR_AFTER)
        ).then_refused("ends-after-its-validity", naming="2027-01-01", field="ends_at")

    def test_it_ends_once(self):
        terminate = Terminate(reason="Again.")
        given(AGREED, TERMINATED).when(terminate).then_refused("agreement-terminated")
        at_the_end = Occasion(Actor("Olga", Role.OWNER), NEW_YEAR)
        for late in (at_the_end, AFTER_NEW_YEAR):
            given(AGREED_FOR_THE_YEAR).when(Terminate(reason="Again."), late).then_refused(
                "agreement-expired"
            )

    def test_only_what_is_agreed_can_be_terminated(self):
        given().when(Terminate(reason="Never was.")).then_refused("unknown-agreement")

    def test_why_is_marked_as_free_text(self):
        assert marked_fields(AgreementTerminated) == {"reason": Sensitivity.FREE_TEXT}


def test_its_history_reads_in_plain_words():
    assert AGREED.in_words() == (
        f"Agreed service-level agreement “Booking, gold” for organisation {HARBOUR}, "
        f"service {BOOKING}, valid from 2026-03-02 10:00:00 UTC: 1 row of targets, "
        "paused by awaiting caller, warning at 50%, 75%"
    )
    quiet = gold(
        customer=None, service=None, pauses_on=[], warn_at=["0.999"], valid_until=YEAR_AFTER
    )
    assert AgreementAmended(version=2, effective_from=APRIL, definition=quiet).in_words() == (
        "Version 2, in force from 2026-04-01 00:00:00 UTC: "
        "service-level agreement “Booking, gold” for everyone, any service, "
        "valid from 2026-03-02 10:00:00 UTC until 2028-01-01 00:00:00 UTC: 1 row of targets, "
        "paused by nothing, warning at 99.9%"
    )
    assert TERMINATED.in_words() == (
        "Terminated with effect from 2026-04-01 00:00:00 UTC: The customer left."
    )
