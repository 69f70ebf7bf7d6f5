from datetime import UTC, datetime
from uuid import UUID

from catalog.organisations.commands import RedefineOrganisation, RegisterOrganisation
from catalog.organisations.decider import DECIDER
from catalog.organisations.events import OrganisationRedefined, OrganisationRegistered
from catalog.organisations.terms import OrganisationDefinition, OrganisationKind
from catalog.terms import Place
from deskstream.decider import Actor, Occasion, Role
from deskstream_testing.deciders import DeciderSpecification

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LAST_YEAR = datetime(2025, 1, 1, tzinfo=UTC)
NEXT_MONTH = datetime(2026, 4, 1, tzinfo=UTC)
BY_THE_OWNER = Occasion(Actor("Olga", Role.OWNER), NOW)
given = DeciderSpecification(DECIDER, usual=BY_THE_OWNER).given

HARBOUR, GROUP, DEPOT = UUID(int=1), UUID(int=2), UUID(int=3)
LOGISTICS = OrganisationDefinition(name="Harbour Logistics", kind=OrganisationKind.CUSTOMER)
ALONE = Place(HARBOUR)
LOGISTICS_IN_GROUP = LOGISTICS.model_copy(update={"parent": GROUP})

REGISTERED = OrganisationRegistered(version=1, effective_from=LAST_YEAR, definition=LOGISTICS)
JOINED_GROUP = OrganisationRedefined(
    version=2, effective_from=NEXT_MONTH, definition=LOGISTICS_IN_GROUP
)


def register(definition, place=ALONE, effective_from=None):
    return RegisterOrganisation(definition=definition, place=place, effective_from=effective_from)


def redefine(definition, place=ALONE, effective_from=None):
    return RedefineOrganisation(definition=definition, place=place, effective_from=effective_from)


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
    given(REGISTERED).when(redefine(LOGISTICS_IN_GROUP, Place(HARBOUR, [GROUP]), NEXT_MONTH)).then(
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
    given(REGISTERED).when(redefine(part_of_itself, Place(HARBOUR, [HARBOUR]))).then_refused(
        "parent-is-below", field="parent"
    )
    part_of_its_depot = LOGISTICS.model_copy(update={"parent": DEPOT})
    given(REGISTERED).when(
        redefine(part_of_its_depot, Place(HARBOUR, [DEPOT, HARBOUR]))
    ).then_refused("parent-is-below", field="parent")


def test_a_new_version_does_not_reach_back():
    given(REGISTERED).when(
        redefine(LOGISTICS_IN_GROUP, Place(HARBOUR, [GROUP]), LAST_YEAR)
    ).then_refused("effective-in-the-past", naming="2026-03-02 10:00:00 UTC")


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
