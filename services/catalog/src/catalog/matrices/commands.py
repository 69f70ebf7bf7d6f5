"""What can be asked of a priority matrix."""

from collections.abc import Set as AbstractSet
from uuid import UUID

from catalog.matrices.terms import MatrixDefinition
from deskstream.decider import Command
from deskstream.input import Moment


class SetPriorityMatrix(Command):
    """Introduce a customer's matrix, or everyone's."""

    definition: MatrixDefinition
    organisations: AbstractSet[UUID] = frozenset()
    effective_from: Moment | None = None


class ReplacePriorityMatrix(Command):
    """Put other priorities into a matrix from a moment on."""

    definition: MatrixDefinition
    effective_from: Moment | None = None


MatrixCommand = SetPriorityMatrix | ReplacePriorityMatrix
