"""What can happen to an organisation."""

from catalog.definitions.facts import DefiningFact, DefinitionFact, EndingFact
from catalog.organisations.terms import OrganisationDefinition
from deskstream.codec import Codec


class OrganisationRegistered(
    DefiningFact[OrganisationDefinition], stored="organisation.registered.v1"
):
    """An organisation became known."""

    opening = "Registered"


class OrganisationRedefined(
    DefiningFact[OrganisationDefinition], stored="organisation.redefined.v1"
):
    """An organisation is described anew: another name, kind, parent or key."""


class OrganisationRetired(EndingFact, stored="organisation.retired.v1"):
    """An organisation is no longer a party."""


OrganisationFact = OrganisationRegistered | OrganisationRedefined | OrganisationRetired

CODEC: Codec[DefinitionFact] = Codec.of(OrganisationFact)
