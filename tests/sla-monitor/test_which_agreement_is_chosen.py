from datetime import timedelta

import pytest
from a_ticket import (
    MONDAY,
    OFFICE,
    RESOLVED,
    RESUMED,
    Life,
    agreement,
    book,
    calendar,
    held,
    logged,
    minute,
    policy,
)

from sla_monitor import foreign
from sla_monitor.events import TicketUncovered
from sla_monitor.terms import Kind, Phase, Target, Ticket

MOTHER = policy("organisation", "mother", name="Mother")
DAUGHTER = policy("organisation", "daughter", name="Daughter", parent="mother")
SUITE = policy("service", "suite", name="Suite")
MAIL = policy("service", "mail", name="Mail", parent="suite")
PARTIES = (MOTHER, DAUGHTER, SUITE, MAIL, calendar())


def ticket(organisation="daughter", service="mail", priority=3):
    return Ticket(
        stream="incident-1",
        number="INC0000001",
        priority=priority,
        organisation=organisation,
        service=service,
    )


def chosen(*agreements, at=MONDAY, of=None, **ended):
    choice = book(*PARTIES, *agreements, **ended).choose(of or ticket(), Kind.SLA, at)
    return next((one.name for one in choice.candidates if one.lost is None), None)


EVERYONE = agreement("everyone")
FOR_MOTHER = agreement("mother's", customer="mother")
FOR_DAUGHTER = agreement("daughter's", customer="daughter")
FOR_MAIL = agreement("mail's", service="mail")
FOR_SUITE = agreement("suite's", service="suite")


@pytest.mark.parametrize(
    ("agreements", "winner"),
    [
        ([EVERYONE], "everyone"),
        ([EVERYONE, FOR_MOTHER], "mother's"),
        ([EVERYONE, FOR_MOTHER, FOR_DAUGHTER], "daughter's"),
        ([EVERYONE, FOR_SUITE], "suite's"),
        ([EVERYONE, FOR_SUITE, FOR_MAIL], "mail's"),
        ([FOR_MAIL, FOR_MOTHER], "mother's"),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(a.id for a in value),
)
def test_the_nearest_customer_wins_and_then_the_nearest_service(agreements, winner):
    assert chosen(*agreements) == winner
    assert chosen(*reversed(agreements)) == winner


def test_another_customers_agreement_covers_nobody_else():
    assert chosen(FOR_DAUGHTER, of=ticket(organisation="mother")) is None


def test_an_agreement_of_another_kind_is_no_candidate():
    assert chosen(agreement("ours", kind="ola")) is None


def test_an_agreement_holds_from_its_beginning_until_its_end():
    begins, ends = MONDAY, MONDAY + timedelta(days=1)
    dated = agreement("dated", valid_from=begins.isoformat(), valid_until=ends.isoformat())
    assert chosen(dated, at=begins) == "dated"
    assert chosen(dated, at=begins - timedelta(seconds=1)) is None
    assert chosen(dated, at=ends) is None


def test_a_terminated_agreement_is_chosen_no_more():
    assert chosen(EVERYONE, at=MONDAY, everyone=MONDAY) is None


def test_every_candidate_that_lost_says_why():
    choice = book(*PARTIES, EVERYONE, FOR_MOTHER).choose(ticket(), Kind.SLA, MONDAY)
    assert [(one.name, one.lost) for one in choice.candidates] == [
        ("mother's", None),
        ("everyone", "mother's is nearer"),
    ]


def test_a_missing_row_means_nothing_is_promised_and_no_other_agreement_steps_in():
    near = agreement("mother's", customer="mother", priorities=(1,))
    choice = book(*PARTIES, EVERYONE, near).choose(ticket(), Kind.SLA, MONDAY)
    assert not choice.promises
    assert "mother's" in (choice.uncovered or "")


def test_a_version_applies_from_its_own_effective_time():
    later = agreement(resolution=60, version=2, since=MONDAY + timedelta(hours=1))
    policies = book(calendar(), agreement(), later)
    assert Life(policies).tell(0, logged()).clock().due_at == minute(240)
    assert Life(policies).tell(60, logged()).clock().due_at == minute(120)


def test_a_version_of_a_calendar_or_a_parent_applies_from_that_very_moment_too():
    other_hours = calendar("always", OFFICE, number=2, since=minute(60))
    policies = book(calendar(), agreement(), other_hours)
    versions = [Life(policies).tell(at, logged()).clock().promise.calendar for at in (59.9, 60)]
    assert [one.version for one in versions] == [1, 2]
    bought = policy("organisation", "daughter", 2, minute(60), name="Daughter", parent="mother")
    alone = policy("organisation", "daughter", name="Daughter")
    parties = book(MOTHER, alone, bought, calendar(), EVERYONE, FOR_MOTHER)
    choices = [parties.choose(ticket(service=None), Kind.SLA, minute(at)) for at in (59.9, 60)]
    assert [one.candidates[0].name for one in choices] == ["everyone", "mother's"]


def test_a_row_may_count_by_a_calendar_of_its_own():
    rows = [
        {"ticket_type": "incident", "priority": one, "seconds": {"resolution": 36_000}, **by}
        for one, by in ((1, {}), (3, {"calendar": "office"}))
    ]
    policies = book(calendar(), calendar("office", OFFICE), agreement(targets=rows))
    due = [Life(policies).tell(0, logged(priority=one)).clock().due_at for one in (1, 3)]
    assert due == [minute(600), minute(24 * 60 + 120)]


def test_the_version_is_pinned_when_the_clock_starts():
    life = Life(book(calendar(), agreement())).tell(0, logged())
    life.policies = book(calendar(), agreement(), agreement(resolution=60, version=2, since=MONDAY))
    assert life.tell(10, logged()).clock().due_at == minute(240)


def test_a_ticket_that_matches_nothing_is_uncovered():
    life = Life(book(calendar())).tell(0, logged())
    assert life.last(TicketUncovered).because == "no agreement in force covers it"


ONE_DAY = {"timezone": "UTC", "hours": {}, "overrides": {"2026-01-05": [["09:00", "17:00"]]}}


def test_what_the_calendar_cannot_hold_any_more_is_not_promised():
    policies = book(calendar("always", ONE_DAY), agreement(response=None, resolution=240))
    assert Life(policies).tell(0, logged()).clock().due_at == minute(240)
    too_late = Life(policies).tell(300, logged())
    assert not too_late.state.clocks
    assert too_late.state.uncovered == "the calendars of usual hold too little time from now on"


def test_a_clock_whose_calendar_runs_out_while_it_stands_is_due_at_no_time():
    policies = book(calendar("always", ONE_DAY), agreement(response=None, resolution=240))
    life = Life(policies).tell(0, logged()).tell(10, held()).tell(400, RESUMED)
    assert (life.clock().phase, life.clock().due_at) == (Phase.RUNNING, None)
    assert life.pass_until(9999).tell(10000, RESOLVED).clock().breached_at is None


def test_what_groups_promise_each_other_covers_no_customer():
    ours = agreement("ours", kind="ola", response=None)
    life = Life(book(calendar(), ours)).tell(0, logged())
    life.tell(10, foreign.IncidentAssigned(group="network"))
    assert life.clock(Target.OWNERSHIP).due_at == minute(250)
    assert life.state.uncovered == "no agreement in force covers it"


def test_a_parent_that_is_its_own_ancestor_ends_the_search():
    loop = [policy("organisation", a, name=a, parent=b) for a, b in ("xy", "yx")]
    choice = book(calendar(), *loop, FOR_MOTHER).choose(ticket(organisation="x"), Kind.SLA, MONDAY)
    assert choice.uncovered
