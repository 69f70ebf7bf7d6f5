"""What can be asked of a priority matrix."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from catalog.matrices.terms import MatrixDefinition
from deskstream.decider import Occasion


@dataclass(frozen=True, slots=True)
class SetPriorityMatrix:
    """Introduce a customer's matrix, or everyone's."""

    when: Occasion
    definition: MatrixDefinition
    organisations: AbstractSet[UUID] = frozenset()
    effective_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReplacePriorityMatrix:
    """Put other priorities into a matrix from a moment on."""

    when: Occasion
    definition: MatrixDefinition
    effective_from: datetime | None = None


MatrixCommand = SetPriorityMatrix | ReplacePriorityMatrix
