"""The rules for organisations."""

from catalog.definitions.deciding import defining_decider
from catalog.organisations.events import (
    OrganisationRedefined,
    OrganisationRegistered,
    OrganisationRetired,
)

DECIDER = defining_decider(
    "organisation", OrganisationRegistered, OrganisationRedefined, OrganisationRetired
)
