from datetime import UTC, datetime, timedelta

import pytest

from catalog import starter
from catalog.agreements.commands import Agree
from catalog.agreements.events import AgreementAgreed
from catalog.agreements.terms import CalendarInForce, Surroundings
from catalog.calendars.events import CalendarDefined
from catalog.definitions import terms as definitions
from catalog.definitions.commands import Define
from catalog.main import SERVICE
from catalog.routing.terms import ROUTING
from catalog.terms import Level
from deskstream.decider import Actor, Occasion, Refusal, Role

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
YEARS = range(2025, 2031)
SINCE = datetime(2025, 1, 1, tzinfo=UTC)
BY_THE_OWNER = Occasion(Actor("Olga", Role.OWNER), NOW)
DECIDERS = {aggregate.decider.category: aggregate.decider for aggregate in SERVICE.aggregates}


def command(beginning, before):
    """What begins it, when this stands before it."""
    standing = {one.id for one in before}
    if beginning.kind == "agreement":
        calendars = {
            one.id: CalendarInForce(one.definition.name, one.definition.working_time, SINCE)
            for one in before
            if one.kind == "calendar"
        }
        return Agree(
            definition=beginning.definition,
            surroundings=Surroundings(calendars=calendars, standing=standing),
        )
    own = beginning.definition.above
    return Define(
        definition=beginning.definition,
        surroundings=definitions.Surroundings(
            own=beginning.id, standing=standing, line=[own] if own else ()
        ),
        effective_from=beginning.effective_from,
    )


def apply():
    """The facts of the starter set, by stream."""
    added = {}
    beginnings = starter.starter_set(NOW, YEARS, "2026b")
    for nth, beginning in enumerate(beginnings):
        decider = DECIDERS[beginning.kind]
        decided = decider.decide(command(beginning, beginnings[:nth]), BY_THE_OWNER, None)
        assert not isinstance(decided, Refusal), decided
        added[beginning.stream] = decided
    return added


@pytest.fixture(scope="module")
def applied():
    return apply()


def test_it_is_accepted_in_its_order_and_holds_something_of_every_kind(applied):
    assert {stream.partition("-")[0] for stream in applied} == set(DECIDERS)
    assert all(len(facts) == 1 for facts in applied.values())


def test_everything_goes_to_a_group_that_somebody_is_in(applied):
    (routing,) = applied[f"routing-{ROUTING}"]
    (desk,) = applied[f"group-{starter.SERVICE_DESK}"]
    anything = [route.group for route in routing.definition.routes if not route.category]
    assert anything == [starter.SERVICE_DESK]
    assert desk.definition.on_call in desk.definition.members


def test_its_ids_are_the_same_in_every_system():
    assert str(starter.DEMO_SERVICE) == "2b0e460c-46e7-52d0-800d-8e37250de486"


def calendar(applied, identity):
    (fact,) = applied[f"calendar-{identity}"]
    assert isinstance(fact, CalendarDefined)
    return fact.definition


def agreement(applied, identity):
    (fact,) = applied[f"agreement-{identity}"]
    assert isinstance(fact, AgreementAgreed)
    return fact.definition


def test_around_the_clock_never_closes(applied):
    always = calendar(applied, starter.AROUND_THE_CLOCK).working_time.calendar()
    assert always.add(NOW, timedelta(days=1000)) == NOW + timedelta(days=1000)


@pytest.mark.parametrize(
    ("identity", "monday_noon_utc", "holiday_noon_utc"),
    [
        (starter.OFFICE_HOURS_BERLIN, "2026-11-23T12:00Z", "2026-12-25T12:00Z"),
        (starter.OFFICE_HOURS_NEW_YORK, "2026-11-23T17:00Z", "2026-11-26T17:00Z"),
    ],
)
def test_offices_close_on_public_holidays(applied, identity, monday_noon_utc, holiday_noon_utc):
    office = calendar(applied, identity).working_time.calendar()
    assert office.is_open(datetime.fromisoformat(monday_noon_utc))
    assert not office.is_open(datetime.fromisoformat(holiday_noon_utc))


def test_offices_name_the_source_and_the_years_of_their_holidays(applied):
    office = calendar(applied, starter.OFFICE_HOURS_BERLIN)
    assert office.tzdata == "2026b"
    assert office.holiday_source is not None
    assert office.holiday_source.endswith(": DE-BE, 2025 to 2030")
    assert {day[:4] for day in office.working_time.holidays} == {str(year) for year in YEARS}


def test_usual_agreement_covers_incidents_of_every_priority_for_everyone(applied):
    usual = agreement(applied, starter.USUAL_AGREEMENT)
    assert (usual.customer, usual.service) == (None, None)
    assert [row.priority for row in usual.targets] == [1, 2, 3, 4, 5]
    always = starter.AROUND_THE_CLOCK
    assert [usual.calendar_of(row) == always for row in usual.targets] == [True] * 2 + [False] * 3


def test_the_demo_agreement_warns_and_breaches_within_half_a_minute(applied):
    demo = agreement(applied, starter.DEMO_AGREEMENT)
    assert (demo.customer, demo.service) == (starter.DEMO_CUSTOMER, starter.DEMO_SERVICE)
    assert max(max(row.seconds.values()) for row in demo.targets) < 30
    assert [str(share) for share in demo.warn_at] == ["0.5", "0.75"]


def test_the_matrix_is_the_usual_three_by_three():
    rows = [[starter.USUAL_MATRIX.priorities[i][u] for u in Level] for i in Level]
    assert rows == [[1, 2, 3], [2, 3, 4], [3, 4, 5]]
