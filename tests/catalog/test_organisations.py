from datetime import UTC, datetime
from uuid import UUID

from catalog.definitions.commands import Define, Redefine, Retire
from catalog.definitions.terms import Surroundings
from catalog.organisations.decider import DECIDER
from catalog.organisations.events import (
    OrganisationRedefined,
    OrganisationRegistered,
    OrganisationRetired,
)
from catalog.organisations.terms import OrganisationDefinition, OrganisationKind
from deskstream.decider import Actor, Occasion, Role
from deskstream.marks import Sensitivity
from deskstream_platform.marked import marked_fields
from deskstream_testing.deciders import DeciderSpecification

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LAST_YEAR = datetime(2025, 1, 1, tzinfo=UTC)
NEXT_MONTH = datetime(2026, 4, 1, tzinfo=UTC)
BY_THE_OWNER = Occasion(Actor("Olga", Role.OWNER), NOW)
given = DeciderSpecification(DECIDER, usual=BY_THE_OWNER).given

HARBOUR, GROUP, DEPOT = UUID(int=1), UUID(int=2), UUID(int=3)
LOGISTICS = OrganisationDefinition(name="Harbour Logistics", kind=OrganisationKind.CUSTOMER)
ALONE = Surroundings(own=HARBOUR)
LOGISTICS_IN_GROUP = LOGISTICS.model_copy(update={"parent": GROUP})

REGISTERED = OrganisationRegistered(version=1, effective_from=LAST_YEAR, definition=LOGISTICS)
JOINED_GROUP = OrganisationRedefined(
    version=2, effective_from=NEXT_MONTH, definition=LOGISTICS_IN_GROUP
)


def below(*line):
    """What is known of the parents that it is to get, the nearest first."""
    return Surroundings(own=HARBOUR, standing={line[0]}, line=line)


def register(definition, place=ALONE, effective_from=None):
    return Define(definition=definition, surroundings=place, effective_from=effective_from)


def redefine(definition, place=ALONE, effective_from=None):
    return Redefine(definition=definition, surroundings=place, effective_from=effective_from)


def test_an_organisation_is_known_from_now_on():
    given().when(register(LOGISTICS)).then(
        OrganisationRegistered(version=1, effective_from=NOW, definition=LOGISTICS)
    )


def test_it_may_have_been_there_before_so_that_histories_can_be_imported():
    given().when(register(LOGISTICS, effective_from=LAST_YEAR)).then(REGISTERED)


def test_it_is_registered_once():
    given(REGISTERED).when(register(LOGISTICS)).then_refused(
        "organisation-exists", naming="Harbour Logistics"
    )


def test_it_may_become_part_of_another():
    given(REGISTERED).when(redefine(LOGISTICS_IN_GROUP, below(GROUP), NEXT_MONTH)).then(
        JOINED_GROUP
    )


def test_what_is_so_already_is_not_said_again():
    given(REGISTERED).when(redefine(LOGISTICS)).then_nothing_happened()


def test_the_same_from_another_day_on_is_a_version_of_its_own():
    given(REGISTERED).when(redefine(LOGISTICS, effective_from=NEXT_MONTH)).then(
        OrganisationRedefined(version=2, effective_from=NEXT_MONTH, definition=LOGISTICS)
    )


def test_only_what_is_registered_can_be_redefined():
    given().when(redefine(LOGISTICS)).then_refused("unknown-organisation")


def test_it_cannot_be_part_of_what_nobody_knows():
    given().when(register(LOGISTICS_IN_GROUP)).then_refused(
        "unknown-parent", naming=str(GROUP), field="parent"
    )


