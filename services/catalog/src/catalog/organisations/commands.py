"""What can be asked of an organisation."""

from catalog.organisations.terms import OrganisationDefinition
from catalog.terms import Place
from deskstream.decider import Command
from deskstream.input import Moment


class RegisterOrganisation(Command):
    """Make an organisation known."""

    definition: OrganisationDefinition
    place: Place
    effective_from: Moment | None = None


class RedefineOrganisation(Command):
    """Describe an organisation anew."""

    definition: OrganisationDefinition
    place: Place
    effective_from: Moment | None = None


OrganisationCommand = RegisterOrganisation | RedefineOrganisation
