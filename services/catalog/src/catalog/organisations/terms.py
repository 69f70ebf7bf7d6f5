"""What an organisation is."""

from enum import StrEnum
from uuid import UUID

from catalog.terms import Name, Term


class OrganisationKind(StrEnum):
    """What an organisation is to the service provider."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    SUPPLIER = "supplier"


class OrganisationDefinition(Term):
    """A party to agreements; agreements of its ancestors hold for it where it has none."""

    name: Name
    kind: OrganisationKind
    parent: UUID | None = None
