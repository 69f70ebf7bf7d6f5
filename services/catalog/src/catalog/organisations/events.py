"""What can happen to an organisation."""

from typing import assert_never

from catalog.organisations.terms import OrganisationDefinition
from catalog.terms import DefiningFact, plain
from deskstream.codec import Codec


class OrganisationRegistered(DefiningFact[OrganisationDefinition]):
    """An organisation became known."""


class OrganisationRedefined(DefiningFact[OrganisationDefinition]):
    """An organisation is described anew: another name, kind or parent."""


OrganisationFact = OrganisationRegistered | OrganisationRedefined

CODEC: Codec[OrganisationFact] = Codec(
    {
        "organisation.registered.v1": OrganisationRegistered,
        "organisation.redefined.v1": OrganisationRedefined,
    }
)


def describe(fact: OrganisationFact) -> str:
    """The fact in plain words."""
    organisation = fact.definition
    below = f", part of {organisation.parent}" if organisation.parent else ""
    match fact:
        case OrganisationRegistered():
            return f"Registered {organisation.kind} “{organisation.name}”{below}"
        case OrganisationRedefined():
            return (
                f"Version {fact.version}, in force from {plain(fact.effective_from)}: "
                f"{organisation.kind} “{organisation.name}”{below}"
            )
        case _:
            assert_never(fact)
