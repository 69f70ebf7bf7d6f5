"""What can be asked of an organisation."""

from dataclasses import dataclass
from datetime import datetime

from catalog.organisations.terms import OrganisationDefinition
from catalog.terms import Place
from deskstream.decider import Occasion


@dataclass(frozen=True, slots=True)
class RegisterOrganisation:
    """Make an organisation known."""

    when: Occasion
    definition: OrganisationDefinition
    place: Place
    effective_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class RedefineOrganisation:
    """Describe an organisation anew."""

    when: Occasion
    definition: OrganisationDefinition
    place: Place
    effective_from: datetime | None = None


OrganisationCommand = RegisterOrganisation | RedefineOrganisation
