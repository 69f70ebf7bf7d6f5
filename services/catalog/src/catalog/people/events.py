"""What can happen to a person's entry."""

from catalog.definitions.facts import DefiningFact, DefinitionFact, EndingFact
from catalog.people.terms import PersonDefinition
from deskstream.codec import Codec


class PersonRegistered(DefiningFact[PersonDefinition], stored="person.registered.v1"):
    """A person became known."""

    opening = "Registered"


class PersonRedefined(DefiningFact[PersonDefinition], stored="person.redefined.v1"):
    """A person is described anew: another name, organisation, manager, login or address."""


class PersonRetired(EndingFact, stored="person.retired.v1"):
    """A person has left."""


PersonFact = PersonRegistered | PersonRedefined | PersonRetired

CODEC: Codec[DefinitionFact] = Codec.of(PersonFact)
