from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import ValidationError

from catalog.definitions.commands import Define, Redefine
from catalog.definitions.terms import Surroundings
from catalog.people.decider import DECIDER
from catalog.people.events import PersonRedefined, PersonRegistered
from catalog.people.terms import PersonDefinition
from deskstream.decider import Actor, Occasion, Role
from deskstream.marks import Sensitivity
from deskstream_platform.marked import marked_fields
from deskstream_testing.deciders import DeciderSpecification

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
given = DeciderSpecification(DECIDER, usual=Occasion(Actor("Olga", Role.OWNER), NOW)).given

ANNA_ID, BEN_ID, HARBOUR = UUID(int=1), UUID(int=2), UUID(int=3)
HERE = Surroundings(own=ANNA_ID, standing={HARBOUR, BEN_ID}, line=[BEN_ID])


def anna(**changes):
    told = {"name": "Anna Smith", "login": "anna", "organisation": HARBOUR, **changes}
    return PersonDefinition.model_validate(told)


def register(person, surroundings=HERE):
    return Define(definition=person, surroundings=surroundings)


REGISTERED = PersonRegistered(version=1, effective_from=NOW, definition=anna())


def test_a_person_is_registered_and_changes():
    given().when(register(anna())).then(REGISTERED)
    under_ben = anna(manager=BEN_ID, vip=True)
    given(REGISTERED).when(Redefine(definition=under_ben, surroundings=HERE)).then(
        PersonRedefined(version=2, effective_from=NOW, definition=under_ben)
    )


def test_somebody_who_never_logs_in_needs_no_login():
    caller = anna(login=None)
    given().when(register(caller)).then(
        PersonRegistered(version=1, effective_from=NOW, definition=caller)
    )


def test_organisation_and_manager_must_be_there():
    nowhere = Surroundings(own=ANNA_ID)
    given().when(register(anna(), nowhere)).then_refused(
        "unknown-organisation", naming=str(HARBOUR), field="organisation"
    )
    alone = Surroundings(own=ANNA_ID, standing={HARBOUR})
    given().when(register(anna(manager=BEN_ID), alone)).then_refused(
        "unknown-manager", naming=str(BEN_ID), field="manager"
    )


def test_nobody_reports_to_those_who_report_to_them():
    above_anna = Surroundings(own=ANNA_ID, standing={HARBOUR, BEN_ID}, line=[BEN_ID, ANNA_ID])
    given(REGISTERED).when(
        Redefine(definition=anna(manager=BEN_ID), surroundings=above_anna)
    ).then_refused("manager-is-below", field="manager")


def test_a_login_is_one_persons():
    taken = Surroundings(own=ANNA_ID, standing={HARBOUR}, namesake="Anna Jones")
    given().when(register(anna(), taken)).then_refused(
        "login-taken", naming="“Anna Jones”", field="login"
    )


@pytest.mark.parametrize("language", ["German", "de_DE", "", "x"])
def test_a_language_is_told_by_its_tag(language):
    assert anna(language="pt-BR").language == "pt-BR"
    with pytest.raises(ValidationError):
        anna(language=language)


def test_what_tells_who_it_is_is_marked_as_a_person():
    assert marked_fields(PersonRegistered) == {
        "definition.name": Sensitivity.PERSON,
        "definition.login": Sensitivity.PERSON,
        "definition.addresses.at": Sensitivity.PERSON,
    }


def test_its_history_reads_in_plain_words():
    mail = {"kind": "email", "at": "a@example.org"}
    told = anna(manager=BEN_ID, vip=True, language="de", addresses=[mail])
    fact = PersonRegistered(version=1, effective_from=NOW, definition=told)
    assert fact.in_words() == (
        f"Registered “Anna Smith” (anna) of {HARBOUR}, reporting to {BEN_ID}, a VIP, in de, "
        "reached by email a@example.org"
    )
