"""What a service is."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from catalog.definitions.terms import Definition, Reference
from catalog.terms import Name
from deskstream.marks import Mark, Sensitivity


class Criticality(StrEnum):
    """How much the business depends on a service."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class ServiceDefinition(Definition):
    """What is delivered to customers; agreements for its parent hold for it where it has none."""

    criticality: Criticality
    owner: Annotated[Name | None, Mark(Sensitivity.PERSON)] = None
    parent: UUID | None = None

    def references(self) -> Sequence[Reference]:
        """What it is part of."""
        if self.parent is None:
            return ()
        return [Reference("parent", "service", self.parent, above=True)]

    def in_words(self) -> str:
        """How critical it is, whose, and where it belongs."""
        owned = f", owned by {self.owner}" if self.owner else ""
        below = f", part of {self.parent}" if self.parent else ""
        return f"“{self.name}” of {self.criticality} criticality{owned}{below}"
