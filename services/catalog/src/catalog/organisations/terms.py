"""What an organisation is."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from catalog.definitions.terms import Definition, Handle, Reference
from catalog.terms import Key


class OrganisationKind(StrEnum):
    """What an organisation is to the service provider."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    SUPPLIER = "supplier"


class OrganisationDefinition(Definition):
    """A party to agreements; agreements of its ancestors hold for it where it has none.

    Args:
        key: what files of parties call it.
    """

    kind: OrganisationKind
    parent: UUID | None = None
    key: Key | None = None

    @property
    def handle(self) -> Handle | None:
        """Its key."""
        return None if self.key is None else Handle("key", self.key)

    def references(self) -> Sequence[Reference]:
        """What it is part of."""
        if self.parent is None:
            return ()
        return [Reference("parent", "organisation", self.parent, above=True)]

    def in_words(self) -> str:
        """What it is, and where it belongs."""
        below = f", part of {self.parent}" if self.parent else ""
        return f"{self.kind} “{self.name}”{below}"
