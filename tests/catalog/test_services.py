from datetime import UTC, datetime
from uuid import UUID

from catalog.definitions.commands import Define, Redefine
from catalog.definitions.terms import Surroundings
from catalog.services.decider import DECIDER
from catalog.services.events import ServiceRedefined, ServiceRegistered
from catalog.services.terms import Criticality, ServiceDefinition
from deskstream.decider import Actor, Occasion, Role
from deskstream.marks import Sensitivity
from deskstream_platform.marked import marked_fields
from deskstream_testing.deciders import DeciderSpecification

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
BY_THE_OWNER = Occasion(Actor("Olga", Role.OWNER), NOW)
given = DeciderSpecification(DECIDER, usual=BY_THE_OWNER).given

BOOKING_ID, LOGISTICS_ID = UUID(int=1), UUID(int=2)
HERE = Surroundings(own=BOOKING_ID)
BOOKING = ServiceDefinition(name="Booking", criticality=Criticality.HIGH, owner="Ada Kent")
CRITICAL = BOOKING.model_copy(update={"criticality": Criticality.CRITICAL})
BELOW_LOGISTICS = BOOKING.model_copy(update={"parent": LOGISTICS_ID})

REGISTERED = ServiceRegistered(version=1, effective_from=NOW, definition=BOOKING)
BECAME_CRITICAL = ServiceRedefined(version=2, effective_from=NOW, definition=CRITICAL)


def test_a_service_is_registered_once():
    register = Define(definition=BOOKING, surroundings=HERE)
    given().when(register).then(REGISTERED)
    given(REGISTERED).when(register).then_refused("service-exists", naming="Booking")


def test_its_criticality_may_change_and_saying_so_twice_changes_nothing():
    redefine = Redefine(definition=CRITICAL, surroundings=HERE)
    given(REGISTERED).when(redefine).then(BECAME_CRITICAL)
    given(REGISTERED, BECAME_CRITICAL).when(redefine).then_nothing_happened()


def test_versions_are_counted():
    redefine = Redefine(definition=BOOKING, surroundings=HERE)
    given(REGISTERED, BECAME_CRITICAL).when(redefine).then(
        ServiceRedefined(version=3, effective_from=NOW, definition=BOOKING)
    )


def test_only_what_is_registered_can_be_redefined():
    given().when(Redefine(definition=BOOKING, surroundings=HERE)).then_refused("unknown-service")


def test_its_parent_must_be_known_and_must_not_stand_below_it():
    register = Define(definition=BELOW_LOGISTICS, surroundings=HERE)
    given().when(register).then_refused("unknown-parent", naming=str(LOGISTICS_ID))
    beneath_itself = Surroundings(
        own=BOOKING_ID, standing={LOGISTICS_ID}, line=[LOGISTICS_ID, BOOKING_ID]
    )
    redefine = Redefine(definition=BELOW_LOGISTICS, surroundings=beneath_itself)
    given(REGISTERED).when(redefine).then_refused("parent-is-below", naming=str(BOOKING_ID))


def test_who_owns_it_is_marked_as_a_person():
    assert marked_fields(ServiceRegistered) == {"definition.owner": Sensitivity.PERSON}


def test_its_history_reads_in_plain_words():
    assert REGISTERED.in_words() == "Registered “Booking” of high criticality, owned by Ada Kent"
    assert BECAME_CRITICAL.in_words() == (
        "Version 2, in force from 2026-03-02 10:00:00 UTC: "
        "“Booking” of critical criticality, owned by Ada Kent"
    )
