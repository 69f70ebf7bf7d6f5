"""What a service is."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from catalog.terms import Name, Term
from deskstream.marks import Mark, Sensitivity


class Criticality(StrEnum):
    """How much the business depends on a service."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class ServiceDefinition(Term):
    """What is delivered to customers; agreements for its parent hold for it where it has none."""

    name: Name
    criticality: Criticality
    owner: Annotated[Name | None, Mark(Sensitivity.PERSON)] = None
    parent: UUID | None = None