def test_it_cannot_be_part_of_itself_or_of_what_is_part_of_it():
    part_of_itself = LOGISTICS.model_copy(update={"parent": HARBOUR})
    given().when(register(part_of_itself)).then_refused("parent-is-below", field="parent")
    given(REGISTERED).when(redefine(part_of_itself, below(HARBOUR))).then_refused(
        "parent-is-below", field="parent"
    )
    part_of_its_depot = LOGISTICS.model_copy(update={"parent": DEPOT})
    given(REGISTERED).when(redefine(part_of_its_depot, below(DEPOT, HARBOUR))).then_refused(
        "parent-is-below", field="parent"
    )


def test_a_new_version_does_not_reach_back():
    given(REGISTERED).when(redefine(LOGISTICS_IN_GROUP, below(GROUP), LAST_YEAR)).then_refused(
        "effective-in-the-past", naming="2026-03-02 10:00:00 UTC"
    )


def test_a_new_version_does_not_overtake_one_that_is_announced():
    given(REGISTERED, JOINED_GROUP).when(redefine(LOGISTICS)).then_refused(
        "effective-before-the-latest-version", naming="2026-04-01", field="effective_from"
    )


def test_its_history_reads_in_plain_words():
    assert REGISTERED.in_words() == "Registered customer “Harbour Logistics”"
    assert JOINED_GROUP.in_words() == (
        "Version 2, in force from 2026-04-01 00:00:00 UTC: customer “Harbour Logistics”, "
        f"part of {GROUP}"
    )


RETIRED = OrganisationRetired(ends_at=NEXT_MONTH, reason="The customer left.")


def retire(surroundings=ALONE, ends_at=None):
    return Retire(reason="The customer left.", surroundings=surroundings, ends_at=ends_at)


def test_it_retires_now_or_on_a_day_to_come():
    given(REGISTERED).when(retire()).then(
        OrganisationRetired(ends_at=NOW, reason="The customer left.")
    )
    given(REGISTERED).when(retire(ends_at=NEXT_MONTH)).then(RETIRED)


def test_it_does_not_retire_while_something_relies_on_it():
    relied_on = Surroundings(own=HARBOUR, relying=["Gold", "Harbour Depot"])
    given(REGISTERED).when(retire(relied_on)).then_refused(
        "still-relied-on", naming="“Gold”, “Harbour Depot”"
    )


def test_it_retires_once_and_not_in_the_past():
    given().when(retire()).then_refused("unknown-organisation")
    given(REGISTERED, RETIRED).when(retire()).then_refused(
        "organisation-retired", naming="2026-04-01"
    )
    given(REGISTERED).when(retire(ends_at=LAST_YEAR)).then_refused(
        "effective-in-the-past", field="ends_at"
    )


def test_it_does_not_retire_before_its_latest_version():
    given(REGISTERED, JOINED_GROUP).when(retire()).then_refused(
        "effective-before-the-latest-version", field="ends_at"
    )


def test_a_new_version_brings_it_back():
    back = OrganisationRedefined(version=2, effective_from=NOW, definition=LOGISTICS)
    given(REGISTERED, RETIRED).when(redefine(LOGISTICS)).then(back)
    given(REGISTERED, RETIRED, back).when(redefine(LOGISTICS)).then_nothing_happened()
    given(REGISTERED, RETIRED, back).when(retire()).then(
        OrganisationRetired(ends_at=NOW, reason="The customer left.")
    )


def test_no_two_have_the_same_key():
    keyed = LOGISTICS.model_copy(update={"key": "harbour"})
    taken = Surroundings(own=HARBOUR, namesake="Harbour Depot")
    given().when(register(keyed, taken)).then_refused(
        "key-taken", naming="“Harbour Depot” has the key harbour", field="key"
    )
    given(REGISTERED).when(redefine(keyed, taken)).then_refused("key-taken")


def test_why_it_retired_is_told_in_its_history_and_marked_as_free_text():
    assert RETIRED.in_words() == (
        "Retired with effect from 2026-04-01 00:00:00 UTC: The customer left."
    )
    assert marked_fields(OrganisationRetired) == {"reason": Sensitivity.FREE_TEXT}
