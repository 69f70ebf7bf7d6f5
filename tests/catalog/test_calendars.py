from datetime import UTC, datetime
from uuid import UUID

import pytest

from catalog.calendars.decider import DECIDER
from catalog.calendars.events import CalendarDefined, CalendarRedefined
from catalog.calendars.terms import CalendarDefinition
from catalog.definitions.commands import Define, Redefine
from catalog.definitions.terms import Promised, Surroundings
from catalog.terms import WorkingTime
from deskstream.decider import Actor, Occasion, Role
from deskstream_testing.deciders import DeciderSpecification

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
BY_THE_OWNER = Occasion(Actor("Olga", Role.OWNER), NOW)
given = DeciderSpecification(DECIDER, usual=BY_THE_OWNER).given

ALONE = Surroundings(own=UUID(int=1))
MONDAY = {"mon": [["09:00", "17:00"]]}
LONG_MONDAY = {"mon": [["08:00", "12:00"], ["13:00", "20:00"]]}


def calendar(hours=MONDAY, *, timezone="Europe/Berlin", **exceptions):
    working_time = {"timezone": timezone, "hours": hours, **exceptions}
    return CalendarDefinition(
        name="Front desk",
        working_time=WorkingTime.model_validate(working_time),
        tzdata="2026b",
    )


def define(definition):
    return Define(definition=definition, surroundings=ALONE)


def redefine(definition, effective_from=None):
    return Redefine(definition=definition, surroundings=ALONE, effective_from=effective_from)


DEFINED = CalendarDefined(version=1, effective_from=NOW, definition=calendar())
LONGER_FROM_NEW_YEAR = CalendarRedefined(
    version=2, effective_from=NEW_YEAR, definition=calendar(LONG_MONDAY)
)


def test_a_calendar_is_defined_once():
    given().when(define(calendar())).then(DEFINED)
    given(DEFINED).when(define(calendar())).then_refused("calendar-exists", naming="Front desk")


def test_other_hours_may_be_announced():
    given(DEFINED).when(redefine(calendar(LONG_MONDAY), effective_from=NEW_YEAR)).then(
        LONGER_FROM_NEW_YEAR
    )


def test_hours_that_are_too_few_for_what_is_promised_by_them_are_refused():
    once = calendar({}, overrides={"2027-01-04": [["09:00", "17:00"]]})
    around = Surroundings(own=UUID(int=1), promised=[Promised("Gold", 8 * 3600 + 1)])
    too_few = Redefine(definition=once, surroundings=around, effective_from=NEW_YEAR)
    given(DEFINED).when(too_few).then_refused(
        "due-unreachable", naming="“Gold” promises 28801 seconds", field="working_time"
    )
    around = Surroundings(own=UUID(int=1), promised=[Promised("Gold", 8 * 3600)])
    enough = Redefine(definition=once, surroundings=around, effective_from=NEW_YEAR)
    given(DEFINED).when(enough).then(
        CalendarRedefined(version=2, effective_from=NEW_YEAR, definition=once)
    )


def test_the_same_hours_are_no_new_version():
    given(DEFINED).when(redefine(calendar())).then_nothing_happened()


def test_only_what_is_defined_can_be_redefined():
    given().when(redefine(calendar())).then_refused("unknown-calendar")


def test_an_edit_does_not_reach_clocks_that_have_started():
    last_year = datetime(2025, 1, 1, tzinfo=UTC)
    given(DEFINED).when(redefine(calendar(LONG_MONDAY), effective_from=last_year)).then_refused(
        "effective-in-the-past", field="effective_from"
    )


@pytest.mark.parametrize(
    ("unusable", "code", "naming"),
    [
        (calendar({}), "calendar-never-opens", "never opens"),
        (calendar(timezone="Europe/Atlantis"), "unknown-time-zone", "Europe/Atlantis"),
        (calendar({"mon": [["09:00", "13:00"], ["12:00", "17:00"]]}), "invalid-window", "overlap"),
        (calendar({"mon": [["17:00", "09:00"]]}), "invalid-window", "17:00-09:00"),
        (calendar({"mon": [["9", "17"]]}), "invalid-window", "'9'"),
        (calendar({"monday": [["09:00", "17:00"]]}), "invalid-window", "monday"),
        (calendar(holidays=["2026-02-30"]), "invalid-window", "2026-02-30"),
    ],
)
def test_a_calendar_that_cannot_be_computed_with_is_refused(unusable, code, naming):
    given().when(define(unusable)).then_refused(code, naming=naming, field="working_time")
    given(DEFINED).when(redefine(unusable)).then_refused(code, naming=naming, field="working_time")


def test_its_history_reads_in_plain_words():
    assert DEFINED.in_words() == (
        "Defined “Front desk”: mon 09:00-17:00 in Europe/Berlin, 0 holidays, "
        "0 dates with hours of their own, 0 dates with breaks"
    )
    assert LONGER_FROM_NEW_YEAR.in_words().startswith(
        "Version 2, in force from 2027-01-01 00:00:00 UTC: "
        "“Front desk”: mon 08:00-12:00, 13:00-20:00 in Europe/Berlin"
    )
