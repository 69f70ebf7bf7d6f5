"""What can happen to an organisation."""

from catalog.organisations.terms import OrganisationDefinition
from catalog.terms import DefiningFact, plain
from deskstream.codec import Codec


class OrganisationRegistered(
    DefiningFact[OrganisationDefinition], stored="organisation.registered.v1"
):
    """An organisation became known."""

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Registered {_in_words(self.definition)}"


class OrganisationRedefined(
    DefiningFact[OrganisationDefinition], stored="organisation.redefined.v1"
):
    """An organisation is described anew: another name, kind or parent."""

    def in_words(self) -> str:
        """As the history tells it."""
        return (
            f"Version {self.version}, in force from {plain(self.effective_from)}: "
            f"{_in_words(self.definition)}"
        )


OrganisationFact = OrganisationRegistered | OrganisationRedefined

CODEC: Codec[OrganisationFact] = Codec.of(OrganisationFact)


def _in_words(organisation: OrganisationDefinition) -> str:
    below = f", part of {organisation.parent}" if organisation.parent else ""
    return f"{organisation.kind} “{organisation.name}”{below}"
